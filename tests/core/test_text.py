"""Text that people type, as it is kept."""

import pytest

from support_portal.core.text import kept


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (" a\r\nb \n", "a\nb"),
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),  # as JSON may spell them
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_what_no_database_holds_is_replaced(typed: str, text: str) -> None:
    assert kept(typed) == text
    assert kept(typed).encode()
