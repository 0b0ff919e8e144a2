"""A scale of time: the same everywhere, with gaps that would leave no room for the rest cut out.

A log scale would make it impossible to compare two lengths by eye.  Here they compare wherever they
stand, and what is left out says how long it is.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.utils import timezone

CUT_WIDTH = 80.0  # its length is written into it
MOST_CUTS = 4
# A gap is cut when it is so many times as long as everything else that is drawn.
TOO_LONG = 4
NEVER_CUT = timedelta(seconds=10)
NARROWEST = timedelta(seconds=1)  # across the whole width: nobody compares less
BETWEEN_TICKS = 104.0
_STEPS = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10_800, 21_600, 43_200),
    *(86_400 * days for days in (1, 2, 5, 10, 30, 90, 365, 1825, 3650, 36_500)),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part that is drawn to scale."""

    began: datetime
    ended: datetime
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Cut:
    """A gap that is left out."""

    middle: float
    length: timedelta


class Scale:
    """Where moments stand between ``left`` and ``right``."""

    def __init__(self, moments: Iterable[datetime], left: float, right: float) -> None:
        known = sorted(set(moments))
        parts = _parts(known, _cuts(known))
        shown = sum((ended - began for began, ended in parts), timedelta())
        room = right - left - CUT_WIDTH * (len(parts) - 1)
        self.second = room / max(shown, NARROWEST).total_seconds()  # its width
        self.stretches = tuple(self._stretches(parts, left))
        self.cuts = tuple(
            Cut((one.right + other.left) / 2, other.began - one.ended)
            for one, other in pairwise(self.stretches)
        )

    def x(self, moment: datetime) -> float:
        """Return the place of a moment; what lies in a cut stands at its edge."""
        place = bisect_right(self.stretches, moment, key=lambda stretch: stretch.began)
        stretch = self.stretches[max(place - 1, 0)]
        inside = (moment - stretch.began).total_seconds() * self.second
        return round(min(max(stretch.left + inside, stretch.left), stretch.right), 1)

    @property
    def step(self) -> float:
        """Return how many seconds ticks are apart: a round number that leaves room for their words."""
        fitting = (step for step in _STEPS if step * self.second >= BETWEEN_TICKS)
        return float(next(fitting, _STEPS[-1]))

    def round_times(self) -> Iterator[datetime]:
        """Yield the moments for ticks: times that are round on the clock of the reader's zone."""
        for stretch in self.stretches:
            yield from _round_times(stretch, self.step)

    def _stretches(
        self, parts: Sequence[tuple[datetime, datetime]], left: float
    ) -> Iterator[Stretch]:
        for began, ended in parts:
            right = left + (ended - began).total_seconds() * self.second
            yield Stretch(began, ended, left, right)
            left = right + CUT_WIDTH


def _cuts(known: Sequence[datetime]) -> frozenset[int]:
    """Return behind which moments the line is cut, the longest gaps first."""
    gaps = sorted(
        ((later - one, n) for n, (one, later) in enumerate(pairwise(known))), reverse=True
    )
    rest = sum((length for length, _ in gaps), timedelta())
    cut = set()
    for length, place in gaps[:MOST_CUTS]:
        rest -= length
        if length < NEVER_CUT or not rest or length < rest * TOO_LONG:
            break
        cut.add(place)
    return frozenset(cut)


def _parts(known: Sequence[datetime], cuts: frozenset[int]) -> list[tuple[datetime, datetime]]:
    began, parts = known[0], []
    for place in sorted(cuts):
        parts.append((began, known[place]))
        began = known[place + 1]
    return [*parts, (began, known[-1])]


def _round_times(stretch: Stretch, step: float) -> Iterator[datetime]:
    offset = (timezone.localtime(stretch.began).utcoffset() or timedelta()).total_seconds()
    number = (stretch.began.timestamp() + offset) // step + 1
    last = stretch.ended.timestamp() + offset
    while number * step <= last:
        yield datetime.fromtimestamp(number * step - offset, UTC)
        number += 1
