"""What should still come for a message, and until when it can.

The windows are 8x8's: an SMS receipt that comes about more than 48 hours late is not sent to us, and
read receipts are followed for ten days.  A LINE official account reports nothing after "sent".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from support_portal.events import states

SMS = "sms"
SMS_WINDOW = timedelta(hours=48)
READ_WINDOW = timedelta(days=10)
REPORTS_READ = frozenset({"whatsapp", "viber", "rcs"})


class Missing(StrEnum):
    """Which receipt has not come."""

    FINAL = "final"  # the word after which nothing follows
    READ = "read"  # the message arrived; whether it was read is not known


@dataclass(frozen=True, slots=True)
class Expected:
    """A receipt that has not come; without a deadline, 8x8 names none."""

    missing: Missing
    deadline: datetime | None
    closed: bool  # the deadline has passed: it will not come any more


def expected(lane: Sequence[states.Status], now: datetime) -> Expected | None:
    """Return what is still missing on a lane (at least one receipt), or None."""
    told = states.current(lane)
    if states.is_terminal(told.state, told.detail, told.channel):
        return None
    if told.state == "delivered" and not states.is_provisional(told.state, told.detail):
        return _read(told, now)
    began = min(receipt.occurred_at for receipt in lane)
    deadline = began + SMS_WINDOW if told.channel == SMS else None
    return Expected(Missing.FINAL, deadline, deadline is not None and deadline < now)


def _read(told: states.Status, now: datetime) -> Expected | None:
    """Miss a read receipt only on channels that report it."""
    if told.channel not in REPORTS_READ:
        return None
    deadline = told.occurred_at + READ_WINDOW
    return Expected(Missing.READ, deadline, deadline < now)
