"""What the tests send, and what they find afterwards."""

import json
from typing import Any

from support_portal.events.models import DeliveryReceipt, ErrorEvent
from support_portal.ingest import services
from support_portal.ingest.models import QuarantineEntry
from support_portal.ingest.services import Drained


def error(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return an API error; each number has an errorId of its own."""
    return {
        "code": 1300,
        "message": "Object wasn't found",
        "errorId": f"1cc1eda1-f5dd-ea11-8288-{number:012x}",
        "timestamp": "2026-07-20T05:52:01.85Z",
    } | changes


def receipt(number: int = 1, **status: Any) -> dict[str, Any]:
    """Return an SMS receipt; each number has a umid of its own."""
    return {
        "namespace": "SMS",
        "eventType": "outbound_message_status_changed",
        "description": "SMS outbound message delivery receipt",
        "payload": {
            "umid": f"9f4b5bb0-a414-4aed-8e6d-{number:012x}",
            "subAccountId": "northwind_parcel",
            "source": "NWPARCEL",
            "destination": "+12025550147",
            "status": {"state": "sent", "timestamp": "2026-07-20T08:14:04.31Z"} | status,
        },
    }


def encoded(value: object) -> bytes:
    """Return ``value`` as JSON; characters stay as they are."""
    return json.dumps(value, ensure_ascii=False).encode()


def drain_all(limit: int = services.ITEM_LIMIT) -> Drained:
    """Drain until nothing waits, and return the sums."""
    total = Drained()
    while (drained := services.drain(limit=limit)).more:
        total.deliveries += drained.deliveries
        total.recorded += drained.recorded
        total.repeated += drained.repeated
        total.ignored += drained.ignored
        total.quarantined += drained.quarantined
    return total


def reasons() -> list[str]:
    """Return why items were set aside, in the order they were sent."""
    entries = QuarantineEntry.objects.order_by("delivery_id", "position")
    return list(entries.values_list("reason", flat=True))


def facts() -> int:
    """Return how many errors and receipts are stored."""
    return ErrorEvent.objects.count() + DeliveryReceipt.objects.count()
