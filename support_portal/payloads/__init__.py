"""Payloads of 8x8: bytes in, frozen records out. Plain Python, without Django."""

from support_portal.payloads.parse import parse
from support_portal.payloads.records import (
    ApiError,
    BadPart,
    Fact,
    Ignored,
    Item,
    Party,
    Receipt,
    Record,
    Unrecognised,
)
from support_portal.payloads.split import split

__all__ = [
    "ApiError",
    "BadPart",
    "Fact",
    "Ignored",
    "Item",
    "Party",
    "Receipt",
    "Record",
    "Unrecognised",
    "parse",
    "split",
]
