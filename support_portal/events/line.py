"""One line of time for whatever belongs to a message or an error, as plain data.

Receipts, errors and answers are known here; comments and the times in which we did not listen come
from rooms above.  So a point carries what its maker has to say about it, and here it gets its place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Generic, TypeVar

Said = TypeVar("Said")


class Kind(IntEnum):
    """What happened, in the order in which it can have happened at one moment."""

    ACCOUNT_EVENT = 1
    DEAF = 2
    REQUEST = 3
    ERROR = 4
    RECEIPT = 5
    HAPPENING = 6
    COMMENT = 7

    @property
    def is_step(self) -> bool:
        """Tell whether it is part of the way of the message: the time since the last counts from it."""
        return self in _STEPS


_STEPS = frozenset({Kind.REQUEST, Kind.ERROR, Kind.RECEIPT, Kind.HAPPENING})


@dataclass(frozen=True, slots=True)
class Point(Generic[Said]):
    """Something that happened."""

    kind: Kind
    at: datetime
    said: Said
    key: str = ""  # tells apart what happened at one moment, so that arrival plays no part
    lane: int = 0  # of a receipt: which channel step, from 1
    until: datetime | None = None  # of what lasts
    received_at: datetime | None = None  # by our clock
    came: int = 1


@dataclass(frozen=True, slots=True)
class Placed(Generic[Said]):
    """A point in its place."""

    point: Point[Said]
    since_last: timedelta | None  # since the step before it, whatever its lane


def line(points: Iterable[Point[Said]]) -> list[Placed[Said]]:
    """Return the points by event time; receipts of one moment keep the order of their lanes."""
    return list(_placed(sorted(points, key=_place)))


def _place(point: Point[Said]) -> tuple[datetime, Kind, int, str]:
    return point.at, point.kind, point.lane, point.key


def _placed(ordered: Iterable[Point[Said]]) -> Iterator[Placed[Said]]:
    before: datetime | None = None
    for point in ordered:
        counts = before is not None and point.kind is not Kind.DEAF
        yield Placed(point, point.at - before if before and counts else None)
        if point.kind.is_step:
            before = point.at
