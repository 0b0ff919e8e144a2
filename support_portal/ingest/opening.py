"""Opening a delivery: unsealed, split and parsed, without touching the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from support_portal.core import sealing
from support_portal.events.arrivals import Arrived
from support_portal.ingest.models import Delivery, Source
from support_portal.payloads import ApiError, Item, Receipt, Unrecognised, parse, split

# Where an archive may say when something was first received; others cannot set our clock.
TRUSTED = {Source.DEMO, Source.FILE}
WHOLE = -1  # the position of a delivery that was set aside as it came


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that was not understood, sealed again, with the reason."""

    position: int
    reason: str
    detail: str
    sealed: bytes
    received_at: datetime


@dataclass(slots=True)
class Opened:
    """A slice of a delivery: what was understood and what was not."""

    delivery: Delivery
    all_items: Sequence[Item]
    end: int  # the position after the last item of the slice
    arrivals: list[Arrived[ApiError] | Arrived[Receipt]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def items(self) -> int:
        """Return how many items the slice holds."""
        return len(self.arrivals) + len(self.unreadable)

    @property
    def complete(self) -> bool:
        """Tell whether the slice reaches the end of the delivery."""
        return self.end >= len(self.all_items)

    def raw(self, position: int) -> bytes:
        """Return the bytes of one item as they were sent."""
        return self.all_items[position].raw


def open_delivery(delivery: Delivery, *, limit: int) -> Opened:
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
    told = item.received_at if delivery.source in TRUSTED else None
    received_at = told or delivery.received_at
    try:
        record = parse(item.raw)
    except Unrecognised as why:
        opened.unreadable.append(
            Unreadable(item.position, why.reason, why.detail, sealing.seal(item.raw), received_at)
        )
        return
    # The two kinds are told apart here so that each Arrived is of one kind for the type checker.
    if isinstance(record, ApiError):
        opened.arrivals.append(Arrived(record, received_at, delivery.id, item.position))
    else:
        opened.arrivals.append(Arrived(record, received_at, delivery.id, item.position))


def set_aside(delivery: Delivery, attempts: int) -> Opened:
    """Give up on a delivery over which the drain itself stumbled; it stays sealed and can be replayed."""
    detail = f"Recording it failed {attempts} times without a reason that could be told."
    return _unopened(delivery, "drain_failed", detail)


def _unopened(delivery: Delivery, reason: str, detail: str) -> Opened:
    """Return the whole delivery as one unreadable item, sealed as it is."""
    whole = Unreadable(WHOLE, reason, detail, bytes(delivery.body), delivery.received_at)
    return Opened(delivery, (), 1, unreadable=[whole])
