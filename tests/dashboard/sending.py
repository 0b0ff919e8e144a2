"""Records that tests of pages make the way 8x8 does: by a delivery that is drained."""

from typing import Any

from support_portal.ingest.models import Delivery
from support_portal.ingest.services import receive
from tests.ingest.sent import drain_all, encoded, error, receipt

HOSTILE = "<img src=x onerror=alert(4)>"
SHOWN = "&lt;img src=x onerror=alert(4)&gt;"
ERROR_ID = "1cc1eda1-f5dd-ea11-8288-000000000001"
UMID = "9f4b5bb0-a414-4aed-8e6d-000000000001"


def sent(*payloads: Any) -> Delivery:
    """Receive the payloads as one delivery and drain it."""
    delivery = receive(encoded(list(payloads)), source="api")
    drain_all()
    return delivery


def an_error(number: int = 1, code: int = 1300, **context: Any) -> dict[str, Any]:
    """Return an API error with what its sender told about the request."""
    return error(number, code=code) | {"context": context}


def a_receipt(number: int = 1, state: str = "sent", **more: Any) -> dict[str, Any]:
    """Return an SMS receipt; ``message`` holds more about the message itself."""
    about = more.pop("message", {})
    told = receipt(number, state=state, **more)
    told["payload"] |= about
    return told
