"""Payloads of 8x8: bytes in, frozen records out. Plain Python, without Django."""

from support_portal.payloads.parse import parse
from support_portal.payloads.records import (
    AccountEvent,
    ApiError,
    BadPart,
    Fact,
    Happening,
    Ignored,
    Item,
    Party,
    Receipt,
    Record,
    SendAnswer,
    Unrecognised,
)
from support_portal.payloads.split import split

__all__ = [
    "AccountEvent",
    "ApiError",
    "BadPart",
    "Fact",
    "Happening",
    "Ignored",
    "Item",
    "Party",
    "Receipt",
    "Record",
    "SendAnswer",
    "Unrecognised",
    "parse",
    "split",
]
