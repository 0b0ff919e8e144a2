"""The line of time drawn to scale, and the same in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from support_portal.dashboard import clock
from support_portal.dashboard.awaited import NAMES
from support_portal.dashboard.channels import channel_name
from support_portal.dashboard.line_words import Words
from support_portal.dashboard.scale import Scale
from support_portal.events.expectations import Expected
from support_portal.events.line import Kind, Point
from support_portal.events.timeline import Lane, Timeline

WIDTH, LEFT, RIGHT = 1128, 112, 1088
TOP, PITCH, BOTTOM = 48, 32, 26
LONGEST_NAME = 13
LONGEST_TITLE = 40
LETTER = 6.2  # the width of one, nearly
MINUTE = 60
MOST_SAID = 8  # of one row, in words
CLOSEST = 6.0  # marks nearer to one another than that are one
ROOM = 150.0  # that a label needs to its right
API, AROUND, NOTES = "API", "Answers", "Notes"
ROWS = {
    Kind.REQUEST: API,
    Kind.ERROR: API,
    Kind.HAPPENING: AROUND,
    Kind.ACCOUNT_EVENT: NOTES,
    Kind.COMMENT: NOTES,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, or should have."""

    x: float
    y: int
    shape: str  # dot, ok, bad, us or none
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word beside a mark."""

    x: float
    y: int
    text: str
    end: bool = False  # it stands to the left


@dataclass(frozen=True, slots=True)
class Line:
    """The way from one mark to another."""

    x: float
    until: float
    y: int
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """Time in which we did not hear."""

    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    """What ``records/_strip.html`` draws."""

    names: Sequence[Label]
    lines: Sequence[Line]
    marks: Sequence[Mark]
    labels: Sequence[Label]
    bands: Sequence[Band]
    ticks: Sequence[Label]
    cuts: Sequence[Label]
    now: float | None
    words: str
    height: int
    width: int = WIDTH

    @property
    def awaits(self) -> bool:
        """Tell whether something is expected."""
        return any(mark.shape == "none" for mark in self.marks)

    @property
    def floor(self) -> int:
        """Return where the rows end and the axis begins."""
        return self.height - BOTTOM + 4


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the drawing."""

    name: str
    points: Sequence[Point[Words]]
    expected: Expected | None = None


