"""Clocks that disagree: ours with that of the database, and ours with those of whoever sends.

Only one kind of error can be seen from here: nothing happens after it was told of.  So records from
the future say that their sender's clock is fast or our own is slow; a delay may be a delay.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from support_portal.events.models import ErrorEvent, Message
from support_portal.ingest.models import Delivery, Source

AHEAD = timedelta(seconds=30)  # clocks that nobody sets by the network drift by seconds
LATELY = timedelta(hours=1)
LEAST = 3  # records; a single one is an oddity of its own, shown where it stands
MOST = 500  # looked at, the ones furthest ahead
ZONES = timedelta(days=1)  # a wrong clock or zone is hours ahead; beyond that it is a wrong date


@dataclass(frozen=True, slots=True)
class Ahead:
    """Records of the last hour that are dated in the future."""

    records: int
    by: timedelta  # how far, at most
    sender: str  # who sent the most of them
    ours: bool  # 8x8 sends such, or several services do: then our clock is the one to doubt
    more: bool = False  # there may be more than were looked at


def ahead(now: datetime) -> Ahead | None:
    """Return what came lately from the future, None when that is next to nothing."""
    messages = _future(Message.objects.newest_first(), "state_at", now)
    errors = _future(ErrorEvent.objects.newest_first(), "occurred_at", now)
    lately = now - LATELY
    # When a message's last receipt came is not in its row, so it is ahead of now at least.
    found = [
        *((moment - now, delivery) for moment, came, delivery in messages if came >= lately),
        *((moment - came, delivery) for moment, came, delivery in errors if came >= lately),
    ]
    if len(found) < LEAST:
        return None
    senders = _senders(delivery for _, delivery in found)
    # A file has no clock: local times in two of them are the fault of whoever wrote them.
    services = {sender for source, sender in senders if source == Source.API}
    hooked = any(source == Source.HOOK for source, _ in senders)
    return Ahead(
        records=len(found),
        by=max(by for by, _ in found),
        sender=senders.most_common(1)[0][0][1] if senders else "",
        ours=hooked or len(services) > 1,
        more=max(len(messages), len(errors)) >= MOST,
    )


def _future(rows: QuerySet[Any], time: str, now: datetime) -> list[tuple[datetime, datetime, UUID]]:
    """Return moment, arrival and delivery of what is dated in the future, by the index of lists.

    The index knows nothing of arrival, so what came long ago can take up the look.  What has a wrong date
    stays in the future for years: then what is only hours ahead is looked at apart.  That is past in
    a day, so much of it that came earlier and is further ahead hides a wrong clock for a day at most.
    """
    later = rows.filter(**{f"{time}__gt": now + AHEAD}).values_list(
        time, "received_at", "delivery_id"
    )
    found = list(later[:MOST])
    wrong = [row for row in found if row[0] > now + ZONES]
    if len(found) == MOST and wrong:
        return [*wrong, *later.filter(**{f"{time}__lte": now + ZONES})[:MOST]]
    return found


def _senders(deliveries: Iterable[UUID]) -> Counter[tuple[str, str]]:
    """Count records by who sent them."""
    counted = Counter(deliveries)
    rows = Delivery.objects.filter(id__in=list(counted)).values_list("id", "source", "sender")
    found: Counter[tuple[str, str]] = Counter()
    for id, source, sender in rows:
        found[source, sender] += counted[id]
    return found
