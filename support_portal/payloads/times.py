"""The times of the payloads: ISO 8601 with zero to nine decimals, read as UTC."""

import re
from datetime import UTC, datetime

# datetime.fromisoformat alone accepts far more: week dates, bare dates, any separator.
_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2}| UTC)?"
)
_EXPORTED = " UTC"  # how the log export writes when a message was read
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def parse_time(text: str) -> datetime:
    """Return the moment in UTC, cut to microseconds; a time without a zone is UTC."""
    if not _SHAPE.fullmatch(text):
        raise ValueError("not a time of the form 2026-07-20T09:31:07.12Z")
    return checked(_in_utc(datetime.fromisoformat(text.removesuffix(_EXPORTED))))


def checked(moment: datetime) -> datetime:
    """Return ``moment``, or raise ValueError when it lies outside the years we believe."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"the year is outside {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time leaves the calendar when it is moved to UTC") from error
