"""What stands around the rows of a list: how many there are, when they were, and of what kind.

All of it is asked of the counts in one go, so the number, the drawing and the facets agree.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from support_portal.accounts.models import User
from support_portal.browsing import known
from support_portal.browsing.filtering import Filter
from support_portal.browsing.known import Counted
from support_portal.dashboard import clock, histogram, partings
from support_portal.dashboard.facets import Address, Facet, facets
from support_portal.dashboard.histogram import Histogram, Layer
from support_portal.dashboard.partings import NO_CODE, OTHER, Parting
from support_portal.dashboard.windows import OPEN, Window, whole, window
from support_portal.events.tally import minute
from support_portal.ingest.listening.selectors import deaf_between
from support_portal.insights import asking, usual
from support_portal.insights.asking import Question
from support_portal.insights.models import Kind

MOST_DEAF = 50  # intervals that are drawn
# The longest window beside which the usual is drawn: six times as much is read.
USUAL_OF = timedelta(days=2)
NOUNS = {Kind.ERROR: "error", Kind.MESSAGE: "message"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records a filter chooses, as the page shows it."""

    total: int
    exact: bool
    title: str
    span: str
    drawn: Histogram
    facets: Sequence[Facet]
    parted_by: str


def counts(
    shown: Filter, person: User, now: datetime, *, by: str, address: Address
) -> Counts | None:
    """Return the counts of what is shown; None where it cannot be counted at present."""
    told = known.counted(shown, person, now)
    if told is None:
        return None
    total, exact = told.total, not (told.at_least or told.at_most)
    parting = partings.parting(shown.kind, by)
    return Counts(
        total=total,
        exact=exact,
        title=_bound(told) + histogram.counted(total, NOUNS[shown.kind]),
        span=_span(shown, now),
        drawn=_drawn(shown, told, parting, person, now, address),
        facets=facets(shown, person, now, told.cells, address),
        parted_by=parting.name,
    )


def _bound(told: Counted) -> str:
    if told.at_least:
        return "About " if told.at_most else "At least "
    return "At most " if told.at_most else ""


def number(shown: Filter, person: User, now: datetime) -> int | None:
    """Return how many records a filter chooses, None where that is not counted exactly."""
    question = shown.question(person, now)
    if question is None:
        return None
    cells = asking.cells(question)
    return asking.total(question, cells) if asking.is_exact(cells) else None


def _span(shown: Filter, now: datetime) -> str:
    """Say how long the range is, beside the number."""
    if shown.begin is None:
        return f"in all; the last {OPEN.days} days are drawn"
    return f"in {clock.duration((shown.end or now) - shown.begin)}"


def _drawn(
    shown: Filter,
    told: Counted,
    parting: Parting,
    person: User,
    now: datetime,
    address: Address,
) -> Histogram:
    end = shown.end or max(now, shown.begin or now)
    around = window(shown.begin, end, now)
    if shown.begin and not told.is_plain:  # what is around the range was not looked at
        around = whole(shown.begin, max(end, shown.begin + timedelta(minutes=1)))
    chosen = (shown.begin or around.begin, shown.end or around.end)
    bars = _bars(told, around, chosen, parting)
    if told.is_plain:  # of others nobody knows what is usual
        bars = _with_usual(bars, told.question(around.begin, around.end), now)
    totals: Counter[str] = Counter()
    for bar in bars:
        totals.update(bar.parts)
    bars, layers = _layers(shown, parting, bars, totals, address)
    sub_accounts = shown.only.get("sub_account", ())
    one = str(sub_accounts[0]) if len(sub_accounts) == 1 else ""
    deaf = deaf_between(person, one, around.begin, around.end, most=MOST_DEAF)
    silences = [(each.began_at, each.ended_at or now) for each in deaf]
    return histogram.histogram(
        bars, layers, noun=NOUNS[shown.kind], chosen=chosen, now=now, deaf=silences
    )


def _bars(
    told: Counted, around: Window, chosen: tuple[datetime, datetime], parting: Parting
) -> list[histogram.Bar]:
    """Return the bars of the window, parted where they are inside the chosen range."""
    drawn = told.bars(around.begin, around.end, around.wide, parting.traits)
    begin, end = max(chosen[0], around.begin), min(chosen[1], around.end)
    inside: Mapping[datetime, Mapping[Any, int]] = {
        bar.begin: bar.parts for bar in drawn if begin <= bar.begin and bar.end <= end
    }
    if around.cuts(begin) or around.cuts(end):
        exact = told.bars(begin, end, around.wide, parting.traits)
        inside = {bar.begin: bar.parts for bar in exact}
    return [
        histogram.Bar(
            bar.begin,
            bar.end,
            _by_key(parting, inside.get(bar.begin, {})),
            sum(bar.parts.values()),
        )
        for bar in drawn
    ]


def _with_usual(
    bars: Sequence[histogram.Bar], question: Question, now: datetime
) -> list[histogram.Bar]:
    """Return the bars with what is usual in the same hours of the week; in the one of now, until now."""
    if question.end - question.begin > USUAL_OF:
        return list(bars)
    past = usual.past(question)

    def end(bar: histogram.Bar) -> datetime:
        return now if bar.begin < now < bar.end else bar.end

    return [replace(bar, usual=past.chosen(minute(bar.begin), minute(end(bar)))) for bar in bars]


def _by_key(parting: Parting, parts: Mapping[Any, int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for columns, count in parts.items():
        found[parting.key(*columns)] += count
    return found


def _layers(
    shown: Filter,
    parting: Parting,
    bars: Sequence[histogram.Bar],
    totals: Counter[str],
    address: Address,
) -> tuple[list[histogram.Bar], list[Layer]]:
    """Return what the bars are stacked of; of many codes the rest is one layer."""
    shared = set(totals)
    if len(totals) > partings.MOST_CODES and parting.name == "code":
        shared = {key for key in partings.largest(totals, partings.MOST_CODES) if key != NO_CODE}
        shared |= {NO_CODE} & set(totals)
        bars = [replace(bar, parts=_folded(bar.parts, shared)) for bar in bars]
    labels = dict(_labels(shown.kind, parting, shared))
    layers, place = [], 0
    for key in partings.ordered(parting, {key: totals[key] for key in shared}):
        tint = partings.tint(parting, key, place)
        place += key not in parting.tints
        href = address(_only(shown, parting, key)) if key != NO_CODE else ""
        layers.append(Layer(key, labels[key], tint, totals[key], href))
    rest = sum(totals.values()) - sum(totals[key] for key in shared)
    if rest:
        layers.append(Layer(OTHER, "other codes", "other", rest))
    return list(bars), layers


def _folded(parts: Mapping[str, int], kept: set[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, count in parts.items():
        found[key if key in kept else OTHER] += count
    return found


def _labels(kind: Kind, parting: Parting, keys: set[str]) -> Iterator[tuple[str, str]]:
    if parting.name == "code":
        codes = {key: partings.code_of(key) for key in keys if key != NO_CODE}
        named = partings.named(kind, codes.values())
        for key in keys:
            read = named[codes[key]] if key in codes else None
            yield key, f"{read.label} {read.code} {read.name}" if read else "no code"
        return
    say = partings.whose_label if parting.name == "whose" else partings.state_label
    for key in keys:
        yield key, say(key)


def _only(shown: Filter, parting: Parting, key: str) -> Filter:
    value = partings.code_of(key)[1] if parting.name == "code" else key
    return shown.without(parting.name).with_(parting.name, value)
