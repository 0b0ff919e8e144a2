"""Is it only me?  How many failures of one kind there are around a moment, where, and how unusual.

The moment belongs to a *run* when the counts around it are beyond what chance explains: then the
run is what is told about, from its first minute to its last.  Otherwise it is the hour around it.
Three questions to the counts; that about the weeks before is kept for ten seconds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum

from support_portal.events.tally import minute
from support_portal.insights import asking, counting, usual
from support_portal.insights.asking import Cover, Question, Stretch, moment
from support_portal.insights.combinations import ANY_COUNTRY
from support_portal.insights.composing import Asking
from support_portal.insights.models import ANY, LEAST_USUAL, Grain, Kind, Volume
from support_portal.insights.usual import Past

HOUR = Grain.HOUR.value
ENOUGH = 3  # failures that a place would have had, had it been like the others: then it is spared
PLACES = ("sub_account", "channel", "country")
NAMELESS = frozenset({"", ANY, ANY_COUNTRY})


class View(NamedTuple):
    """How wide a bin is and how much is seen around the moment; all in minutes."""

    bin: int
    before: int
    after: int


FINE = View(5, 90, 45)
COARSE = View(HOUR, 4 * HOUR, 2 * HOUR)  # where minutes are forgotten


class Bin(NamedTuple):
    """How many there were in a stretch of time, and how many are usual (None: not known)."""

    begin: datetime
    number: int
    usual: float | None


class Place(NamedTuple):
    """What one sub-account, channel or country had: failures asked about, and messages."""

    failures: int = 0
    messages: int = 0
    others: int = 0  # records that are neither


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the failures are, by one trait."""

    touched: Mapping[str, Place] = field(default_factory=dict)  # most failures first
    spared: tuple[str, ...] = ()  # with enough traffic to have them, and none; the busiest first
    active: int = 0  # how many had any traffic


@dataclass(frozen=True, slots=True)
class Alone:
    """The answer.  Numbers are those of what the reader may see."""

    begin: datetime
    end: datetime
    number: int
    usual: float | None  # in the same stretch; None: not known
    weeks: int  # that are known
    is_run: bool
    goes_on: bool
    from_before: bool  # the run began before what was looked at
    by_minutes: bool  # its ends are known to the minute
    exact: bool  # False: some failures may be counted under combinations that stand for several
    bins: tuple[Bin, ...]
    messages: int  # of everything that had traffic
    usual_messages: float | None
    spreads: Mapping[str, Spread]  # by PLACES

    @property
    def factor(self) -> float | None:
        """Return how many times the usual; None when that is not known or usually there are none."""
        return self.number / self.usual if self.usual and self.usual >= LEAST_USUAL else None

    @property
    def touched_messages(self) -> int:
        """Return the messages of the sub-accounts that have failures."""
        return sum(place.messages for place in self.spreads["sub_account"].touched.values())


@dataclass(frozen=True, slots=True)
class _Run:
    begin: int
    end: int
    found: bool = False


def look(question: Question, at: datetime, now: datetime) -> Alone:
    """Answer for what ``question`` chooses around ``at``; its range is not looked at."""
    seen = _view(at)
    first = (minute(at) - seen.before) // seen.bin * seen.bin
    last = min(minute(at) + seen.after, minute(now) + 1)
    last = max(first + seen.bin, last)
    question = replace(question, begin=moment(first), end=moment(last))
    numbers = _numbers(question, seen, first, last)
    past = usual.past(question)
    bins = _bins(numbers, past, seen, range(first, last, seen.bin), last)
    run = _run(bins, numbers, seen, minute(at)) or _around(seen, minute(at), first, last)
    places, exact = _places(question, run)
    whole = sum((Counter(place._asdict()) for place in places["kind"].values()), Counter())
    return Alone(
        begin=moment(run.begin),
        end=moment(run.end),
        number=whole["failures"],
        usual=past.chosen(run.begin, run.end),
        weeks=past.weeks,
        is_run=run.found,
        goes_on=run.found and run.end + 2 * seen.bin > minute(now),
        from_before=run.found and run.begin < first + seen.bin,
        by_minutes=seen is FINE,
        exact=exact,
        bins=tuple(bins),
        messages=whole["messages"],
        usual_messages=past.messages(run.begin, run.end),
        spreads={name: spread(places[name]) for name in PLACES},
    )


def _view(at: datetime) -> View:
    first = minute(at) - FINE.before - FINE.bin  # no bin begins earlier
    kept = first >= counting.first_minute_kept() + asking.SETTLED
    return FINE if kept else COARSE


_by_bucket = Asking(
    lambda question, grain, first, last: (
        Volume.objects.filter(grain=grain, bucket__gte=first, bucket__lt=last)
        .values_list("bucket")
        .annotate(total=Sum("count", filter=asking.picked(question)))
        .filter(total__gt=0)
    )
)


