"""A histogram over a list: stacked bars, hatched where we did not listen, the chosen range marked.

Geometry alone, in the units of the drawing's own box; colours are classes, words are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from support_portal.dashboard import clock

WIDTH, HEIGHT = 960, 72
ROOM = 4  # above the highest bar
GAP = 0.12  # of the width of a bar
LEAST = 1.5  # the height of a bar that holds anything
MOST_TICKS = 8
STEPS = [
    *(timedelta(minutes=each) for each in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=each) for each in (1, 2, 4, 6, 12)),
    *(timedelta(days=each) for each in (1, 2, 5, 7, 14, 30, 90, 365, 3650)),
]


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the parts that bars are stacked of, from the bottom."""

    key: str
    label: str
    tint: str  # names the colour
    total: int
    href: str = ""  # the list of this part alone


@dataclass(frozen=True, slots=True)
class Bar:
    """What a stretch of time holds: by layer inside the chosen range, and in all."""

    begin: datetime
    end: datetime
    parts: Mapping[str, int]
    total: int
    usual: float | None = None

    @property
    def inside(self) -> int:
        """Return how many of its records are in the chosen range."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A time below the drawing."""

    percent: float
    label: str
    anchor: str  # which end of the label stands there


@dataclass(frozen=True, slots=True)
class Shape:
    """All boxes of one colour, as one path."""

    tint: str
    path: str


@dataclass(frozen=True, slots=True)
class Hover:
    """The place of a bar from top to bottom, and what is said there."""

    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A bar as a row of the table beside the drawing."""

    begin: datetime
    end: datetime
    total: int
    usual: int | None
    parts: tuple[int, ...]  # in the order of the layers


@dataclass(frozen=True, slots=True)
class Silence:
    """Time in which we did not hear, as it is drawn."""

    title: str
    box: Box


@dataclass(frozen=True, slots=True)
class Histogram:
    """The drawing, its words, and what its table is made of."""

    begin: datetime
    end: datetime
    wide: int  # minutes a bar
    shapes: tuple[Shape, ...]
    hovers: tuple[Hover, ...]
    silences: tuple[Silence, ...]
    chosen: Box | None  # None: everything that is drawn is chosen
    usual: str  # points of a line; "" when nobody knows
    ticks: tuple[Tick, ...]
    highest: int
    words: str
    # Of the bars that hold something or usually would by now, the latest first.
    rows: tuple[Row, ...]
    layers: tuple[Layer, ...]
    width: int = WIDTH
    height: int = HEIGHT
    room: int = ROOM

    @property
    def full_height(self) -> int:
        """Return the height with the room above the bars."""
        return HEIGHT + ROOM


def histogram(
    bars: Sequence[Bar],
    layers: Sequence[Layer],
    *,
    noun: str,
    chosen: tuple[datetime, datetime],
    now: datetime,
    deaf: Sequence[tuple[datetime, datetime]] = (),
) -> Histogram:
    """Draw ``bars``, which are of one width and follow each other; there is at least one."""
    begin, end = bars[0].begin, bars[-1].end
    step = WIDTH / len(bars)
    highest = max([bar.total for bar in bars] + [bar.usual or 0 for bar in bars] + [1])
    scale = _Scale(begin, end)
    part = chosen[0] > bars[0].begin or chosen[1] < bars[-1].end
    covers = chosen[0] < bars[0].end and chosen[1] > bars[-1].begin
    mark = scale.between(*chosen) if part and not covers else None
    silences = tuple(
        Silence(f"We did not listen {_range(*each)}", scale.between(*each)) for each in deaf
    )
    return Histogram(
        begin=begin,
        end=end,
        wide=round((bars[0].end - begin).total_seconds() / 60),
        shapes=tuple(_shapes(bars, layers, step, highest)),
        hovers=tuple(_hovers(bars, layers, step, noun)),
        silences=silences,
        chosen=mark,
        usual=_line(bars, step, highest),
        ticks=tuple(_ticks(begin, end)),
        highest=int(highest),
        words=_words(bars, noun, mark, chosen, silences, now),
        rows=tuple(_rows(bars, layers, now)),
        layers=tuple(layers),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    begin: datetime
    end: datetime

    def x(self, moment: datetime) -> float:
        share = (moment - self.begin) / (self.end - self.begin)
        return round(min(1.0, max(0.0, share)) * WIDTH, 1)

    def between(self, begin: datetime, end: datetime) -> Box:
        """Return the full height from one moment to another; a short time is still seen."""
        left = self.x(begin)
        return Box(left, -ROOM, max(2.0, round(self.x(end) - left, 1)), HEIGHT + ROOM)


def _shapes(
    bars: Sequence[Bar], layers: Sequence[Layer], step: float, highest: float
) -> list[Shape]:
    """Return the bars by colour: from the bottom the layers, on top what is not chosen."""
    paths: dict[str, list[str]] = {}
    wide = round(step * (1 - GAP), 1)
    for number, bar in enumerate(bars):
        x, top = round(number * step + step * GAP / 2, 1), float(HEIGHT)
        whole = max(LEAST, bar.total / highest * HEIGHT)
        pieces = [(layer.tint, bar.parts.get(layer.key, 0)) for layer in layers]
        for tint, count in [*pieces, ("out", bar.total - bar.inside)]:
            if count:
                height = max(0.1, round(count / bar.total * whole, 1))
                top = round(top - height, 1)
                paths.setdefault(tint, []).append(f"M{x} {top}h{wide}v{height}h-{wide}z")
    return [Shape(tint, "".join(path)) for tint, path in paths.items()]


def _hovers(bars: Sequence[Bar], layers: Sequence[Layer], step: float, noun: str) -> list[Hover]:
    return [
        Hover(round(number * step, 1), round(step, 1), _title(bar, layers, noun))
        for number, bar in enumerate(bars)
        if bar.total
    ]


def _rows(bars: Sequence[Bar], layers: Sequence[Layer], now: datetime) -> list[Row]:
    rows = [
        Row(
            bar.begin,
            bar.end,
            bar.total,
            None if bar.usual is None else round(bar.usual),
            tuple(bar.parts.get(each.key, 0) for each in layers),
        )
        for bar in reversed(bars)
    ]
    return [row for row in rows if row.total or (row.usual and row.begin < now)]


def _title(bar: Bar, layers: Sequence[Layer], noun: str) -> str:
    said = f"{_range(bar.begin, bar.end)}: {counted(bar.total, noun)}"
    parts = [f"{bar.parts[each.key]:,} {each.label}" for each in layers if bar.parts.get(each.key)]
    return f"{said} ({', '.join(parts)})" if len(parts) > 1 else said


def _line(bars: Sequence[Bar], step: float, highest: float) -> str:
    points = []
    for number, bar in enumerate(bars):
        if bar.usual is None:
            return ""
        y = round(HEIGHT - bar.usual / highest * HEIGHT, 1)
        points.append(f"{round((number + 0.5) * step, 1)},{y}")
    return " ".join(points)


def _ticks(begin: datetime, end: datetime) -> list[Tick]:
    """Return round times of the reader's zone along the drawing."""
    whole = end - begin
    step = next((each for each in STEPS if whole / each <= MOST_TICKS), whole)
    found: list[Tick] = []
    day_before = ""
    moment = _first_tick(begin, step)
    while moment <= end:
        percent = round((moment - begin) / whole * 100, 1)
        day, time = clock.short_day(moment), clock.clock(moment)[:5]
        if step >= timedelta(days=1) or time == "00:00":
            label = day
        else:
            label = time if day == day_before or found else f"{day}, {time}"
        day_before = day
        anchor = "start" if percent < 4 else "end" if percent > 96 else "middle"
        found.append(Tick(percent, label, anchor))
        moment += step
    return found


