"""An id taken apart: which of its digits say what, for the page of what is missing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from support_portal.dashboard import clock
from support_portal.payloads.forensics import IdFamily


@dataclass(frozen=True, slots=True)
class Part:
    """Some digits of an id and what they are; ``tells`` when the time is in them."""

    digits: str
    says: str
    tells: bool = False


_RANDOM = ("random", "random", "version 4, random", "variant, random")
_CLOCK_END = ("clock sequence", "the machine that made it")
# What the groups of each family are, and in how many of them, from the left, the time is.
_GROUPS = {
    "v1": (("time, its lowest digits", "time", "time, and version 1", *_CLOCK_END), 3),
    "seq-v1": (
        (
            "time, its lowest digits, backwards",
            "time, backwards",
            "time and version 1, backwards",
            *_CLOCK_END,
        ),
        3,
    ),
    "v7": (
        (
            "milliseconds since 1970",
            "milliseconds",
            "version 7, random",
            "variant, random",
            "random",
        ),
        2,
    ),
    "random": ((*_RANDOM, "random; read as a date it would be none of ours"), 0),
}


def anatomy(id: UUID, family: IdFamily) -> tuple[Part, ...]:
    """Return the parts of ``id`` as its family has them."""
    groups = str(id).split("-")
    starts = [group + "-" for group in groups[:-1]]
    if family.family == "comb" and family.embedded_at:
        return (*map(Part, starts, _RANDOM), *_comb_time(groups[-1], family.embedded_at))
    if family.family not in _GROUPS:
        return (Part(str(id), "fits no generator that we know"),)
    says, timed = _GROUPS[family.family]
    digits = [*starts, groups[-1]]
    return tuple(
        Part(*each, tells=number < timed)
        for number, each in enumerate(zip(digits, says, strict=True))
    )


def _comb_time(node: str, at: datetime) -> tuple[Part, Part]:
    days, ticks = node[:4], node[4:]
    return (
        Part(days, f"day {int(days, 16):,} since 1900, {clock.day(at)}", tells=True),
        Part(ticks, f"{int(ticks, 16):,} ÷ 300 s, {clock.clock(at)}", tells=True),
    )