def _numbers(question: Question, seen: View, first: int, last: int) -> Counter[int]:
    """Return how many there were by bucket, minutes or hours."""
    grain = Grain.MINUTE if seen is FINE else Grain.HOUR
    return Counter(dict(_by_bucket(question, grain.value, first, last)))


def _bins(
    numbers: Mapping[int, int], past: Past, seen: View, begins: Sequence[int], last: int
) -> list[Bin]:
    sums: Counter[int] = Counter()
    for at, number in numbers.items():
        sums[at // seen.bin * seen.bin] += number
    return [
        Bin(moment(begin), sums[begin], past.chosen(begin, min(begin + seen.bin, last)))
        for begin in begins
    ]


def _run(bins: Sequence[Bin], numbers: Mapping[int, int], seen: View, at: int) -> _Run | None:
    """Return the run that ``at`` belongs to, from the first minute to the last that has any."""
    high = [each.usual is not None and usual.is_unusual(each.number, each.usual) for each in bins]
    here = (at - minute(bins[0].begin)) // seen.bin
    near = [place for place in (here, here - 1, here + 1) if 0 <= place < len(bins) and high[place]]
    if not near:
        return None
    low, top = near[0], near[0]
    while low and any(high[max(0, low - 2) : low]):  # one quiet bin does not end it
        low -= 1
    while top < len(bins) - 1 and any(high[top + 1 : top + 3]):
        top += 1
    begin, end = minute(bins[low].begin), minute(bins[top].begin) + seen.bin
    told = [bucket for bucket, number in numbers.items() if number and begin <= bucket < end]
    width = 1 if seen is FINE else HOUR
    return _Run(min(told), max(told) + width, found=True)


def _around(seen: View, at: int, first: int, last: int) -> _Run:
    """Return the hour around a moment, or the hour that it is in."""
    if seen is COARSE:
        return _Run(at // HOUR * HOUR, at // HOUR * HOUR + HOUR)
    end = min(at + HOUR // 2, last)
    return _Run(max(first, end - HOUR), end)


def _of_places(question: Question, *bounds: Any) -> QuerySet[Any, Any]:
    """Return the sums by place; ``bounds`` are grain, first and last bucket of each stretch."""
    chosen = Sum("count", default=0, filter=asking.picked(question))
    stretches = tuple(Stretch(*each) for each in zip(*[iter(bounds)] * 3, strict=True))
    some = asking.visible(question.reader)  # empty for who sees all
    return (
        Volume.objects.filter(Cover(stretches, ()).condition)
        .filter(some and some | Q(combination__sub_account=ANY))
        .values_list(*(f"combination__{name}" for name in ("kind", *PLACES)))
        .annotate(total=Sum("count"), failures=chosen)
        .filter(total__gt=0)
    )


_by_place = Asking(_of_places)


def _places(question: Question, run: _Run) -> tuple[dict[str, dict[str, Place]], bool]:
    """Return what each place had in the run, by trait and value; and whether it is exact."""
    within = asking.cover(moment(run.begin), moment(run.end))
    rows = _by_place(question, *chain.from_iterable(within.stretches))
    some = question.reader.sub_accounts is not None
    names = ("kind", *PLACES)
    found: dict[str, dict[str, list[int]]] = {name: {} for name in names}
    exact = True
    for *values, total, failures in rows:  # thousands, on every page
        kind = values[0]
        exact &= values[-1] != ANY_COUNTRY or kind != question.kind
        if some and values[1] == ANY:  # may be of the reader's sub-accounts, or of others
            continue
        messages = total if kind == Kind.MESSAGE else 0
        for name, value in zip(names, values, strict=True):
            amounts = found[name].setdefault(value, [0, 0, 0])
            amounts[0] += failures
            amounts[1] += messages
            amounts[2] += 0 if messages else total - failures
    places = {
        name: {value: Place(*amounts) for value, amounts in each.items()}
        for name, each in found.items()
    }
    return places, exact


def spread(places: Mapping[str, Place]) -> Spread:
    """Return where failures are by one trait, and where there are none though there might be."""
    named = {name: place for name, place in places.items() if name not in NAMELESS}
    touched = {name: place for name, place in _most(named, 0) if place.failures}
    share = _share(touched.values())
    spared = tuple(
        name
        for name, place in _most(named, 1)
        if not place.failures and place.messages * share >= ENOUGH
    )
    return Spread(touched, spared, len(named))


def _most(places: Mapping[str, Place], column: int) -> list[tuple[str, Place]]:
    return sorted(places.items(), key=lambda item: (-item[1][column], item[0]))


def _share(places: Iterable[Place]) -> float:
    """Return the share of messages that fail, at most all of them; 0 when there are no messages."""
    failures, messages = 0, 0
    for place in places:
        failures, messages = failures + place.failures, messages + place.messages
    return min(1.0, failures / messages) if messages else 0.0
