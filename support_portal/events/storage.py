"""Where facts lie; who moves them holds the lock of those who write them."""

from datetime import datetime, timedelta

from django.conf import settings

from support_portal.core.partitions import (
    AHEAD,
    OLDEST,
    WEEK,
    Parted,
    Week,
    is_parted,
    make,
    monday,
    mondays,
    strays,
)
from support_portal.events.services import LOCK

KEPT_AS = "messages"  # the kind with which receipts go by age
RECEIPTS = Parted("events_deliveryreceipt", "occurred_at", LOCK)
BACK = 13  # weeks for which there are partitions even before a receipt of that time comes


def keep_partitions(now: datetime) -> list[Week]:
    """Make the partitions of receipts that are missing, those of weeks to come among them."""
    if not is_parted(RECEIPTS):
        return []
    first, last = placed_since(now), now + AHEAD * WEEK
    wanted = strays(RECEIPTS, first, last)
    return make(RECEIPTS, wanted.union(mondays(max(first, now - BACK * WEEK), last)))


def placed_since(now: datetime) -> datetime:
    """Return since when receipts lie by week: a week that goes by age is not made again.

    What came late of such a week would move to and fro, each time under the lock of those who write.
    """
    days = settings.KEPT_DAYS[KEPT_AS]
    oldest = now - OLDEST
    return max(oldest, monday(now - timedelta(days=days))) if days else oldest
