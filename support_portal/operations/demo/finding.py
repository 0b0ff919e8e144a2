"""Looking for the planted incidents as if the portal had listened when they happened."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from support_portal.insights.detecting import detect
from support_portal.operations.demo import clock
from support_portal.operations.demo.world import world

STEP = timedelta(minutes=1)
BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=14)  # until it is seen to have ended
KEPT = timedelta(days=2)  # older minutes are not told apart for long


def find_incidents(end: datetime, look: Callable[[datetime], None] = detect) -> None:
    """Run the detector through the minutes around everything unusual of the last two days."""
    for moment in sorted(set(_moments(end))):
        look(moment)


def _moments(end: datetime) -> Iterator[datetime]:
    for begin, length in _planted(end):
        if begin < end - KEPT:
            continue
        moment = begin.replace(second=30, microsecond=0) - BEFORE
        while moment < min(begin + length + AFTER, end):
            yield moment
            moment += STEP


def _planted(end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    """Yield when each began and how long it was."""
    shape, now = world(), end.timestamp()
    outage = shape.incident
    start = clock.incident_start(outage, now)
    yield datetime.fromtimestamp(start, UTC), timedelta(minutes=outage.minutes)
    for burst in shape.bursts:
        began = end - timedelta(hours=burst.hours_ago)
        yield began, timedelta(minutes=burst.minutes)
