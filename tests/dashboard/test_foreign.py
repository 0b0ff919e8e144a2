"""Showing bytes that came from outside."""

import pytest

from support_portal.dashboard import foreign


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"call +12025550123 now", "call +•••••••0123 now"),
        (b"call +63 917 555 0123 now", "call +•• ••• ••• 0123 now"),
        (b"1234567", "1234567"),
        (b"123456789", "•••••6789"),
        (b"id 1cc1eda1-f5dd-ea11-8288-026319512345", "id 1cc1eda1-f5dd-ea11-8288-026319512345"),
        (b"2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
        (b"\xff\x00\x1b[31m", "\\xff\\x00\\x1b[31m"),
        ("\u202eمرحبا".encode(), "\\u202eمرحبا"),
        (b"", ""),
    ],
)
def test_foreign_bytes_are_shown_masked_and_visible(body: bytes, shown: str) -> None:
    assert foreign.shown(body) == shown


@pytest.mark.parametrize("before", range(4080, 4097))
def test_a_number_that_the_limit_cuts_is_masked_all_the_same(before: int) -> None:
    text = foreign.shown(b"x" * before + b"+12025550123" + b"y" * 100)

    assert text == ("x" * before + "+•••••••0123" + "y" * 100)[:4096] + "…"
