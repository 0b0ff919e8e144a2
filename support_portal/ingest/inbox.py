"""The inbox as the drain sees it: plain rows, claimed in batches and settled in one statement."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from support_portal.core.bulk import find_rows, update_rows
from support_portal.ingest.models import Delivery, DeliveryState

BYTE_LIMIT = 8 * 2**20
DELIVERY_LIMIT = 2_000
COUNTS = ("recorded", "repeated", "ignored", "quarantined")
SETTLED = (*COUNTS, "next_position", "state", "drained_at", "attempts")


class Waiting(NamedTuple):
    """What the drain reads of a delivery; building a model instance would cost three times that."""

    id: UUID
    source: str
    sender: str
    token_id: int | None
    body: bytes
    received_at: datetime
    next_position: int
    attempts: int
    size: int
    entry_id: UUID | None  # an item of the quarantine that goes through the intake again


class Settlement(NamedTuple):
    """What a batch did to a delivery: the counts to add, and how far it is."""

    recorded: int
    repeated: int
    ignored: int
    quarantined: int
    next_position: int
    complete: bool
    attempts: int
    id: UUID


def claim() -> tuple[list[Waiting], bool]:
    """Return the next batch, oldest first, at most BYTE_LIMIT bytes, and whether more waits.

    One that a drain has stumbled over goes alone, so that it cannot take its neighbours along.
    Nothing is marked: whoever records a batch looks with the lock held whether it still waits.
    """
    chosen: list[UUID] = []
    size = 0
    pending = Delivery.objects.pending().values_list("id", "size", "attempts")
    waiting = list(pending[: DELIVERY_LIMIT + 1])
    for identifier, length, attempts in waiting[:DELIVERY_LIMIT]:
        size += length
        if chosen and (attempts or size > BYTE_LIMIT):
            break
        chosen.append(identifier)
        if attempts:
            break
    claimed = sorted(Waiting(*row) for row in find_rows(Delivery, Waiting._fields, "id", chosen))
    return claimed, len(waiting) > len(chosen)


def find(delivery_id: UUID) -> Waiting:
    """Return one delivery, waiting or not; IndexError when it is gone."""
    return Waiting(*find_rows(Delivery, Waiting._fields, "id", [delivery_id])[0])


def still_waiting(claimed: Collection[Waiting]) -> set[UUID]:
    """Return the ids of what no other drain has taken any further."""
    ids = [delivery.id for delivery in claimed]
    now = {
        identifier: position
        for identifier, state, position in find_rows(
            Delivery, ("id", "state", "next_position"), "id", ids
        )
        if state == DeliveryState.PENDING
    }
    return {each.id for each in claimed if now.get(each.id) == each.next_position}


def settle(settlements: Iterable[Settlement], now: datetime) -> None:
    """Write down what became of deliveries."""
    rows: list[Sequence[object]] = []
    for *counts, position, complete, attempts, identifier in settlements:
        state = DeliveryState.DONE if complete else DeliveryState.PENDING
        drained_at = now if complete else None
        rows.append((*counts, position, state.value, drained_at, attempts, identifier))
    update_rows(Delivery, SETTLED, ("id",), rows, adding=COUNTS)
