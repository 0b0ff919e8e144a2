"""The last 24 hours against the usual: failures by hour, and what moved most.

Hours that are over are kept in the process with those of the weeks before, so a page asks for the
newest ones alone.  What is kept is told apart by sub-account, and each reader adds up their own.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from time import monotonic
from typing import NamedTuple

from django.db.models import F, Q, Sum

from support_portal.events.models import Reader, allowed
from support_portal.events.states import FAILURES
from support_portal.events.tally import minute
from support_portal.insights import usual
from support_portal.insights.asking import moment
from support_portal.insights.models import Grain, Kind, Volume

HOUR = Grain.HOUR.value
HOURS = 24
FRESH = 2  # hours that still grow
FRESH_FOR = 10.0  # seconds
KEPT_FOR = 1800.0  # seconds: what comes late is seen after that
MOVERS = 5
MUCH = 1.5  # times the usual


class Failing(NamedTuple):
    """What failures are told apart by."""

    kind: str
    registry: str
    code: int | None
    channel: str
    sub_account: str


Admits = Callable[[Failing], bool]
Hour = Mapping[Failing, tuple[int, ...]]  # this week's, then those of the weeks before


class Remembered:
    """Hours that are over, as this process has read them.

    ``hours`` and ``asked`` are replaced and never changed: the threads of a web server share them.
    """

    def __init__(self) -> None:
        self.hours: dict[int, tuple[float, Hour]] = {}
        self.asked: dict[int, float] = {}  # when this week's counts were asked for

    def forget(self) -> None:
        """Read them again next time."""
        self.hours, self.asked = {}, {}

    def read(self, hours: Sequence[int]) -> dict[int, Hour]:
        """Return the hours, asking in one question for those that are new, fresh or too old.

        Of hours that are fresh this week's counts are asked for, and those not twice in ten seconds.
        """
        now, asked = monotonic(), self.asked
        known = {
            hour: kept
            for hour, kept in self.hours.items()
            if hour in hours and now - kept[0] <= KEPT_FOR
        }
        old = [hour for hour in hours if hour not in known]
        fresh = [
            hour
            for hour in hours[-FRESH:]
            if hour in known and now - asked.get(hour, -KEPT_FOR) > FRESH_FOR
        ]
        if old or fresh:
            for hour, found in _asked(old, fresh).items():
                if hour in known:
                    since, before = known[hour]
                    known[hour] = (since, _renewed(before, found))
                else:
                    known[hour] = (now, found)
            newest = dict.fromkeys((*old, *fresh), now)
            self.hours = known
            self.asked = {hour: at for hour, at in asked.items() if hour in known} | newest
        return {hour: known[hour][1] for hour in hours}


def _renewed(before: Hour, found: Hour) -> Hour:
    """Return an hour with this week's counts as found, and those of the weeks before as they were."""
    none = (0,) * (usual.WEEKS + 1)
    return {
        key: (found.get(key, none)[0], *before.get(key, none)[1:])
        for key in before.keys() | found.keys()
    }


remembered = Remembered()


@dataclass(frozen=True, slots=True)
class Line:
    """Failures of one sort, hour by hour; the last hour is not over yet."""

    numbers: tuple[int, ...]
    usual: tuple[float, ...]  # of as much of each hour as is over; empty: not known

    @property
    def number(self) -> int:
        """Return how many there were."""
        return sum(self.numbers)

    @property
    def usually(self) -> float | None:
        """Return how many are usual."""
        return sum(self.usual) if self.usual else None

    @property
    def factor(self) -> float | None:
        """Return how many times the usual; None where that says nothing."""
        return self.number / self.usually if self.usually and self.usually >= 1 else None

    @property
    def moved(self) -> bool:
        """Tell whether there are more than usual, by much and by more than chance."""
        expected = self.usually
        return (
            expected is not None
            and self.number > MUCH * expected
            and usual.is_unusual(self.number, expected)
        )


class Mover(NamedTuple):
    """A code of which there are more than usual."""

    kind: str
    registry: str
    code: int | None
    line: Line


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours, as far as a reader may know of them."""

    begin: datetime
    weeks: int  # that are known
    past: float  # how much of the last hour is over
    hours: Sequence[Hour]

    def line(self, admits: Admits) -> Line:
        """Return the failures that are admitted."""
        sums = [_added(hour, admits) for hour in self.hours]
        numbers = tuple(each[0] for each in sums)
        if self.weeks < usual.LEAST_WEEKS:
            return Line(numbers, ())
        usually = [float(median(each[1 : self.weeks + 1])) for each in sums]
        return Line(numbers, (*usually[:-1], usually[-1] * self.past))

    def movers(self) -> list[Mover]:
        """Return the codes that moved most, by how many there are too many."""
        by_code: dict[tuple[str, str, int], list[dict[Failing, tuple[int, ...]]]] = {}
        for place, hour in enumerate(self.hours):
            for key, numbers in hour.items():
                if key.code is not None:
                    code = (key.kind, key.registry, key.code)
                    hours = by_code.setdefault(code, [{} for _ in self.hours])
                    hours[place][key] = numbers
        found = [
            Mover(*code, Day(self.begin, self.weeks, self.past, hours).line(_any))
            for code, hours in by_code.items()
        ]
        moved = [mover for mover in found if mover.line.moved]
        moved.sort(key=lambda each: (each.line.usually or 0) - each.line.number)
        return moved[:MOVERS]


def _any(key: Failing) -> bool:
    return True


def day(reader: Reader, now: datetime) -> Day:
    """Return the last 24 hours; one question."""
    last = minute(now) // HOUR * HOUR
    hours = range(last - (HOURS - 1) * HOUR, last + HOUR, HOUR)
    seen = allowed(reader)
    found = [
        {key: numbers for key, numbers in hour.items() if seen is None or key.sub_account in seen}
        for hour in remembered.read(hours).values()
    ]
    traffic = {
        ago: sum(numbers[ago] for hour in found for numbers in hour.values())
        for ago in range(1, usual.WEEKS + 1)
    }
    past = (minute(now) + 1 - last) / HOUR
    return Day(moment(hours[0]), usual.known_weeks(traffic), past, found)


def _added(hour: Hour, admits: Admits) -> list[int]:
    sums = [0] * (usual.WEEKS + 1)
    for key, numbers in hour.items():
        if admits(key):
            sums = [one + two for one, two in zip(sums, numbers, strict=True)]
    return sums


def _asked(whole: Sequence[int], fresh: Sequence[int]) -> dict[int, Hour]:
    """Return hours with all weeks, and others with this week's counts alone."""
    hours = [*whole, *fresh]
    buckets = {hour: (hour, 0) for hour in fresh}
    for hour in whole:
        buckets |= {hour - ago * usual.WEEK: (hour, ago) for ago in range(usual.WEEKS + 1)}
    failing = Q(combination__kind=Kind.ERROR) | Q(combination__state__in=FAILURES)
    rows = (
        Volume.objects.filter(grain=HOUR, bucket__in=list(buckets))
        .filter(failing)
        .values_list("bucket", *(f"combination__{name}" for name in Failing._fields))
        .annotate(total=Sum(F("count")))
    )
    found: dict[int, defaultdict[Failing, Counter[int]]] = {
        hour: defaultdict(Counter) for hour in hours
    }
    for bucket, *values, total in rows:
        hour, ago = buckets[bucket]
        found[hour][Failing(*values)][ago] += total
    return {
        hour: {
            key: tuple(agos[ago] for ago in range(usual.WEEKS + 1)) for key, agos in keys.items()
        }
        for hour, keys in found.items()
    }
