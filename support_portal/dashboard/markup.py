"""Drawing by the hundred; and the one place where a text becomes markup.

``format_html`` asks of every argument whether it is a lazy text and goes through a wrapper to escape
it; rows hold no lazy texts, and this takes a third of its time.
"""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString


def draw(template: str, *parts: object) -> SafeString:
    """Return ``template``, which is ours, with each part put in; what is not markup is escaped."""
    return SafeString(template.format(*map(_escaped, parts)))


def joined(parts: Iterable[object], between: str = "") -> SafeString:
    """Return the parts one after another with ``between``, which is ours; see ``draw``."""
    return SafeString(between.join(map(_escaped, parts)))


def attribute(name: str, value: object) -> SafeString:
    """Return an attribute with a space before it, or nothing without a value."""
    return draw(' {}="{}"', name, value) if value else draw("")


def _escaped(part: object) -> str:
    return part if isinstance(part, SafeString) else escape(str(part))
