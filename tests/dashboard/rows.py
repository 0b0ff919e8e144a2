"""Rows that the tests of pages share."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from support_portal.events.models import ErrorEvent, Message

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ERROR_ID = UUID("1cc1eda1-f5dd-ea11-8288-0263195dd35a")
UMID = UUID("46d27247-ecda-4bdd-8b17-b50b0013cb0c")
# What a sender posts, and what the intake makes the error ERROR_ID of.
GOOD = (
    b'{"error":{"code":1300,"message":"Not found","timestamp":"2020-12-22T05:52:01.85Z",'
    b'"errorId":"1cc1eda1-f5dd-ea11-8288-0263195dd35a"},"context":{"subAccountId":"northwind_ph_hq"}}'
)


def error(number: int = 0, **values: Any) -> ErrorEvent:
    """Return an error, ``number`` seconds before noon."""
    given: dict[str, Any] = {
        "error_id": UUID(int=number) if number else ERROR_ID,
        "code": 1300,
        "message": "Object wasn't found or is already expired",
        "occurred_at": NOON - timedelta(seconds=number),
        "received_at": NOON,
        "delivery_id": UUID(int=9),
        "position": 0,
        "sub_account": "northwind_ph_hq",
        "channel": "sms",
        "country": "PH",
    }
    return ErrorEvent(**given | values)


def message(number: int = 0, **values: Any) -> Message:
    """Return a message, ``number`` seconds before noon."""
    given: dict[str, Any] = {
        "umid": UUID(int=number) if number else UMID,
        "state": "delivered",
        "detail": "delivered_to_recipient",
        "first_at": NOON - timedelta(minutes=5),
        "last_at": NOON,
        "state_at": NOON - timedelta(seconds=number),
        "received_at": NOON,
        "delivery_id": UUID(int=9),
        "position": 0,
        "sub_account": "northwind_ph_hq",
        "channel": "whatsapp",
        "country": "PH",
        "destination_masked": "+63•••••4567",
        "receipts": 1,
        "channels": 1,
    }
    return Message(**given | values)


def save_errors(*rows: ErrorEvent) -> None:
    """Store errors."""
    ErrorEvent.objects.bulk_create(rows)


def save_messages(*rows: Message) -> None:
    """Store messages."""
    Message.objects.bulk_create(rows)