def strip(points: Sequence[Point[Words]], story: Timeline, now: datetime) -> Strip | None:
    """Draw the points; None when there is nothing to compare."""
    rows = _rows(points, story.lanes)
    deaf = [point for point in points if point.kind is Kind.DEAF]
    waiting = any(row.expected and not row.expected.closed for row in rows)
    moments = {*_moments(rows, deaf, now), *([now] if waiting else [])}
    if len(moments) < 2:
        return None
    scale = Scale(moments, LEFT, RIGHT)
    drawn = [_draw(row, TOP + number * PITCH, scale, now) for number, row in enumerate(rows)]
    return Strip(
        names=[Label(LEFT - 16, TOP + n * PITCH + 4, _cut(row.name)) for n, row in enumerate(rows)],
        lines=[line for each in drawn for line in each.lines],
        marks=[mark for each in drawn for mark in each.marks],
        labels=[label for each in drawn for label in each.labels],
        bands=[_band(point, scale, now) for point in deaf],
        ticks=_ticks(scale),
        cuts=[Label(cut.middle, 12, clock.duration(cut.length)) for cut in scale.cuts],
        now=scale.x(now) if waiting else None,
        words=_words(rows, deaf, now),
        height=TOP + (len(rows) - 1) * PITCH + 14 + BOTTOM,
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The parts of one row."""

    lines: Sequence[Line]
    marks: Sequence[Mark]
    labels: Sequence[Label]


def _rows(points: Sequence[Point[Words]], lanes: Sequence[Lane]) -> list[_Row]:
    """Return a row for the API, one for each lane, and one for each kind of thing around them."""
    rows = [
        _row(API, points),
        *(
            _Row(
                channel_name(lane.channel),
                [point for point in points if point.lane == number],
                lane.expected,
            )
            for number, lane in enumerate(lanes, start=1)
        ),
        _row(AROUND, points),
        _row(NOTES, points),
    ]
    return [row for row in rows if row.points]


def _row(name: str, points: Sequence[Point[Words]]) -> _Row:
    return _Row(name, [point for point in points if ROWS.get(point.kind) == name])


def _moments(
    rows: Iterable[_Row], deaf: Iterable[Point[Words]], now: datetime
) -> Iterator[datetime]:
    for row in rows:
        yield from (point.at for point in row.points)
        if row.expected:
            yield from (moment for moment, _ in _hollow(row.expected, now))
    for point in deaf:
        yield point.at
        yield point.until or now


def _hollow(expected: Expected, now: datetime) -> list[tuple[datetime, str]]:
    """Return when what is missing usually comes, and until when it can."""
    name = NAMES[expected.missing][0].lower()
    found = []
    if expected.due and not expected.closed:
        found.append((expected.due, f"{name}, usually by"))
    if expected.deadline:
        ends = "closed" if expected.closed else "closes"
        found.append((expected.deadline, f"{name}, window {ends}"))
    return found or [(now, f"{name}, no deadline")]


def _draw(row: _Row, y: int, scale: Scale, now: datetime) -> _Drawn:
    hollow = _hollow(row.expected, now) if row.expected else []
    marks = [*_marks(row.points, y, scale)]
    missing = [Mark(scale.x(at), y, "none", f"{words} {_when(at)}") for at, words in hollow]
    first, last = scale.x(row.points[0].at), scale.x(row.points[-1].at)
    lines = [Line(first, last, y)] if row.points[0].lane and last > first else []
    lines += [Line(last, mark.x, y, missing=True) for mark in missing[-1:] if mark.x > last]
    telling = [*(point for point in row.points[:-1] if point.said.tone == "bad"), row.points[-1]]
    labels = [_aside(scale.x(point.at), y, _title(point.said)) for point in telling]
    labels += [_aside(mark.x, y, words) for mark, (_, words) in zip(missing, hollow, strict=True)]
    return _Drawn(lines, [*marks, *missing], list(_apart(labels)))


def _marks(points: Sequence[Point[Words]], y: int, scale: Scale) -> Iterator[Mark]:
    """Yield the marks of a row; those that would cover one another are one."""
    last: Mark | None = None
    for point in points:
        x, shape = scale.x(point.at), _shape(point.said.tone)
        if last and shape == last.shape and x - last.x < CLOSEST:
            continue
        last = Mark(x, y, shape, f"{_title(point.said)} {_when(point.at)}")
        yield last


def _shape(tone: str) -> str:
    return {"ok": "ok", "bad": "bad", "warn": "bad", "us": "us"}.get(tone, "dot")


def _aside(x: float, y: int, text: str) -> Label:
    """Say above a mark what it is."""
    end = x > RIGHT - ROOM
    return Label(x + (6 if end else -6), y - 9, text, end)


def _apart(labels: Iterable[Label]) -> Iterator[Label]:
    """Leave out words that would stand in one another; the last ones tell the most."""
    edge = float("inf")
    for label in reversed(list(labels)):
        left, right = _span(label)
        if right < edge:
            yield label
            edge = left


def _title(said: Words) -> str:
    """Return the title of a thing as one text, its code with it."""
    title = "".join(said.title)
    for reading in said.readings[:1]:
        named = title.startswith(reading.label)
        title += f" {reading.code}" if named else f" {reading.label} {reading.code}"
    return _cut(title, LONGEST_TITLE)


def _band(point: Point[Words], scale: Scale, now: datetime) -> Band:
    x, until = scale.x(point.at), scale.x(point.until or now)
    return Band(x, max(until - x, CLOSEST), _title(point.said))


def _ticks(scale: Scale) -> list[Label]:
    """Return the times below: where stretches begin, and round ones where there is room."""
    begins = [stretch.began for stretch in scale.stretches]
    named = [f"{clock.short_day(began)}, {_time(began, scale.step)}" for began in begins]
    rounds = [moment for moment in scale.round_times() if moment not in begins]
    words = [*named, *(_round(moment, scale.step) for moment in rounds)]
    labels: list[Label] = []
    for moment, text in zip([*begins, *rounds], words, strict=True):
        label = _within(scale.x(moment), text)
        if all(_clear(label, other) for other in labels):
            labels.append(label)
    return labels


def _round(moment: datetime, step: float) -> str:
    """Say a round time; midnight is the day that begins."""
    local = timezone.localtime(moment)
    midnight = not (local.hour or local.minute or local.second)
    return clock.short_day(moment) if midnight else _time(moment, step)


def _clear(one: Label, other: Label) -> bool:
    (left, right), (begins, ends) = _span(one), _span(other)
    return right + LETTER < begins or ends + LETTER < left


def _time(moment: datetime, step: float) -> str:
    """Say a time as exactly as the ticks are apart."""
    time = clock.clock(moment)
    if step >= MINUTE:
        return time[: len("00:00")]
    return time[: len("00:00:00")] if step >= 1 else time


def _within(x: float, text: str) -> Label:
    """Return a tick's label, at the right end to the left of its tick."""
    return Label(x, 0, text, end=x + len(text) * LETTER > WIDTH)


def _span(label: Label) -> tuple[float, float]:
    width = len(label.text) * LETTER
    return (label.x - width, label.x) if label.end else (label.x, label.x + width)


def _cut(text: str, longest: int = LONGEST_NAME) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _when(moment: datetime) -> str:
    return clock.day_and_clock(moment)


def _words(rows: Sequence[_Row], deaf: Sequence[Point[Words]], now: datetime) -> str:
    """Say what is drawn; the rows of the timeline below say all of it."""
    said = [f"{_cut(row.name, LONGEST_TITLE)}: {_said(row, now)}." for row in rows]
    for point in deaf:
        until = f"until {_when(point.until)}" if point.until else "not over"
        said.append(f"{_title(point.said)}: from {_when(point.at)}, {until}.")
    return " ".join(said)


def _said(row: _Row, now: datetime) -> str:
    told = [f"{_title(point.said)} {_when(point.at)}" for point in row.points[:MOST_SAID]]
    more = len(row.points) - MOST_SAID
    if more > 0:
        told.append(f"and {more} more until {_when(row.points[-1].at)}")
    if row.expected:
        told += [f"{words} {_when(at)}" for at, words in _hollow(row.expected, now)]
    return ", ".join(told)
