"""What is usual at an hour of the week: how many there were in the same hour of the weeks before.

Weeks are told apart by their traffic: of what lies before the first of it nothing is known, and a
few stray records do not make a week.  With fewer than LEAST_WEEKS nothing is said to be usual.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from django.db.models import Sum

from support_portal.events.models import allowed
from support_portal.events.tally import minute
from support_portal.insights import asking
from support_portal.insights.asking import Question
from support_portal.insights.composing import Asking
from support_portal.insights.models import Grain, Kind, Volume

HOUR = Grain.HOUR.value
WEEK = 7 * Grain.DAY.value  # minutes
WEEKS = 6
LEAST_WEEKS = 2
STRAY = 0.1  # of the usual traffic: less than that was not heard, it strayed in
MEANT = 3.3  # standard deviations that chance reaches once in two thousand times
KEPT_FOR = 10.0  # seconds for which the weeks before are not asked for again
MOST_KEPT = 256

T = TypeVar("T")


class Tally(NamedTuple):
    """What an hour had: records that were asked about, messages, and records of any kind."""

    chosen: int = 0
    messages: int = 0
    everything: int = 0


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in one hour; None where it is not known."""

    chosen: float | None
    messages: float | None


@dataclass(frozen=True, slots=True)
class Past:
    """The same hours of the weeks before, by hour and by how many weeks ago."""

    weeks: int  # that are known
    hours: Mapping[int, Usual]

    @property
    def known(self) -> bool:
        """Tell whether anything can be said to be usual."""
        return self.weeks >= LEAST_WEEKS

    def chosen(self, begin: int, end: int) -> float | None:
        """Return how many are usual in minutes ``begin`` <= minute < ``end``."""
        return self._between(begin, end, [hour.chosen for hour in self.hours.values()])

    def messages(self, begin: int, end: int) -> float | None:
        """Return how many messages are usual in minutes ``begin`` <= minute < ``end``."""
        return self._between(begin, end, [hour.messages for hour in self.hours.values()])

    def _between(self, begin: int, end: int, rates: Sequence[float | None]) -> float | None:
        if not self.known:
            return None
        found = 0.0
        for hour, rate in zip(self.hours, rates, strict=True):
            shared = min(end, hour + HOUR) - max(begin, hour)
            found += max(0, shared) / HOUR * (rate or 0.0)
        return found


class Kept(Generic[T]):
    """The newest answers by their questions, for some seconds; at most MOST_KEPT of them.

    What is too old goes when the next answer comes.  ``answers`` is replaced and never changed, for
    the threads of a web server share it.
    """

    def __init__(self, seconds: float = KEPT_FOR) -> None:
        self.seconds = seconds
        self.answers: dict[object, tuple[float, T]] = {}

    def get(self, key: object, ask: Callable[[], T]) -> T:
        """Return the answer to ``key``, asking when there is none young enough."""
        now = monotonic()
        found = self.answers.get(key)
        if found and now - found[0] < self.seconds:
            return found[1]
        answer = ask()
        young = {each: one for each, one in self.answers.items() if now - one[0] < self.seconds}
        self.answers = (young if len(young) < MOST_KEPT else {}) | {key: (now, answer)}
        return answer

    def forget(self) -> None:
        """Ask again next time."""
        self.answers = {}


kept: Kept[Past] = Kept()


def past(question: Question) -> Past:
    """Return what is usual in the hours of the question, for its choices and its reader."""
    first = minute(question.begin) // HOUR * HOUR
    hours = range(first, minute(question.end) + HOUR, HOUR)
    seen = allowed(question.reader)
    chosen = tuple(sorted((name, tuple(each)) for name, each in question.chosen.items()))
    readings = tuple(map(repr, question.readings))
    key = (question.kind, hours, chosen, readings, seen if seen is None else tuple(sorted(seen)))
    return kept.get(key, lambda: _past(question, hours))


_by_hour = Asking(
    lambda question, buckets: (
        Volume.objects.filter(grain=HOUR, bucket__in=buckets)
        .values_list("bucket")
        .annotate(
            chosen=Sum("count", default=0, filter=asking.picked(question)),
            messages=Sum("count", default=0, filter=asking.picked(_messages(question))),
            everything=Sum("count", default=0, filter=asking.seen(question.reader)),
        )
    )
)


def _messages(question: Question) -> Question:
    return replace(question, kind=Kind.MESSAGE, chosen={}, readings=())


def _past(question: Question, hours: Sequence[int]) -> Past:
    agos = range(1, WEEKS + 1)
    buckets = {hour - ago * WEEK: (hour, ago) for hour in hours for ago in agos}
    rows = _by_hour(question, list(buckets))
    found = {buckets[bucket]: Tally(*tallies) for bucket, *tallies in rows}
    traffic = {
        ago: sum(found.get((hour, ago), Tally()).everything for hour in hours) for ago in agos
    }
    weeks = known_weeks(traffic)
    return Past(weeks, {hour: _usual(found, hour, weeks) for hour in hours})


def _usual(found: Mapping[tuple[int, int], Tally], hour: int, weeks: int) -> Usual:
    if weeks < LEAST_WEEKS:
        return Usual(None, None)
    tallies = [found.get((hour, ago), Tally()) for ago in range(1, weeks + 1)]
    return Usual(median(each.chosen for each in tallies), median(each.messages for each in tallies))


def known_weeks(traffic: Mapping[int, int]) -> int:
    """Return how many of the last weeks are known, given the traffic of each by how long ago it was."""
    heard = [number for number in traffic.values() if number]
    if not heard:
        return 0
    least = median(heard) * STRAY
    return max(ago for ago, number in traffic.items() if number >= least)


def is_unusual(number: float, usual: float, least: int = 3) -> bool:
    """Tell whether chance hardly explains ``number`` where ``usual`` are usual."""
    return number >= least and number > usual + MEANT * usual**0.5 + 1
