"""Storing delivery receipts, and the messages whose state they add up to."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from support_portal.core.bulk import increment, insert_rows
from support_portal.events import message_store
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.identity import receipt_digest
from support_portal.events.models import DeliveryReceipt
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


def store(arrivals: Sequence[Arrival], counted: Recorded) -> None:
    """Store new receipts, count repeats, and bring the messages concerned up to date."""
    if not arrivals:
        return
    umids = {arrival.record.umid for arrival in arrivals}
    stored: dict[UUID, list[DeliveryReceipt]] = defaultdict(list)
    for receipt in DeliveryReceipt.objects.filter(umid__in=umids):
        stored[receipt.umid].append(receipt)
    known = {
        (receipt.umid, receipt.occurred_at, receipt.digest)
        for receipts in stored.values()
        for receipt in receipts
    }
    first, repeats = _sort(arrivals, known, counted)
    insert_rows(DeliveryReceipt, FIELDS, (_row(key, arrival) for key, arrival in first.items()))
    increment(DeliveryReceipt, "repeats", ("umid", "occurred_at", "digest"), repeats)
    message_store.update(list(first.values()), stored)


def _sort(
    arrivals: Sequence[Arrival], known: set[Key], counted: Recorded
) -> tuple[dict[Key, Arrival], Counter[tuple[object, ...]]]:
    first: dict[Key, Arrival] = {}
    repeats: Counter[tuple[object, ...]] = Counter()
    for arrival in arrivals:
        receipt = arrival.record
        key = (receipt.umid, receipt.occurred_at, receipt_digest(receipt))
        if key in known or key in first:
            repeats[key] += 1
            counted.repeated[arrival.delivery_id] += 1
        else:
            first[key] = arrival
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
