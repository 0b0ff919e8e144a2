"""Business hours.  Pure: when so many of them are over, and how many lie between two moments.

Hours are real time: a working day across a change of the clocks is an hour shorter or longer, as it is
for whoever works then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]  # from when to when
ONE_DAY = timedelta(days=1)
LAST_DAY = date(9998, 12, 30)  # beyond it a zone has no times


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk works; a day that closes at 00:00 closes at its end."""

    zone: ZoneInfo
    days: frozenset[int]  # as date.isoweekday counts: Monday is 1
    opens: time
    closes: time
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(1, 8)):
            raise ValueError("A desk works on one to seven days of the week.")
        if self.closes != time(0) and self.closes <= self.opens:
            raise ValueError("A working day ends after it begins.")


def due(hours: Hours, start: datetime, length: timedelta) -> datetime:
    """Return when ``length`` of business hours is over that begins at ``start``, in UTC.

    What begins while nobody works begins when the desk opens next; no length at all is over then, too.
    """
    rest = length
    for opened, closed in _open(hours, start):
        if closed - opened >= rest:
            return opened + rest
        rest -= closed - opened
    raise OverflowError(f"{length} of business hours after {start} lies beyond the calendar")


def due_beside(
    hours: Hours, start: datetime, length: timedelta, pauses: Iterable[Span]
) -> datetime:
    """Return when ``length`` is over where pauses do not count; they do not overlap."""
    end = due(hours, start, length)
    for began, ended in sorted(pauses):
        if start < ended and began < end:
            length += between(hours, max(began, start), ended)
            end = due(hours, start, length)
    return end


def between(hours: Hours, start: datetime, end: datetime) -> timedelta:
    """Return how many business hours lie between two moments; against the clock they are negative."""
    if end < start:
        return -between(hours, end, start)
    found = timedelta()
    for opened, closed in _open(hours, start):
        if opened >= end:
            break
        found += min(closed, end) - opened
    return found


def between_beside(
    hours: Hours, start: datetime, end: datetime, pauses: Iterable[Span]
) -> timedelta:
    """Return how many business hours lie between two moments and in no pause."""
    found = between(hours, start, end)
    for began, ended in pauses:
        first, last = max(began, start), min(ended, end)
        if first < last:
            found -= between(hours, first, last)
    return found


def spoken(length: timedelta) -> str:
    """Say business hours in hours and minutes, for days are not of one length; the sign is left out."""
    hours, minutes = divmod(round(abs(length) / timedelta(minutes=1)), 60)
    parts = [f"{hours:,} h" if hours else "", f"{minutes} min" if minutes or not hours else ""]
    return " ".join(filter(None, parts))


def today(hours: Hours, now: datetime) -> date:
    """Return which day it is where the desk is."""
    return now.astimezone(hours.zone).date()


def opening(hours: Hours, day: date) -> datetime:
    """Return when a day begins at the desk, whether or not anybody works then."""
    return _moment(hours, day, hours.opens)


def _open(hours: Hours, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when to when the desk is open, from ``start`` on; never empty, never twice."""
    reached = start.astimezone(UTC)
    day = today(hours, reached) - ONE_DAY  # where a day was skipped, the one before may reach here
    while day < LAST_DAY:
        if day.isoweekday() in hours.days and day not in hours.holidays:
            opened = max(_moment(hours, day, hours.opens), reached)
            closed = _closing(hours, day)
            if opened < closed:
                yield opened, closed
                reached = closed
        day += ONE_DAY


def _closing(hours: Hours, day: date) -> datetime:
    return _moment(hours, day + ONE_DAY if hours.closes == time(0) else day, hours.closes)


def _moment(hours: Hours, day: date, at: time) -> datetime:
    """Return a local time in UTC; of a time that comes twice the first, of one that is skipped the next."""
    return datetime.combine(day, at, tzinfo=hours.zone).astimezone(UTC)
