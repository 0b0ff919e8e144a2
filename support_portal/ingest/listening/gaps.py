"""The time between stretches of time: plain arithmetic, no database."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime]


def gaps(stretches: Iterable[Stretch], *, longer_than: timedelta) -> list[Stretch]:
    """Return the gaps between ``stretches`` that exceed ``longer_than``, oldest first.

    Stretches may overlap and come in any order.  Before the first and after the last there is no
    gap: nobody knows about the time before, and the time after is not over.
    """
    found: list[Stretch] = []
    covered: datetime | None = None
    for began, ended in sorted(stretches):
        if covered is not None and began - covered > longer_than:
            found.append((covered, began))
        covered = ended if covered is None else max(covered, ended)
    return found


def overlap(one: Stretch, other: Stretch) -> timedelta:
    """Return how long both last at the same time."""
    return max(timedelta(), min(one[1], other[1]) - max(one[0], other[0]))
