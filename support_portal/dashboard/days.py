"""Counts by day and by value, small: for cards beside other things."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from support_portal.dashboard import clock
from support_portal.dashboard.spark import Box
from support_portal.insights.asking import moment

WIDTH, HEIGHT, GAP = 720, 56, 1
MOST_VALUES = 8


@dataclass(frozen=True, slots=True)
class Days:
    """The drawing and its words."""

    boxes: tuple[Box, ...]
    words: str
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Share:
    """How many have a value; "" is none, and None stands for all further values."""

    value: str | None
    number: int
    percent: int


def drawn(days: Mapping[int, int]) -> Days:
    """Draw a bar for each day; keys are the minutes at which days begin."""
    highest = max(1, *days.values())
    step = WIDTH / len(days)
    boxes = []
    for place, number in enumerate(days.values()):
        if number:
            height = max(1, round(number / highest * HEIGHT))
            left, right = round(place * step), round((place + 1) * step)
            boxes.append(Box(left, HEIGHT - height, max(1, right - left - GAP), height))
    most = max(days, key=lambda day: days[day])
    total = sum(days.values())
    words = f"{total:,} in {len(days)} days"
    if total:
        words += f"; most on {clock.short_day(moment(most))}: {days[most]:,}"
    return Days(tuple(boxes), words)


def shares(counts: Counter[str]) -> list[Share]:
    """Return the values by how many have them, the rest added up."""
    total = counts.total() or 1
    found = [
        Share(value, number, round(100 * number / total))
        for value, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    shown, rest = found[:MOST_VALUES], sum(share.number for share in found[MOST_VALUES:])
    if rest:
        shown.append(Share(None, rest, round(100 * rest / total)))
    return shown
