"""Opening a delivery: unsealed, split and parsed, without touching the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from support_portal.core import sealing
from support_portal.events.arrivals import Arrived
from support_portal.ingest.inbox import Waiting
from support_portal.ingest.likeness import likeness
from support_portal.ingest.models import Source
from support_portal.payloads import BadPart, Fact, Ignored, Item, Unrecognised, parse, split

# Where an archive may say when something was first received; others cannot set our clock.
TRUSTED = {Source.DEMO, Source.FILE}
DETAILS_LIMIT = 5  # bad parts of one item that are told one by one
DRAIN_FAILED = "drain_failed"
NO_REASON = "Recording it failed again and again without a reason that could be told."
WHOLE = -1  # the position of a delivery that was set aside as it came


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that was not understood, sealed again, with the reason."""

    position: int
    reason: str
    detail: str
    sealed: bytes
    received_at: datetime
    likeness: str  # words that are the same for items that are alike
    size: int


@dataclass(slots=True)
class Opened:
    """A slice of a delivery: what was understood, what is dropped by a rule, and the rest."""

    delivery: Waiting
    all_items: Sequence[Item]
    end: int  # the position after the last item of the slice
    arrivals: list[Arrived[Fact]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)  # by rule
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def items(self) -> int:
        """Return how many items the slice holds."""
        return self.end - self.delivery.next_position

    @property
    def complete(self) -> bool:
        """Tell whether the slice reaches the end of the delivery."""
        return self.end >= len(self.all_items)

    @property
    def alone(self) -> bool:
        """Tell whether the delivery holds nothing beside this one item."""
        return len(self.all_items) <= 1

    def raw(self, position: int) -> bytes:
        """Return the bytes of one item as they were sent."""
        return self.all_items[position].raw


def open_delivery(delivery: Waiting, *, limit: int) -> Opened:
    """Open up to ``limit`` items of ``delivery`` from its next position on."""
    try:
        items = split(sealing.unseal(delivery.body))
    except sealing.Unsealable as error:
        return _unopened(delivery, "unsealable", f"The body cannot be unsealed: {error}.")
    end = min(len(items), delivery.next_position + limit)
    opened = Opened(delivery, items, end)
    for item in items[delivery.next_position : end]:
        _read(item, opened)
    return opened


def _read(item: Item, opened: Opened) -> None:
    delivery = opened.delivery
    received_at = _received(item, delivery)
    bad: list[BadPart] = []
    try:
        for record in parse(item.raw):
            if isinstance(record, Ignored):
                opened.ignored[record.rule] += 1
            elif isinstance(record, BadPart):
                bad.append(record)
            else:
                opened.arrivals.append(Arrived(record, received_at, delivery.id, item.position))
    except Unrecognised as why:
        bad.append(BadPart(why.reason, why.detail))
    if bad:
        opened.unreadable.append(_unreadable(item, bad, received_at))


def _received(item: Item, delivery: Waiting) -> datetime:
    told = item.received_at if delivery.source in TRUSTED else None
    return told or delivery.received_at


def _unreadable(item: Item, bad: Sequence[BadPart], received_at: datetime) -> Unreadable:
    """Set an item aside whole, even if only parts of it are bad: its good parts would be repeats."""
    reason, detail = told(bad)
    return unreadable(item.position, reason, detail, item.raw, received_at)


def unreadable(
    position: int, reason: str, detail: str, raw: bytes, received_at: datetime
) -> Unreadable:
    """Return an item that is set aside, sealed, with what it has in common with those alike."""
    words = likeness(raw, detail)
    return Unreadable(position, reason, detail, sealing.seal(raw), received_at, words, len(raw))


def told(bad: Sequence[BadPart]) -> tuple[str, str]:
    """Return the reason and the sentence for an item with bad parts."""
    detail = " ".join(part.detail for part in bad[:DETAILS_LIMIT])
    if len(bad) > DETAILS_LIMIT:
        detail += f" And {len(bad) - DETAILS_LIMIT:,} parts more."
    return bad[0].reason, detail


def set_next_aside(delivery: Waiting) -> Opened:
    """Give up on the next item of a delivery: a drain that tried it alone stumbled."""
    try:
        items = split(sealing.unseal(delivery.body))
    except sealing.Unsealable as error:
        return _unopened(delivery, "unsealable", f"The body cannot be unsealed: {error}.")
    item = items[delivery.next_position]
    received_at = _received(item, delivery)
    given_up = unreadable(item.position, DRAIN_FAILED, NO_REASON, item.raw, received_at)
    return Opened(delivery, items, delivery.next_position + 1, unreadable=[given_up])


def set_aside(delivery: Waiting) -> Opened:
    """Give up on a delivery over which the drain itself stumbled; it stays sealed and can be replayed."""
    return _unopened(delivery, DRAIN_FAILED, NO_REASON)


def _unopened(delivery: Waiting, reason: str, detail: str) -> Opened:
    """Return the whole delivery as one unreadable item, sealed as it is."""
    whole = Unreadable(
        position=WHOLE,
        reason=reason,
        detail=detail,
        sealed=bytes(delivery.body),
        received_at=delivery.received_at,
        likeness=likeness(b"", detail),
        size=delivery.size,
    )
    return Opened(delivery, (), 1, unreadable=[whole])
