"""Records as the drain hands them over."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from support_portal.events import services
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.payloads import ApiError, Receipt

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
ERROR_ID = UUID("1cc1eda1-f5dd-ea11-8288-0263195dd35a")
UMID = UUID("9f4b5bb0-a414-4aed-8e6d-b48d0087b208")
DELIVERY = UUID("01983c3a-0000-7000-8000-000000000001")
NUMBER = "+12025550147"


def at(seconds: float) -> datetime:
    """Return a moment on the clock of 8x8."""
    return datetime(2026, 7, 20, 8, tzinfo=UTC) + timedelta(seconds=seconds)


def an_error(**changes: Any) -> ApiError:
    """Return an API error as it is told without context."""
    told: dict[str, Any] = {
        "error_id": ERROR_ID,
        "code": 1300,
        "message": "Object wasn't found",
        "occurred_at": at(0),
    }
    return ApiError(**told | changes)


def a_receipt(state: str = "sent", detail: str = "", seconds: float = 0, **more: Any) -> Receipt:
    """Return a receipt of one SMS."""
    told: dict[str, Any] = {
        "umid": UMID,
        "state": state,
        "detail": detail,
        "occurred_at": at(seconds),
        "channel": "sms",
    }
    return Receipt(**told | more)


def arrived(*records: Any, delivery: UUID = DELIVERY, received_at: datetime = NOW) -> list[Any]:
    """Return ``records`` as they came in one delivery."""
    return [
        Arrived(record, received_at, delivery, position) for position, record in enumerate(records)
    ]


def record(*records: Any, delivery: UUID = DELIVERY, received_at: datetime = NOW) -> Recorded:
    """Record what came in one delivery."""
    all_of_it = arrived(*records, delivery=delivery, received_at=received_at)
    with transaction.atomic():
        return services.record(all_of_it)
