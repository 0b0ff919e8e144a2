"""The story of a message as plain data, the same for the same receipts in any order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Protocol, cast

from support_portal.events import states, usual
from support_portal.events.expectations import Expected, expected
from support_portal.events.usual import Leg, Usual, Usuals
from support_portal.payloads.records import SEND_ANSWER
from support_portal.reason_codes import Context, Reading, decode

WHATSAPP = "whatsapp"
NOTHING_MEASURED = Usuals()
# A delay is worth a word from so many times the usual on, and when it is so much longer.
SLOW_TIMES = 2
SLOW_BY = timedelta(seconds=10)


class Told(states.Status, Protocol):
    """A receipt as it is stored."""

    @property
    def received_at(self) -> datetime:
        """Return the time it first came, by our clock."""

    @property
    def error_message(self) -> str:
        """Return 8x8's words about the failure, "" when there are none."""

    @property
    def provider_code(self) -> str:
        """Return the channel's own number, "" when there is none."""

    @property
    def repeats(self) -> int:
        """Return how often it came again."""


class Flag(StrEnum):
    """Something about a step that an agent should notice."""

    LATE_NEGATIVE = "late_negative"  # a failure after the operator had accepted it
    IMPOSSIBLE = "impossible"  # the step contradicts one before it
    AGAIN = "again"  # the same state with another time
    CLOCK_SKEW = "clock_skew"  # received before it happened: two clocks disagree
    SLOW = "slow"  # it took much longer than 95 % of the others


