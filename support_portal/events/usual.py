"""How long it usually takes: from sent to the final receipt, from delivered to read.

By event time on 8x8's clock, for every channel, country and operator of which enough was seen.
Measured are the messages that got the receipt: of those that never did, no delay is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from support_portal.events import states

FEWEST = 30  # samples; of fewer, nothing is said
_MOST_UNDER_WAY = states.RANKS["sent", ""]
_CONFIRMED = states.RANKS["delivered", ""]


class Leg(StrEnum):
    """A part of the way of a message."""

    FINAL = "final"  # from sent to what the phone or the channel said last
    READ = "read"  # from delivered to read


class Route(NamedTuple):
    """What a delay depends on; "" stands for any country or operator."""

    leg: Leg
    channel: str
    country: str = ""
    operator: str = ""

    def wider(self) -> "Iterator[Route]":
        """Yield this route and the wider ones that stand in for it, the narrowest first."""
        yield self
        if self.operator:
            yield self._replace(operator="")
        if self.country:
            yield self._replace(country="", operator="")


@dataclass(frozen=True, slots=True)
class Usual:
    """What was measured on a route."""

    route: Route
    samples: int
    half: timedelta  # within which half of them came
    most: timedelta  # within which 95 % came
    began_at: datetime  # of the samples
    ended_at: datetime


class Usuals:
    """The usual delays of one country and operator."""

    def __init__(
        self, measured: Iterable[Usual] = (), *, country: str = "", operator: str = ""
    ) -> None:
        self._measured = {usual.route: usual for usual in measured}
        self._country = country
        self._operator = operator if country else ""

    def of(self, leg: Leg, channel: str) -> Usual | None:
        """Return the narrowest measure there is, None while too few were seen."""
        routes = Route(leg, channel, self._country, self._operator).wider()
        return next((self._measured[route] for route in routes if route in self._measured), None)


class Delay(NamedTuple):
    """One sample."""

    leg: Leg
    channel: str
    began_at: datetime
    length: timedelta


def began(lane: Sequence[states.Status]) -> datetime:
    """Return when the wait for the final receipt of a lane began: when it was sent, if that is told."""
    told = [each.occurred_at for each in lane if (each.state, each.detail) == ("sent", "")]
    return min(told or [each.occurred_at for each in lane])


def final(lane: Sequence[states.Status]) -> datetime | None:
    """Return when the first receipt came that settled a lane, None while none has."""
    told = [each.occurred_at for each in lane if is_final(each)]
    return min(told) if told else None


def is_final(status: states.Status) -> bool:
    """Tell whether a status says how it ended."""
    failed = status.state in states.FAILURES
    return failed or states.rank(status.state, status.detail) >= _CONFIRMED


def delays(lane: Sequence[states.Status]) -> Iterator[Delay]:
    """Yield what a lane says about usual delays; impossible orders say nothing."""
    channel = states.channel_of(lane)
    under_way = [each for each in lane if states.rank(each.state, each.detail) <= _MOST_UNDER_WAY]
    settled = final(lane)
    if under_way and settled:
        yield from _delay(Leg.FINAL, channel, began(under_way), settled)
    delivered = [each.occurred_at for each in lane if _says(each, _CONFIRMED)]
    read = [each.occurred_at for each in lane if each.state == "read"]
    if delivered and read:
        yield from _delay(Leg.READ, channel, min(delivered), min(read))


def _says(status: states.Status, rank: int) -> bool:
    return states.rank(status.state, status.detail) == rank


def _delay(leg: Leg, channel: str, earlier: datetime, later: datetime) -> Iterator[Delay]:
    if later >= earlier:
        yield Delay(leg, channel, earlier, later - earlier)


def measured(route: Route, samples: Sequence[Delay]) -> Usual | None:
    """Return what ``samples`` add up to, None when they are too few."""
    if len(samples) < FEWEST:
        return None
    lengths = sorted(sample.length for sample in samples)
    moments = [sample.began_at for sample in samples]
    return Usual(
        route,
        len(samples),
        _within(lengths, 0.5),
        _within(lengths, 0.95),
        min(moments),
        max(moments),
    )


def _within(lengths: Sequence[timedelta], share: float) -> timedelta:
    """Return the shortest length within which ``share`` of them are."""
    return lengths[ceil(len(lengths) * share) - 1]
