"""The state of a message, derived from its receipts and never from the order in which they came.

8x8 promises no order, repeats receipts, and with a channel fallback sends those of several channels
under one umid.  So each channel is a lane of its own; within a lane the highest rank is the state.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

FAILURES = frozenset({"undelivered", "rejected", "failed"})
SUCCESSES = frozenset({"delivered", "read"})
UNKNOWN_RANK = 3  # a word we do not know says more than "sent" and less than a delivery
FAILURE_RANK = 5
RANKS = {
    ("queued", ""): 1,
    ("sent", ""): 2,
    ("delivered", "delivered_to_operator"): 4,
    ("delivered", "delivered_to_carrier"): 4,
    ("delivered", "delivered_to_recipient"): 6,
    ("delivered", ""): 6,
    ("read", ""): 7,
}
# Channels whose "sent" or "delivered" is the last word: they report nothing further.
LAST_WORD = {
    "line": {"sent"},
    "sms": {"delivered"},
    "zalonotification": {"delivered"},
    "linenotification": {"delivered"},
}


Place = tuple[int, str]  # step and channel of a lane; 0 and "" where they are not told


class Status(Protocol):
    """What a state is derived from: a stored receipt or one that has just arrived."""

    @property
    def state(self) -> str:
        """Return 8x8's word, or one we do not know."""

    @property
    def detail(self) -> str:
        """Return the second word, "" when there is none."""

    @property
    def channel(self) -> str:
        """Return the channel in lower case."""

    @property
    def step(self) -> int:
        """Return the number of the fallback step; 0 when it is not told."""

    @property
    def context(self) -> str:
        """Return the kind of receipt: it decides the registry of the code."""

    @property
    def error_code(self) -> int | None:
        """Return the code of a failure."""

    @property
    def occurred_at(self) -> datetime:
        """Return the time of the status by 8x8's clock."""


class Derived(NamedTuple):
    """The state of a message and the facts that go with it."""

    state: str
    detail: str
    channel: str
    error_code: int | None
    error_context: str
    first_at: datetime
    last_at: datetime  # of any receipt; that of the state may be earlier
    state_at: datetime
    receipts: int
    channels: int


def rank(state: str, detail: str) -> int:
    """Return how much a status says; a higher one is never undone by a lower one."""
    if state in FAILURES:
        return FAILURE_RANK
    known = RANKS.get((state, detail)) or RANKS.get((state, ""))
    return UNKNOWN_RANK if known is None else known


def is_provisional(state: str, detail: str) -> bool:
    """Tell whether an operator has the message and the handset has not confirmed it."""
    return rank(state, detail) == RANKS["delivered", "delivered_to_operator"]


def is_terminal(state: str, detail: str, channel: str) -> bool:
    """Tell whether nothing more is to be expected on ``channel``."""
    if state in FAILURES or state == "read":
        return True
    return state in LAST_WORD.get(channel, ()) and not is_provisional(state, detail)


def lanes(receipts: Iterable[Status]) -> list[list[Status]]:
    """Return the receipts by channel step, each lane by time, lanes in the order they began.

    Webhooks do not tell the step, and answers to send requests not even the channel: such receipts
    join the first lane that they can belong to.
    """
    found: dict[Place, list[Status]] = defaultdict(list)
    for receipt in receipts:
        found[receipt.step, receipt.channel].append(receipt)
    if len(found) > 1:
        _join(found)
    ordered = [sorted(lane, key=_moment) for lane in found.values()]
    return sorted(ordered, key=lambda lane: (step_of(lane), lane[0].occurred_at, channel_of(lane)))


def step_of(lane: Iterable[Status]) -> int:
    """Return the step of a lane, 0 when no receipt tells it."""
    return max(receipt.step for receipt in lane)


def channel_of(lane: Iterable[Status]) -> str:
    """Return the channel of a lane, "" when no receipt tells it."""
    return max(receipt.channel for receipt in lane)


def _join(found: dict[Place, list[Status]]) -> None:
    """Move what tells less of its place to a lane that tells more, the least telling first."""
    began = {place: min(map(_moment, lane)) for place, lane in found.items()}
    for place in sorted(found, key=lambda place: (_telling(place), place)):
        homes = [home for home in found if _fits(place, home)]
        if homes:
            home = min(homes, key=lambda home: (began[home], home))
            found[home].extend(found.pop(place))


def _telling(place: Place) -> int:
    step, channel = place
    return (step > 0) + (channel != "")


def _fits(place: Place, home: Place) -> bool:
    """Tell whether ``home`` says the same as ``place`` and more."""
    (step, channel), (home_step, home_channel) = place, home
    return (
        place != home
        and _telling(home) > _telling(place)
        and step in (0, home_step)
        and channel in ("", home_channel)
    )


def current(lane: Sequence[Status]) -> Status:
    """Return the receipt that tells the state of a lane."""
    return max(lane, key=lambda receipt: (rank(receipt.state, receipt.detail), *_moment(receipt)))


def derive(receipts: Sequence[Status]) -> Derived:
    """Return the state that ``receipts`` (at least one) add up to, whatever their order.

    A delivery on any channel is the answer; without one, the last channel that was tried is.
    """
    if len(receipts) == 1:  # most messages while they are new
        only = receipts[0]
        span = only.occurred_at, only.occurred_at
        return _derived(only, only.channel, span, receipts=1, channels=1)
    told = _told(receipts)
    moments = [receipt.occurred_at for receipt in receipts]
    return _derived(
        told,
        told.channel or _channel(told, receipts),
        (min(moments), max(moments)),
        receipts=len(receipts),
        channels=len({receipt.channel for receipt in receipts if receipt.channel}) or 1,
    )


def _derived(
    told: Status, channel: str, span: tuple[datetime, datetime], *, receipts: int, channels: int
) -> Derived:
    failed = told.state in FAILURES
    return Derived(
        told.state,
        told.detail,
        channel,
        told.error_code if failed else None,
        told.context if failed and told.error_code is not None else "",
        *span,
        told.occurred_at,
        receipts,
        channels,
    )


def _told(receipts: Sequence[Status]) -> Status:
    """Return the receipt that is the answer."""
    tried = [current(lane) for lane in lanes(receipts)]
    delivered = [status for status in tried if status.state in SUCCESSES]
    return current(delivered) if delivered else tried[-1]


def _channel(told: Status, receipts: Sequence[Status]) -> str:
    """Return the channel of the lane that a receipt without one has joined."""
    return next(channel_of(lane) for lane in lanes(receipts) if told in lane)


def _moment(receipt: Status) -> tuple[object, ...]:
    """Order receipts by time; ties are broken by contents, so that arrival plays no part."""
    code = -1 if receipt.error_code is None else receipt.error_code
    return (
        receipt.occurred_at,
        rank(receipt.state, receipt.detail),
        receipt.state,
        receipt.detail,
        receipt.channel,
        receipt.step,
        code,
    )