@dataclass(frozen=True, slots=True)
class Slow:
    """How much longer than usual the final receipt took."""

    took: timedelta
    usual: Usual

    @property
    def times(self) -> float:
        """Return how many times as long as 95 % of the others took at most."""
        return self.took / max(self.usual.most, timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Step:
    """One receipt in its place."""

    state: str
    detail: str
    occurred_at: datetime
    received_at: datetime
    delay: timedelta  # from the event to us; negative when the clocks disagree
    came: int
    code: Reading | None
    provider: Reading | None
    provider_text: str  # the provider code as it came, where it is no number of a known table
    error_message: str
    provisional: bool
    flags: tuple[Flag, ...]
    slow: Slow | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """The steps on one channel."""

    channel: str
    steps: tuple[Step, ...]
    expected: Expected | None
    mute: bool  # "sent" was its last word: the channel reports nothing further


@dataclass(frozen=True, slots=True)
class Timeline:
    """All lanes, and the state that they add up to."""

    lanes: tuple[Lane, ...]
    now: states.Derived | None  # None without a receipt
    code: Reading | None  # of the failure that is the state
    expected: Expected | None  # what the state of the message waits for

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps of all lanes, lane by lane."""
        return tuple(step for lane in self.lanes for step in lane.steps)


def timeline(
    receipts: Iterable[Told], *, now: datetime, usuals: Usuals = NOTHING_MEASURED
) -> Timeline:
    """Return the timeline of one message; the order of ``receipts`` plays no part."""
    ordered = sorted(receipts, key=_whole)
    if not ordered:
        return Timeline((), None, None, None)
    derived = states.derive(ordered)
    lanes = tuple(
        Lane(
            channel=states.channel_of(lane),
            steps=_steps(lane, _slow(lane, usuals)),
            expected=_expected(lane, derived, now, usuals),
            mute=_is_mute(lane),
        )
        for lane in _lanes(ordered)
    )
    return Timeline(lanes, derived, _failure(derived), _awaited(lanes, derived))


def reading(receipt: Told) -> Reading | None:
    """Return what the code of a receipt means in the table of its own kind and channel."""
    if receipt.error_code is None:
        return None
    return decode(Context(receipt.context), receipt.channel, receipt.error_code)


def _whole(receipt: Told) -> tuple[object, ...]:
    """Order by time and then by all that is told, so that no two different receipts tie."""
    code = -(2**40) if receipt.error_code is None else receipt.error_code
    return (
        receipt.occurred_at,
        states.rank(receipt.state, receipt.detail),
        receipt.state,
        receipt.detail,
        receipt.channel,
        receipt.step,
        code,
        receipt.received_at,
        receipt.context,
        receipt.provider_code,
        receipt.error_message,
        receipt.repeats,
    )


def _lanes(ordered: Sequence[Told]) -> list[list[Told]]:
    """Return the lanes as ``states.lanes`` has them; sorting is stable, so ties keep our order."""
    return cast(list[list[Told]], states.lanes(ordered))


class _Earlier:
    """What was told before on a lane, as far as the order of its steps needs it."""

    def __init__(self) -> None:
        self.top: states.Status | None = None  # the most that was told
        self.said: dict[tuple[object, ...], set[datetime]] = defaultdict(set)

    def add(self, receipt: Told) -> None:
        """Remember a receipt."""
        self.top = states.current([self.top, receipt]) if self.top else receipt
        self.said[_telling(receipt)].add(receipt.occurred_at)


def _telling(receipt: Told) -> tuple[object, ...]:
    """Return what a receipt tells; the answer to a send request has no time of its own."""
    return receipt.context == SEND_ANSWER, receipt.state, receipt.detail


def _steps(lane: Sequence[Told], slow: Slow | None) -> tuple[Step, ...]:
    settled, earlier, steps = usual.final(lane), _Earlier(), []
    for receipt in lane:
        settles = receipt.occurred_at == settled and usual.is_final(receipt)
        steps.append(_step(receipt, earlier, slow if settles else None))
        earlier.add(receipt)
    return tuple(_once(list(alike)) for _, alike in groupby(steps, key=_saying))


def _saying(step: Step) -> tuple[object, ...]:
    return step.occurred_at, step.state, step.detail, step.code


def _once(alike: Sequence[Step]) -> Step:
    """Return one step for what a webhook, an export and a details answer tell of the same status."""
    first = alike[0]
    if len(alike) == 1:
        return first
    received_at = min(step.received_at for step in alike)
    return replace(
        first,
        received_at=received_at,
        delay=received_at - first.occurred_at,
        came=sum(step.came for step in alike),
        provider=next((step.provider for step in alike if step.provider), None),
        provider_text=max(step.provider_text for step in alike),
        error_message=max(step.error_message for step in alike),
    )


def _slow(lane: Sequence[Told], usuals: Usuals) -> Slow | None:
    """Compare how long the final receipt took with what is usual, None when that is not known."""
    settled, usually = usual.final(lane), usuals.of(Leg.FINAL, states.channel_of(lane))
    if settled is None or usually is None:
        return None
    slow = Slow(settled - usual.began(lane), usually)
    much = slow.times >= SLOW_TIMES and slow.took - usually.most >= SLOW_BY
    return slow if much else None


def _step(receipt: Told, earlier: _Earlier, slow: Slow | None) -> Step:
    provider = _provider(receipt)
    return Step(
        state=receipt.state,
        detail=receipt.detail,
        occurred_at=receipt.occurred_at,
        received_at=receipt.received_at,
        delay=receipt.received_at - receipt.occurred_at,
        came=receipt.repeats + 1,
        code=reading(receipt),
        provider=provider,
        provider_text="" if provider else receipt.provider_code,
        error_message=receipt.error_message,
        provisional=states.is_provisional(receipt.state, receipt.detail),
        flags=(*_flags(receipt, earlier), *((Flag.SLOW,) if slow else ())),
        slow=slow,
    )


def _provider(receipt: Told) -> Reading | None:
    """Decode the provider code where a table for it exists: on WhatsApp."""
    text = receipt.provider_code
    if receipt.channel != WHATSAPP or not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    return decode(Context.WHATSAPP_PROVIDER, receipt.channel, int(text))


def _flags(receipt: Told, earlier: _Earlier) -> Iterable[Flag]:
    yield from _order(receipt, earlier)
    if receipt.received_at < receipt.occurred_at:
        yield Flag.CLOCK_SKEW


def _order(receipt: Told, earlier: _Earlier) -> Iterable[Flag]:
    """Compare a step with the most that was told before it on its channel."""
    top = earlier.top
    if top is None:
        return
    reached, rank = (states.rank(each.state, each.detail) for each in (top, receipt))
    if moments := earlier.said.get(_telling(receipt)):
        if receipt.occurred_at not in moments:
            yield Flag.AGAIN
    elif receipt.state in states.FAILURES and states.is_provisional(top.state, top.detail):
        yield Flag.LATE_NEGATIVE
    elif rank < reached or top.state in states.FAILURES:
        yield Flag.IMPOSSIBLE


def _expected(
    lane: Sequence[Told], derived: states.Derived, now: datetime, usuals: Usuals
) -> Expected | None:
    """Await nothing on a channel when the message arrived on another."""
    if derived.state in states.SUCCESSES and states.channel_of(lane) != derived.channel:
        return None
    return expected(lane, now, usuals)


def _is_mute(lane: Sequence[Told]) -> bool:
    told = states.current(lane)
    return told.state == "sent" and states.is_terminal(told.state, told.detail, told.channel)


def _failure(derived: states.Derived) -> Reading | None:
    if derived.error_code is None:
        return None
    return decode(Context(derived.error_context), derived.channel, derived.error_code)


def _awaited(lanes: Sequence[Lane], derived: states.Derived) -> Expected | None:
    """Return what the lane that tells the state waits for."""
    for lane in reversed(lanes):
        if lane.channel == derived.channel:
            return lane.expected
    return None
