"""Is it only me?  The answer of the counts in plain words, with a small drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.browsing.codes import API_TABLES, RECEIPT_TABLES
from support_portal.browsing.filtering import Filter
from support_portal.dashboard import clock
from support_portal.dashboard.spark import Box
from support_portal.events.models import ErrorEvent, Message, Reader
from support_portal.insights.alone import Alone, Spread, look
from support_portal.insights.asking import Choice, Question
from support_portal.insights.models import LEAST_USUAL, Kind
from support_portal.insights.usual import is_unusual

WIDTH, HEIGHT, GAP = 360, 56, 1
NAMED = 3  # places that are named; the others are counted
MUCH, LITTLE = 1.5, 0.67  # times the usual, from where it is said to be more or less
NOW = timedelta(minutes=5)  # what is asked about "now" is told of the last hour
PLACES = {
    "sub_account": ("sub-account", "sub-accounts"),
    "country": ("country", "countries"),
    "channel": ("channel", "channels"),
}
ANSWERS = {  # tone, icon, word
    "cluster": ("warn", "warn", "No, a cluster"),
    "more": ("none", "unknown", "More than usual"),
    "usual": ("ok", "ok", "As usual"),
    "single": ("ok", "ok", "Only this one"),
    "nothing": ("ok", "ok", "None"),
    "unknown": ("none", "ring", "Not known yet"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """Words of ours before foreign names, and words after them."""

    words: str
    names: tuple[str, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the drawing."""

    box: Box
    high: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What the card shows."""

    tone: str
    icon: str
    word: str
    figures: tuple[tuple[str, str], ...]  # number and what it is of
    sentence: str
    where: tuple[Named, ...]
    bars: tuple[Bar, ...]
    usual: str  # points of a line, "" when it is not known
    axis: tuple[datetime, ...]
    href: str  # the list of these records
    number: int


def of_error(error: ErrorEvent, reader: User, now: datetime) -> Card:
    """Answer for the code of an error, around the time of the error."""
    return card(asked(Kind.ERROR, reader, code=error.code), error.occurred_at, now)


def of_message(message: Message, reader: User, now: datetime) -> Card | None:
    """Answer for the code that a message failed with; None when it failed with none."""
    if message.error_code is None:
        return None
    question = asked(Kind.MESSAGE, reader, code=message.error_code, registry=message.error_registry)
    return card(question, message.state_at, now)


def of_code(registry: str, code: int, reader: User, now: datetime) -> Card | None:
    """Answer for a code at present; None for tables whose numbers are not counted."""
    if registry in API_TABLES:
        return card(asked(Kind.ERROR, reader, code=code), now, now)
    if registry in RECEIPT_TABLES:
        return card(asked(Kind.MESSAGE, reader, code=code, registry=registry), now, now)
    return None


def asked(kind: Kind, reader: Reader, **chosen: object) -> Question:
    """Return the question about records with these traits; its range is open."""
    choices = {name: (Choice(frozenset({value})),) for name, value in chosen.items()}
    start = datetime.fromtimestamp(0, timezone.get_default_timezone())
    return Question(kind, start, start, reader, choices)


def card(question: Question, at: datetime, now: datetime, shown: Filter | None = None) -> Card:
    """Return the answer for the records of ``question`` around ``at``.

    ``shown`` is the filter that the question was made of, where there is one.
    """
    alone = look(question, at, now)
    bars, line = _drawing(alone)
    return Card(
        *ANSWERS[answer(alone)],
        figures=figures(alone),
        sentence=sentence(alone, question.kind, at, now),
        where=where(alone),
        bars=bars,
        usual=line,
        axis=(alone.bins[0].begin, alone.bins[len(alone.bins) // 2].begin),
        href=_href(question, alone, shown),
        number=alone.number,
    )


def answer(alone: Alone) -> str:
    """Return which of ANSWERS it is."""
    if alone.number == 0:
        return "nothing" if alone.exact else "unknown"
    if alone.is_run:
        return "cluster"
    if alone.number == 1 and alone.exact:
        return "single"
    if alone.usual is None:
        return "unknown"
    return "more" if alone.number >= 3 and alone.number > MUCH * alone.usual else "usual"


def figures(alone: Alone) -> tuple[tuple[str, str], ...]:
    """Return the numbers that stand above: how many, where, how unusual."""
    if alone.number < 2:
        return ()
    found = [(_at_least(alone), f"in {clock.duration(alone.end - alone.begin)}")]
    spread = alone.spreads["sub_account"]
    if spread.active > 1:
        found.append((f"{len(spread.touched)} of {spread.active}", "sub-accounts"))
    if alone.factor and alone.factor >= MUCH:
        found.append((f"{times(alone.factor)}×", "the usual"))
    return tuple(found)


def sentence(alone: Alone, kind: Kind, at: datetime, now: datetime) -> str:
    """Say how many there are, since when, how unusual that is, and in how many places."""
    if alone.number == 0:
        told = f"There is none {_hour(alone, at, now)}. {_usually(alone)}"
        return told if alone.exact else f"{told} {MISSING}"
    if alone.number == 1 and alone.exact:
        only = f"It is the only one {_hour(alone, at, now)}."
        return only if alone.usual is None else f"{only} {_usually(alone)}"
    parts = [f"{_how_many(alone, at, now)}{_compared(alone)}.", _places(alone)]
    parts.append(_share(alone, kind))
    if alone.usual is None:
        parts.append(UNKNOWN)
    if not alone.exact:
        parts.append(MISSING)
    return " ".join(part for part in parts if part)


MISSING = "Some may be missing here: there are too many kinds to tell them all apart."
UNKNOWN = "How many are usual is not known yet: the counts go back less than two weeks."


def _usually(alone: Alone) -> str:
    if alone.usual is None:
        return UNKNOWN
    if alone.usual < LEAST_USUAL:
        return f"Usually there is none at this hour of the week ({_weeks(alone)})."
    return f"Usually there are about {alone.usual:,.0f} at this hour of the week ({_weeks(alone)})."


def _weeks(alone: Alone) -> str:
    return f"the last {alone.weeks} weeks"


def _hour(alone: Alone, at: datetime, now: datetime) -> str:
    if not alone.by_minutes:
        return f"in the hour from {_clock(alone.begin)}"
    return "in the last hour" if now - at < NOW else "in the hour around it"


def _how_many(alone: Alone, at: datetime, now: datetime) -> str:
    if not alone.is_run:
        return f"{_at_least(alone)} {_hour(alone, at, now)}"
    length = clock.duration(alone.end - alone.begin)
    begin = _clock(alone.begin)
    if alone.goes_on:
        since = f"since {begin} or earlier" if alone.from_before else f"since {begin}"
        return f"{_at_least(alone)} in {length}, {since} and still going on"
    until = _clock(alone.end)
    early = " or earlier" if alone.from_before else ""
    return f"{_at_least(alone)} in {length}, from {begin}{early} to {until}"


def _at_least(alone: Alone) -> str:
    return f"{alone.number:,}" if alone.exact else f"at least {alone.number:,}"


def _compared(alone: Alone) -> str:
    if alone.usual is None:
        return ""
    if alone.usual < LEAST_USUAL:
        return ", where usually there is none at this hour of the week"
    factor = alone.number / alone.usual
    if factor >= MUCH:
        more = f", {times(factor)} times the usual for this hour of the week"
        return more if alone.is_run else f"{more}, which may be chance"
    if factor <= LITTLE:
        return f", fewer than the usual {alone.usual:,.0f} for this hour of the week"
    return f", about as many as usual for this hour of the week ({alone.usual:,.0f})"


def times(factor: float) -> str:
    """Write how many times the usual: 2.1, 11."""
    return f"{factor:,.0f}" if factor >= 9.95 else f"{factor:.1f}".removesuffix(".0")


def _places(alone: Alone) -> str:
    told = [_of(alone.spreads[name], *words) for name, words in PLACES.items() if name != "channel"]
    told = [each for each in told if each]
    return f"It is in {' and '.join(told)}." if told else ""


def _of(spread: Spread, one: str, many: str) -> str:
    touched = len(spread.touched)
    if not touched or spread.active < 2:
        return ""
    if touched == spread.active:
        return f"all {touched} {many} that had traffic"
    return f"{touched} of {spread.active} {one if spread.active == 1 else many}"


def _share(alone: Alone, kind: Kind) -> str:
    messages = alone.touched_messages
    if not messages or not alone.spreads["sub_account"].touched:
        return "How much was sent meanwhile is not known here." if kind is Kind.ERROR else ""
    if kind is Kind.ERROR:
        found = f"The same sub-accounts had {_some(messages, 'message')} in that time"
    else:
        share = 100 * alone.number / messages
        found = f"That is {_percent(share)} of the {messages:,} messages of the same sub-accounts"
    return f"{found}{_traffic(alone)}."


def _some(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _percent(share: float) -> str:
    return f"{share:.0f} %" if share >= 9.95 else f"{share:.1f} %".replace(".0 ", " ")


def _traffic(alone: Alone) -> str:
    """Say whether there is more traffic as well, which would explain more failures."""
    if not alone.usual_messages or not alone.messages:
        return ""
    factor = alone.messages / alone.usual_messages
    if factor >= MUCH:
        return f"; there is {times(factor)} times the usual traffic"
    if factor <= LITTLE:
        return "; there is less traffic than usual"
    return "; the traffic is as usual"


def where(alone: Alone) -> tuple[Named, ...]:
    """Name where it is and what is not affected, the places of which a reader may know."""
    found = []
    if alone.number > 1:
        for name, (one, many) in PLACES.items():
            spread = alone.spreads[name]
            if spread.touched and (name != "channel" or spread.active > 1):
                word = one if len(spread.touched) == 1 else many
                found.append(_named(f"{word.capitalize()}:", list(spread.touched)))
        for name, (_, many) in PLACES.items():
            if spared := alone.spreads[name].spared:
                found.append(_named(f"Not affected {many}:", spared))
    if alone.is_run and not any(spread.spared for spread in alone.spreads.values()):
        found.append(Named(_nothing_spared(alone), ()))
    return tuple(found)


def _nothing_spared(alone: Alone) -> str:
    spread = alone.spreads["sub_account"]
    if spread.active > len(spread.touched):
        return "The others have too little traffic to tell whether they are affected."
    return "Nothing else had traffic, so what is not affected cannot be told."


def _named(words: str, names: Sequence[str]) -> Named:
    left = len(names) - NAMED
    return Named(words, tuple(names[:NAMED]), f"and {left} more" if left > 0 else "")


def _clock(moment: datetime) -> str:
    """Say a moment to the minute, with the day where it is not today."""
    local = timezone.localtime(moment)
    time = f"{local:%H:%M}"
    return time if local.date() == timezone.localdate() else f"{time} on {clock.short_day(moment)}"


def _drawing(alone: Alone) -> tuple[tuple[Bar, ...], str]:
    step = WIDTH / len(alone.bins)
    highest = max([1.0, *(float(each.number) for each in alone.bins), *_usuals(alone)])
    bars = []
    for place, each in enumerate(alone.bins):
        if not each.number:
            continue
        height = max(1, round(each.number / highest * HEIGHT))
        left, right = round(place * step), round((place + 1) * step)
        high = each.usual is not None and is_unusual(each.number, each.usual)
        bars.append(Bar(Box(left, HEIGHT - height, right - left - GAP, height), high))
    return tuple(bars), _line(alone, step, highest)


def _usuals(alone: Alone) -> list[float]:
    return [each.usual for each in alone.bins if each.usual is not None]


def _line(alone: Alone, step: float, highest: float) -> str:
    usuals = _usuals(alone)
    if len(usuals) < len(alone.bins):
        return ""
    points = []
    for place, level in enumerate(usuals):
        y = round(HEIGHT - level / highest * HEIGHT, 1)
        points.append(f"{round(place * step)},{y} {round((place + 1) * step)},{y}")
    return " ".join(points)


_LISTS: Mapping[Kind, tuple[str, Mapping[str, str]]] = {
    Kind.ERROR: ("errors:list", {"group_id": "group"}),
    Kind.MESSAGE: ("messages:list", {"registry": "table"}),
}


def _href(question: Question, alone: Alone, shown: Filter | None) -> str:
    """Return the address of the list of these records."""
    page, names = _LISTS[question.kind]
    if shown:
        within = replace(shown, begin=alone.begin, end=alone.end, all_time=False)
        return f"{reverse(page)}?{within.to_query()}"
    query: list[tuple[str, object]] = [
        (names.get(name, name), value)
        for name, choices in question.chosen.items()
        for choice in choices
        for value in sorted(choice.values, key=str)
    ]
    query += [("from", clock.iso(alone.begin)), ("to", clock.iso(alone.end))]
    return f"{reverse(page)}?{urlencode(query)}"
