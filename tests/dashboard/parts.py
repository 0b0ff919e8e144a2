"""Parts of a page, for tests that look at one of them."""

import re

from tests.dashboard.reading import words


def part(html: str, pattern: str) -> str:
    """Return the first match of ``pattern``: its group, or all of it; "" without a match."""
    found = re.search(pattern, html, re.DOTALL)
    if found is None:
        return ""
    return found[1] if found.re.groups else found[0]


def said(html: str, pattern: str) -> str:
    """Return the text of a part."""
    return words(part(html, pattern))
