"""What the browser tests send to the portal beside the demo."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.stack import SECRET, Stack
from tests.traffic import Client, Traffic

SEED = 8
ERRORS, RECEIPTS = 120, 60  # with the demo's own: several pages of 25 in both tables
CLIENT_DOCUMENT = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
PASTED = f'''"code": 1300,
"message": "Object wasn't found or is already expired",
"errorId": "{CLIENT_DOCUMENT}",
"timestamp": "2020-12-22T05:52:01.85Z"'''
WITH_STATUS = "6f0d3d3e-52b4-4b55-9a0f-1f6c2f1f9a01"
UNFRIENDLY = "0c8a4c0e-7e5d-4a53-8a59-6f1ad1f6b402"
FALLEN_BACK = "b6f2a1d4-3c1e-4b7f-8f56-90d2f1c7ae03"
UNKNOWN = "d7b1f6a8-1234-4cde-9abc-0f1e2d3c4b5a"
UNFRIENDLY_TEXT = (
    "</textarea></script><script>alert(1)</script><svg onload=alert(2)> "
    "\u202eright to left\u202c zero\u200bwidth العربية " + "unbroken" * 120
)
_MOMENT = datetime(2026, 7, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sender:
    """One of our services that reports to the portal."""

    port: int

    def send(self, *events: object) -> None:
        """Post ``events`` in one body; AssertionError unless the portal took them."""
        client = Client(self.port, headers={"Authorization": f"Bearer {SECRET}"})
        answer = client.post(b"\n".join(json.dumps(event).encode() for event in events))
        client.close()
        assert answer.status == 202


def fill(portal: Stack) -> None:
    """Send enough for several pages, and the records that tests look at one by one."""
    traffic = Traffic(SEED)
    lines = [traffic.error() for _ in range(ERRORS)] + [traffic.receipt() for _ in range(RECEIPTS)]
    named = [
        api_error(WITH_STATUS, code=1300, status=404),
        api_error(UNFRIENDLY, message=UNFRIENDLY_TEXT, path="/v1/" + "long" * 200),
        whatsapp_receipt(FALLEN_BACK, "undelivered", 0, code=1002),
        sms_receipt(FALLEN_BACK, "delivered", 1),
    ]
    Sender(portal.port).send(*(json.loads(line.text) for line in lines), *named)


def api_error(
    error_id: str,
    *,
    code: int = 1002,
    message: str = "Invalid MSISDN",
    status: int = 400,
    path: str = "/api/v1/subaccounts/northwind_ph_hq/messages",
    at: datetime = _MOMENT,
) -> object:
    """Return an API error as our services report it."""
    error = {
        "code": code,
        "message": message,
        "errorId": error_id,
        "timestamp": at.isoformat(),
    }
    context = {
        "httpStatus": status,
        "method": "POST",
        "path": path,
        "subAccountId": "northwind_ph_hq",
        "umid": FALLEN_BACK,
        "channel": "sms",
        "destination": "+12025550143",
        "service": "order-desk",
    }
    return {"error": error, "context": context}


def sms_receipt(umid: str, state: str, second: int) -> object:
    """Return a receipt of an SMS."""
    return _receipt("SMS", umid, {"state": state, **_at(second)}, {})


def whatsapp_receipt(umid: str, state: str, second: int, *, code: int) -> object:
    """Return a receipt of a WhatsApp message that failed with ``code``."""
    status = {"state": state, "errorCode": code, "errorMessage": "Rate limit", **_at(second)}
    return _receipt("ChatApps", umid, status, {"channel": "whatsapp"})


def new_id() -> str:
    """Return an id that nothing has yet."""
    return str(uuid.uuid4())


def _at(second: int) -> dict[str, str]:
    return {"timestamp": _MOMENT.replace(second=second).isoformat()}


def _receipt(namespace: str, umid: str, status: object, more: dict[str, str]) -> object:
    payload = {
        "umid": umid,
        "subAccountId": "northwind_ph_hq",
        "destination": "+12025550143",
        "status": status,
        **more,
    }
    return {
        "namespace": namespace,
        "eventType": "outbound_message_status_changed",
        "payload": payload,
    }
