"""What may be typed as the value of a filter, read into what it means.

A reader of values takes one word and returns what it means, or raises Refused with a sentence for
whoever typed it.  What it returns is written with ``str``, which reads as the same value again.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from django.utils import timezone

from support_portal.events.words import words

LONGEST = 100  # of a word
_CODE = re.compile(r"-?[0-9]{1,10}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CLASS = re.compile(r"([1-5])xx", re.IGNORECASE)
_KEY = re.compile(r"-?[0-9]{1,19}")
_SEPARATORS = re.compile(r"[\s,;]+")
_UNREADABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LENGTH = re.compile(r"([0-9]{1,4})(min|m|h|d|w)", re.IGNORECASE)
_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DAYS = {"today": 0, "yesterday": 1}
_INTEGERS = range(-(2**31), 2**31)
_KEYS = range(-(2**63), 2**63)
_YEARS = range(2000, 2101)


class Refused(ValueError):
    """What was typed means nothing here; the text says why and what to write instead."""


class Span(NamedTuple):
    """Whole numbers from one to another, both included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


Value: TypeAlias = str | int | Span


def in_order(found: Iterable[Value]) -> tuple[Value, ...]:
    """Return values, each once, in the order in which addresses and lines have them."""
    return tuple(sorted(dict.fromkeys(found), key=_place))


def _place(value: Value) -> tuple[int, int, str]:
    if isinstance(value, str):
        return 0, 0, value
    return (value.first, value.last, "") if isinstance(value, Span) else (value, value, "")


def cut(text: str) -> str:
    """Return the beginning of what was typed, short enough for a sentence."""
    return text if len(text) <= 30 else text[:29] + "…"


def parts(text: str) -> list[str]:
    """Return the words of a list that is parted by commas or spaces, each once."""
    return list(dict.fromkeys(word for word in _SEPARATORS.split(text) if word))


def code(text: str) -> int | Span:
    """Return a code, or a range of codes: 1300, 1300..1399."""
    return _span(text, "is not a code. Write whole numbers, for example 1300, 1002.")


def http_status(text: str) -> int | Span:
    """Return an HTTP status or a class of them: 404, 4xx, 500..504."""
    if said := _CLASS.fullmatch(text):
        return Span(int(said[1]) * 100, int(said[1]) * 100 + 99)
    return _span(text, "is not an HTTP status. Write for example 404, 4xx.")


def _span(text: str, otherwise: str) -> int | Span:
    """Return a whole number, or a range of them; ``otherwise`` is said of anything else."""
    begin, dots, end = text.partition("..")
    first = _number(begin)
    last = _number(end) if dots else first
    if first is None or last is None:
        raise Refused(f"“{cut(text)}” {otherwise}")
    if last < first:
        raise Refused(f"“{cut(text)}” ends before it begins.")
    return first if first == last else Span(first, last)


def _number(word: str) -> int | None:
    return int(word) if _CODE.fullmatch(word) and int(word) in _INTEGERS else None


def group(text: str) -> int:
    """Return the key of a group of errors."""
    if not _KEY.fullmatch(text) or int(text) not in _KEYS:
        raise Refused(f"“{cut(text)}” is not a group. Groups are chosen on the page of an error.")
    return int(text)


def country(text: str) -> str:
    """Return a country by its two letters, in capitals."""
    if not _COUNTRY.fullmatch(text.upper()):
        raise Refused(f"“{cut(text)}” is not a country. Write two letters, for example PH, SG.")
    return text.upper()


def word(text: str) -> str:
    """Return any short word: 8x8 may send what no list of ours knows."""
    if not text or len(text) > LONGEST or _UNREADABLE.search(text):
        raise Refused("This cannot be looked for: it is too long or holds a character of no word.")
    return text


def phrase(text: str) -> str:
    """Return words to look for in texts."""
    read = word(text)
    if not words(read):
        raise Refused(
            f"“{cut(text)}” holds no word to look for. Numbers are not looked for in texts: "
            "write code:1300 for a code, and paste ids and phone numbers above."
        )
    return read


def moment(text: str) -> datetime:
    """Return the moment in UTC: ISO 8601, where there is no zone in that of the reader."""
    try:
        read = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
        aware = timezone.make_aware(read) if read.tzinfo is None else read
        at = aware.astimezone(UTC)
        if at.year not in _YEARS:  # in UTC, which is how it is written and read again
            raise ValueError
        return at
    except (ValueError, OverflowError):
        raise Refused(
            f"“{cut(text)}” is not a time. Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z."
        ) from None


def relative(text: str, now: datetime) -> datetime | None:
    """Return the moment that is so long before ``now``: 2h, 30min, 7d; None where it is no length.

    "today" and "yesterday" are when the day began where the reader is.
    """
    if text.lower() in _DAYS:
        today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        return (today - timedelta(days=_DAYS[text.lower()])).astimezone(UTC)
    if not (said := _LENGTH.fullmatch(text)):
        return None
    begin = now.replace(microsecond=0) - int(said[1]) * _UNITS[said[2].lower()]
    if begin.year not in _YEARS:
        raise Refused(f"“{cut(text)}” is too long ago.")
    return begin


def written(at: datetime) -> str:
    """Return a moment as addresses and lines have it: in UTC."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
