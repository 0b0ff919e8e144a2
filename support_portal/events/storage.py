"""Where facts lie; who moves them holds the lock of those who write them."""

from datetime import datetime

from support_portal.core.partitions import (
    AHEAD,
    OLDEST,
    WEEK,
    Parted,
    Week,
    is_parted,
    make,
    mondays,
    strays,
)
from support_portal.events.services import LOCK

RECEIPTS = Parted("events_deliveryreceipt", "occurred_at", LOCK)
BACK = 13  # weeks for which there are partitions even before a receipt of that time comes


def keep_partitions(now: datetime) -> list[Week]:
    """Make the partitions of receipts that are missing, those of weeks to come among them."""
    if not is_parted(RECEIPTS):
        return []
    last = now + AHEAD * WEEK
    wanted = strays(RECEIPTS, now - OLDEST, last)
    return make(RECEIPTS, wanted.union(mondays(now - BACK * WEEK, last)))
