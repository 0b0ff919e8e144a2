"""What an id tells about itself: the family that made it and the time it may carry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

_EARLIEST = datetime(2005, 1, 1, tzinfo=UTC)
_LATEST = datetime(2035, 1, 1, tzinfo=UTC)
_GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
_COMB_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMB_TICKS_A_SECOND = 300
_COMB_TICKS_A_DAY = 86_400 * _COMB_TICKS_A_SECOND
_HOUR = timedelta(hours=1)
# Clocks of generators are known to run in UTC+8 and UTC+9; no zone is further than this.
_MOST_HOURS = 14
# Undisturbed pairs in the documentation lie up to four seconds apart.
_CLOSE = timedelta(seconds=5)
_CLOSE_AFTER_SHIFT = timedelta(seconds=30)
_RANDOM_VERSION = 4
_TIME_VERSION = 1
_UNIX_TIME_VERSION = 7
_HINT = "A hint, not a fact."


@dataclass(frozen=True, slots=True)
class IdFamily:
    """The generator an id looks like, its embedded time, and how that fits a known time."""

    family: str
    embedded_at: datetime | None
    agreement: str
    agrees: bool | None = None  # None: there is no other time to compare


def examine(id: UUID, documented: datetime | None = None, *, zoned: bool = True) -> IdFamily:
    """Return what ``id`` looks like; ``documented`` is the time told beside it, if any.

    Where that was written without a zone (``zoned``), it may be off by whole hours itself.
    """
    for family, read in _READERS:
        moment = read(id)
        if moment is not None:
            agrees, words = _agreement(family, moment, documented, zoned=zoned)
            return IdFamily(family, moment, words, agrees)
    if id.variant == RFC_4122 and id.version == _RANDOM_VERSION:
        return IdFamily("random", None, "A random id. It carries no time.")
    return IdFamily("none", None, "This id fits no known generator. It carries no readable time.")


def _seq_v1(id: UUID) -> datetime | None:
    """Read a version 1 UUID that SQL Server wrote with its first three groups reversed."""
    return _v1(UUID(bytes=id.bytes_le))


def _v1(id: UUID) -> datetime | None:
    if id.variant != RFC_4122 or id.version != _TIME_VERSION:
        return None
    return _plausible(_GREGORIAN, timedelta(microseconds=id.time // 10))


def _v7(id: UUID) -> datetime | None:
    if id.variant != RFC_4122 or id.version != _UNIX_TIME_VERSION:
        return None
    return _plausible(_UNIX_EPOCH, timedelta(milliseconds=id.int >> 80))


def _comb(id: UUID) -> datetime | None:
    """Read the last six bytes: days since 1900, then three-hundredths of a second."""
    if id.variant != RFC_4122 or id.version != _RANDOM_VERSION:
        return None
    days, ticks = id.node >> 32, id.node & 0xFFFFFFFF
    if ticks >= _COMB_TICKS_A_DAY:
        return None
    microseconds = ticks * 1_000_000 // _COMB_TICKS_A_SECOND
    return _plausible(_COMB_EPOCH, timedelta(days=days, microseconds=microseconds))


_READERS: tuple[tuple[str, Callable[[UUID], datetime | None]], ...] = (
    ("v1", _v1),
    ("seq-v1", _seq_v1),
    ("v7", _v7),
    ("comb", _comb),
)


def _plausible(epoch: datetime, age: timedelta) -> datetime | None:
    """Return the moment if it falls in the years these ids were made, whatever the bits say."""
    if _EARLIEST - epoch <= age < _LATEST - epoch:
        return epoch + age
    return None


def _agreement(
    family: str, embedded: datetime, documented: datetime | None, *, zoned: bool
) -> tuple[bool | None, str]:
    if documented is None:
        return None, f"The id carries a time, and there is no other time to compare. {_HINT}"
    gap = embedded - documented
    if abs(gap) <= _CLOSE:
        return True, f"The time in the id agrees with the event ({_seconds(gap)}). {_HINT}"
    hours = round(gap / _HOUR)
    if (family == "comb" or not zoned) and _is_a_shift(gap, hours):
        return True, f"The time in the id agrees with the event if {_shift(hours, zoned)}. {_HINT}"
    side = "after" if gap > timedelta(0) else "before"
    return False, f"The time in the id lies {_length(abs(gap))} {side} the event. {_HINT}"


def _shift(hours: int, zoned: bool) -> str:
    """Say whose clock would be how far from UTC: that of the id, or the one that told the time."""
    shift = _counted(abs(hours), "hour")
    if zoned:
        return f"its clock is {shift} {'ahead of' if hours > 0 else 'behind'} UTC"
    return f"the time beside it was told by a clock {shift} {'behind' if hours > 0 else 'ahead of'} UTC"


def _is_a_shift(gap: timedelta, hours: int) -> bool:
    return 0 < abs(hours) <= _MOST_HOURS and abs(gap - hours * _HOUR) <= _CLOSE_AFTER_SHIFT


def _seconds(gap: timedelta) -> str:
    side = "later" if gap > timedelta(0) else "earlier"
    return f"{abs(gap).total_seconds():.3f} s {side}"


def _length(gap: timedelta) -> str:
    """Round to the largest unit that fits twice."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if gap.total_seconds() >= 2 * size:
            return _counted(round(gap.total_seconds() / size), unit)
    return _counted(round(gap.total_seconds()), "second")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