def _first_tick(begin: datetime, step: timedelta) -> datetime:
    """Return the first multiple of ``step`` since a midnight of the reader's zone."""
    local = timezone.localtime(begin)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = begin - midnight
    return midnight + -(-passed // step) * step


def _words(
    bars: Sequence[Bar],
    noun: str,
    mark: Box | None,
    chosen: tuple[datetime, datetime],
    silences: Sequence[Silence],
    now: datetime,
) -> str:
    """Say what is seen, for those who do not."""
    begin, end = bars[0].begin, bars[-1].end
    each = clock.duration(bars[0].end - begin)
    said = [f"{counted(sum(bar.total for bar in bars), noun)} {_range(begin, end)}, by {each}"]
    if mark:
        said.append(f"chosen is {_range(*chosen)}")
    most = max(bars, key=lambda bar: bar.total)
    if most.total:
        said.append(f"the most are {most.total:,} {_range(most.begin, most.end)}")
    begun = [bar for bar in bars if bar.begin < now]  # of what is to come nothing can be missed
    usual = [bar.usual for bar in begun if bar.usual is not None]
    if usual and len(usual) == len(begun):
        said.append(f"usually there are about {sum(usual):,.0f}")
    said += [silence.title[:1].lower() + silence.title[1:] for silence in silences[:3]]
    return "; ".join(said)


def _range(begin: datetime, end: datetime) -> str:
    """Say from when to when, with the day where it is another."""
    day, other = clock.short_day(begin), clock.short_day(end)
    start, stop = clock.clock(begin)[:5], clock.clock(end)[:5]
    if end - begin >= timedelta(days=1) and start == stop:
        last = clock.short_day(end - timedelta(microseconds=1))
        if start == "00:00":
            return day if day == last else f"{day} to {last}"
    return f"{day}, {start} to {stop}" if day == other else f"{day}, {start} to {other}, {stop}"


def counted(number: int, noun: str) -> str:
    """Say how many: 1 error, 783 errors."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
