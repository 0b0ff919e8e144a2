"""What came in over a day, drawn: bars, the usual as a line, hatched where we did not listen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from support_portal.dashboard import clock
from support_portal.ingest.listening.selectors import Bar, Rates

WIDTH, HEIGHT = 960, 64
BARS_AN_HOUR = 4
GAP = 1


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Hour:
    """A row of the same as a table."""

    began_at: datetime
    items: int
    usual: int | None
    deaf: bool


@dataclass(frozen=True, slots=True)
class Spark:
    """The drawing, its words, and the same as a table."""

    bars: tuple[Box, ...]
    deaf: tuple[Box, ...]
    usual: str  # points of a line; "" when nobody knows
    highest: int
    words: str
    hours: tuple[Hour, ...]  # the latest first
    began_at: datetime
    width: int = WIDTH
    height: int = HEIGHT


def spark(rates: Rates) -> Spark:
    """Draw the last 24 hours."""
    bars = rates.bars
    step = WIDTH // len(bars)
    highest = max([bar.items for bar in bars] + [bar.usual or 0 for bar in bars] + [1])
    return Spark(
        bars=tuple(_boxes(bars, step, highest)),
        deaf=tuple(Box(n * step, 0, step, HEIGHT) for n, bar in enumerate(bars) if bar.deaf),
        usual=_line(bars, step, highest),
        highest=int(highest),
        words=_words(bars),
        hours=tuple(_hours(bars)),
        began_at=bars[0].began_at,
    )


def _boxes(bars: Sequence[Bar], step: int, highest: float) -> list[Box]:
    boxes = []
    for number, bar in enumerate(bars):
        if bar.items:
            height = max(1, round(bar.items / highest * HEIGHT))
            boxes.append(Box(number * step, HEIGHT - height, step - GAP, height))
    return boxes


def _line(bars: Sequence[Bar], step: int, highest: float) -> str:
    points = []
    for number, bar in enumerate(bars):
        if bar.usual is None:
            return ""
        y = round(HEIGHT - bar.usual / highest * HEIGHT, 1)
        points.append(f"{number * step},{y} {(number + 1) * step},{y}")
    return " ".join(points)


def _words(bars: Sequence[Bar]) -> str:
    total = sum(bar.items for bar in bars)
    if not total:
        return "Nothing came in the last 24 hours."
    most = max(bars, key=lambda bar: bar.items)
    return (
        f"{total:,} items in the last 24 hours; most in the quarter of an hour from"
        f" {clock.clock(most.began_at)[:5]}: {most.items:,}."
    )


def _hours(bars: Sequence[Bar]) -> list[Hour]:
    hours: dict[datetime, list[Bar]] = {}
    for bar in bars:
        hours.setdefault(bar.began_at.replace(minute=0), []).append(bar)
    return [
        Hour(
            began_at=began,
            items=sum(bar.items for bar in some),
            usual=_usual(some),
            deaf=any(bar.deaf for bar in some),
        )
        for began, some in reversed(hours.items())
    ]


def _usual(some: Sequence[Bar]) -> int | None:
    """Return what is usual in the whole hour; a part of one is compared with a part."""
    if some[0].usual is None:
        return None
    return round(sum(bar.usual or 0 for bar in some))
