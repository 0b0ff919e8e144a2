"""The last 24 hours against the usual, in words and drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.dashboard import clock
from support_portal.dashboard.alone import Bar, times
from support_portal.dashboard.spark import Box
from support_portal.events.models import allowed
from support_portal.events.states import FAILURES
from support_portal.insights import lately, usual
from support_portal.insights.incidents import API
from support_portal.insights.lately import Failing, Line, Mover
from support_portal.insights.models import Kind
from support_portal.reason_codes import registries

WIDTH, HEIGHT, GAP = 480, 28, 2
SHOWN = ("sms", "whatsapp")  # channels with a row of their own
SORTS = ("API errors", "Failed SMS", "Failed WhatsApp", "Failed elsewhere")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the card."""

    title: str
    number: int
    tone: str
    icon: str
    word: str
    bars: tuple[Bar, ...]
    usual: str  # points of a line, "" when it is not known
    words: str  # the same for those who do not see the drawing
    href: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A code that moved."""

    title: str
    number: int
    word: str
    href: str


@dataclass(frozen=True, slots=True)
class Lately:
    """The card."""

    rows: tuple[Row, ...]
    movers: tuple[Moved, ...]
    known: bool


kept: usual.Kept[Lately] = usual.Kept()  # adding up a day costs more than drawing the page


def last_day(person: User, now: datetime) -> Lately:
    """Return the last 24 hours as far as ``person`` may know of them; kept for ten seconds."""
    seen = allowed(person)
    key = (now.date(), now.hour, seen if seen is None else tuple(sorted(seen)))
    return kept.get(key, lambda: _last_day(person, now))


def _last_day(person: User, now: datetime) -> Lately:
    day = lately.day(person, now)
    since = day.begin
    rows = [_row(title, day.line(partial(_is_of, title)), _list(title, since)) for title in SORTS]
    movers = [_moved(mover, since) for mover in day.movers()]
    shown = [row for row in rows if row.number or row.title != SORTS[-1]]
    return Lately(tuple(shown), tuple(movers), known=day.weeks >= usual.LEAST_WEEKS)


def _is_of(title: str, key: Failing) -> bool:
    return _sort(key) == title


def _sort(key: Failing) -> str:
    """Return in which row failures are counted."""
    if key.kind == Kind.ERROR:
        return SORTS[0]
    return SORTS[1 + SHOWN.index(key.channel)] if key.channel in SHOWN else SORTS[-1]


def _list(title: str, since: datetime) -> str:
    query: list[tuple[str, str]] = [("from", clock.iso(since))]
    if title == SORTS[0]:
        return f"{reverse('errors:list')}?{urlencode(query)}"
    failed = [("state", state) for state in sorted(FAILURES)]
    if title == SORTS[-1]:
        channels = [("not_channel", each) for each in SHOWN]
    else:
        channels = [("channel", SHOWN[SORTS.index(title) - 1])]
    return f"{reverse('messages:list')}?{urlencode([*channels, *failed, *query])}"


def _row(title: str, line: Line, href: str) -> Row:
    tone, icon, word = _standing(line)
    bars, usually = _drawing(line)
    words = f"{title}: {line.number:,} in 24 hours, {word}"
    return Row(title, line.number, tone, icon, word, bars, usually, words, href)


def _standing(line: Line) -> tuple[str, str, str]:
    if line.usually is None:
        return "none", "ring", "not known yet"
    if line.moved:
        return "warn", "warn", f"{times(line.factor)}×" if line.factor else "more"
    return "ok", "ok", "usual"


def _drawing(line: Line) -> tuple[tuple[Bar, ...], str]:
    highest = max(1.0, *line.numbers, *line.usual)
    step = WIDTH // len(line.numbers)
    bars = []
    for place, number in enumerate(line.numbers):
        if number:
            height = max(1, round(number / highest * HEIGHT))
            high = bool(line.usual) and usual.is_unusual(number, line.usual[place])
            bars.append(Bar(Box(place * step, HEIGHT - height, step - GAP, height), high))
    return tuple(bars), _points(line.usual, step, highest)


def _points(levels: Sequence[float], step: int, highest: float) -> str:
    heights = [round(HEIGHT - level / highest * HEIGHT, 1) for level in levels]
    return " ".join(
        f"{place * step},{y} {(place + 1) * step},{y}" for place, y in enumerate(heights)
    )


def _moved(mover: Mover, since: datetime) -> Moved:
    table = registries().get(API if mover.kind == Kind.ERROR else mover.registry)
    title = f"{table.label if table else mover.registry or 'Code'} {mover.code}"
    query: list[tuple[str, object]] = [("code", mover.code)]
    page = "errors:list"
    if mover.kind == Kind.MESSAGE:
        page = "messages:list"
        query += [("table", mover.registry)] if mover.registry else []
    query.append(("from", clock.iso(since)))
    word = f"{times(mover.line.factor)}×" if mover.line.factor else "usually none"
    return Moved(title, mover.line.number, word, f"{reverse(page)}?{urlencode(query)}")
