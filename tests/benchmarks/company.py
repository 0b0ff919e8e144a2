"""Traffic of a company that one can browse: few sub-accounts, many codes, some common and some rare.

Each sub-account sends on one or two channels to one or two countries, as companies do, so traits
come together and are not spread evenly.
"""

from datetime import datetime, timedelta
from typing import Any

from tests.traffic import Line, Traffic, compact

# code, message ("{}" is replaced by what varies), weight
ERRORS = (
    (1300, "Object wasn't found or is already expired", 400),
    (1002, "Invalid MSISDN format: {}", 160),
    (1001, "Illegal SubAccountId {}", 60),
    (1200, "Invalid or missing API key", 50),
    (2000, "Something went wrong. Please contact support", 45),
    (1003, "Invalid source", 30),
    (1004, "Message body is too long: {} characters", 25),
    (1014, "TLS 1.2 is required", 12),
    (3038, "Template 'order_ready_{}' was not found", 9),
    (7001, "Flow is not published", 2),
    (7002, "Step {} of flow 'returns' failed", 1),
)
# sub-account, channel, prefix of numbers that are reserved for examples, digits after it, weight
PLACES = (
    ("northwind_gb_retail", "sms", "+447700900", 3, 300),
    ("northwind_gb_otp", "sms", "+447700900", 3, 260),
    ("northwind_us_retail", "sms", "+1202555010", 1, 180),
    ("northwind_us_otp", "whatsapp", "+1202555011", 1, 90),
    ("northwind_au", "sms", "+61491570156", 0, 60),
    ("northwind_au", "viber", "+61491570157", 0, 20),
    ("northwind_fr", "whatsapp", "+3363998", 4, 30),
    ("northwind_returns", "rcs", "+447700900", 3, 15),
    ("northwind_tests", "sms", "+1202555012", 1, 5),
)
STATES = (
    ("sent", None, None, 10),
    ("delivered", "delivered_to_recipient", None, 80),
    ("undelivered", "rejected_by_operator", 15, 6),
    ("undelivered", "expired", 3, 3),
    ("rejected", "rejected_by_8x8", 61, 1),
)


class CompanyTraffic(Traffic):
    """Errors and receipts from ``moment`` on."""

    def __init__(self, seed: int, moment: datetime, pace: timedelta, **shares: float) -> None:
        super().__init__(seed, **shares)
        self.moment = moment
        self.pace = pace  # from one event to the next, on average

    def error(self) -> Line:
        """Return an API error with the context of its request."""
        error_id = self._id()
        code, message, _ = self._one_of(ERRORS)
        sub_account, channel, *number = self._place()
        event = {
            "error": {
                "code": code,
                "message": message.format(self.random.randrange(10_000)),
                "errorId": str(error_id),
                "timestamp": self._time(),
            },
            "context": {
                "httpStatus": 404 if code == 1300 else 400,
                "method": "GET" if code == 1300 else "POST",
                "path": f"/api/v1/subaccounts/{sub_account}/messages",
                "subAccountId": sub_account,
                "umid": str(self._id()),
                "channel": channel,
                "destination": self._to(*number),
            },
        }
        return Line(compact(event), ("error", error_id.hex))

    def receipt(self) -> Line:
        """Return a delivery receipt."""
        state, detail, code, _ = self._one_of(STATES)
        umid = self._id()
        sub_account, channel, *number = self._place()
        status = {"state": state, "timestamp": self._time()}
        if detail:
            status["detail"] = detail
        sms = channel == "sms"
        event = {
            "namespace": "SMS" if sms else "ChatApps",
            "eventType": "outbound_message_status_changed",
            "description": "outbound message delivery receipt",
            "payload": {
                "umid": str(umid),
                "subAccountId": sub_account,
                "status": status | ({"errorCode": code} if code and sms else {}),
                **({"destination": self._to(*number)} if sms else {}),
                **({} if sms else {"channel": channel, "user": {"msisdn": self._to(*number)}}),
            },
        }
        return Line(compact(event), ("receipt", umid.hex, state))

    def _time(self) -> str:
        self.moment += self.pace * self.random.uniform(0, 2)
        return self.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _place(self) -> tuple[Any, ...]:
        return self._one_of(PLACES)[:-1]

    def _to(self, prefix: str, digits: int) -> str:
        return prefix + str(self.random.randrange(10**digits)).zfill(digits) if digits else prefix

    def _one_of(self, rows: tuple[tuple[Any, ...], ...]) -> tuple[Any, ...]:
        return self.random.choices(rows, [row[-1] for row in rows])[0]
