"""Storing delivery receipts, and the messages whose state they add up to."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from support_portal.core.bulk import find_rows, increment, insert_rows
from support_portal.core.partitions import Span, together
from support_portal.events import message_store
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.identity import receipt_digest
from support_portal.events.models import DeliveryReceipt
from support_portal.events.tally import Tally
from support_portal.payloads import Receipt

Arrival = Arrived[Receipt]
Key = tuple[UUID, datetime, int]
FIELDS = (
    "umid",
    "occurred_at",
    "digest",
    "received_at",
    "channel",
    "step",
    "state",
    "detail",
    "context",
    "error_code",
    "error_message",
    "provider_code",
    "sub_account",
    "repeats",
    "delivery_id",
    "position",
)


class Stored(NamedTuple):
    """What is read of a receipt that is known: what makes it the same, and what the state needs."""

    umid: UUID
    occurred_at: datetime
    digest: int
    state: str
    detail: str
    channel: str
    step: int
    context: str
    error_code: int | None


def store(arrivals: Sequence[Arrival], counted: Recorded, tally: Tally) -> Collection[Arrival]:
    """Store new receipts, count repeats, and bring the messages concerned up to date.

    The messages are looked up first: only those that are known can have receipts already, and for
    all others the receipts need not be looked for.  Returns the new receipts.
    """
    if not arrivals:
        return ()
    messages = message_store.find({arrival.record.umid for arrival in arrivals})
    stored = find(message_store.spans(messages))
    first, repeats = _sort(arrivals, stored, counted)
    insert_rows(DeliveryReceipt, FIELDS, (_row(key, arrival) for key, arrival in first.items()))
    key = ("umid", "occurred_at", "digest")
    increment(DeliveryReceipt, "repeats", key, repeats, parted_by="occurred_at")
    message_store.update(first.values(), messages, stored, tally)
    return first.values()


def find(spans: Mapping[UUID, Span]) -> dict[UUID, list[Stored]]:
    """Return the receipts of messages whose receipts lie in these spans."""
    stored: dict[UUID, list[Stored]] = defaultdict(list)
    for umids, span in together(spans):
        within = ("occurred_at", *span) if span else None
        for row in find_rows(DeliveryReceipt, Stored._fields, "umid", umids, within=within):
            stored[row[0]].append(Stored(*row))
    return stored


def _sort(
    arrivals: Iterable[Arrival], stored: dict[UUID, list[Stored]], counted: Recorded
) -> tuple[dict[Key, Arrival], Counter[tuple[object, ...]]]:
    known = {receipt[:3] for receipts in stored.values() for receipt in receipts}
    first: dict[Key, Arrival] = {}
    repeats: Counter[tuple[object, ...]] = Counter()
    for arrival in arrivals:
        receipt = arrival.record
        key = (receipt.umid, receipt.occurred_at, receipt_digest(receipt))
        # A key is costly to hash, so it is looked up once where nothing is known.
        if (known and key in known) or first.setdefault(key, arrival) is not arrival:
            repeats[key] += 1
            counted.repeated[arrival.delivery_id] += 1
        else:
            counted.new[arrival.delivery_id] += 1
    return first, repeats


def _row(key: Key, arrival: Arrival) -> tuple[object, ...]:
    receipt = arrival.record
    return (
        *key,
        arrival.received_at,
        receipt.channel,
        receipt.step,
        receipt.state,
        receipt.detail,
        receipt.context,
        receipt.error_code,
        receipt.error_message,
        receipt.provider_code,
        receipt.sub_account,
        0,
        arrival.delivery_id,
        arrival.position,
    )
