"""What should still come for a message, when it usually comes, and until when it can.

The windows are 8x8's: an SMS receipt that comes about more than 48 hours late is not sent to us, and
read receipts are followed for ten days.  A LINE official account reports nothing after "sent".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from support_portal.events import states, usual
from support_portal.events.usual import Leg, Usual, Usuals

SMS = "sms"
SMS_WINDOW = timedelta(hours=48)
READ_WINDOW = timedelta(days=10)
REPORTS_READ = frozenset({"whatsapp", "viber", "rcs"})


class Missing(StrEnum):
    """Which receipt has not come."""

    FINAL = "final"  # the word after which nothing follows
    READ = "read"  # the message arrived; whether it was read is not known


class Stage(StrEnum):
    """How long it has been missing."""

    WAITING = "waiting"  # not longer than usual, as far as that is known
    OVERDUE = "overdue"  # longer than 95 % of those that came
    CLOSED = "closed"  # the deadline has passed: it will not come any more


@dataclass(frozen=True, slots=True)
class Expected:
    """A receipt that has not come; without a deadline, 8x8 names none."""

    missing: Missing
    since: datetime
    deadline: datetime | None
    usual: Usual | None  # None while too few have been seen
    stage: Stage

    @property
    def closed(self) -> bool:
        """Tell whether it will not come any more."""
        return self.stage is Stage.CLOSED

    @property
    def due(self) -> datetime | None:
        """Return when 95 % of those that come are there."""
        return self.since + self.usual.most if self.usual else None


def expected(lane: Sequence[states.Status], now: datetime, usuals: Usuals) -> Expected | None:
    """Return what is still missing on a lane (at least one receipt), or None."""
    told = states.current(lane)
    if states.is_terminal(told.state, told.detail, told.channel):
        return None
    channel = states.channel_of(lane)
    if told.state == "delivered" and not states.is_provisional(told.state, told.detail):
        return _read(channel, told.occurred_at, now, usuals)
    first = min(receipt.occurred_at for receipt in lane)
    deadline = first + SMS_WINDOW if channel == SMS else None
    usually = usuals.of(Leg.FINAL, channel)
    since = usual.began(lane)
    stage = _stage(now, deadline, since + usually.most if usually else None)
    return Expected(Missing.FINAL, since, deadline, usually, stage)


def _read(channel: str, since: datetime, now: datetime, usuals: Usuals) -> Expected | None:
    """Miss a read receipt only on channels that report it; nobody is late in reading."""
    if channel not in REPORTS_READ:
        return None
    deadline = since + READ_WINDOW
    stage = _stage(now, deadline, None)
    return Expected(Missing.READ, since, deadline, usuals.of(Leg.READ, channel), stage)


def _stage(now: datetime, deadline: datetime | None, due: datetime | None) -> Stage:
    if deadline is not None and deadline < now:
        return Stage.CLOSED
    return Stage.OVERDUE if due is not None and due < now else Stage.WAITING
