"""Storing events of the account, one row an eventId."""

from collections.abc import Sequence

from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.merging import Merged
from support_portal.events.models import AccountEvent
from support_portal.payloads import AccountEvent as Told

TOLD = (
    "kind",
    "occurred_at",
    "channel",
    "sub_account",
    "account",
    "business_account",
    "template",
    "language",
    "status",
    "before",
    "after",
    "reason",
    "until",
)


def store(arrivals: Sequence[Arrived[Told]], counted: Recorded) -> None:
    """Store new events and count repeats."""
    if not arrivals:
        return
    rows = Merged(
        AccountEvent, ("event_id",), TOLD, {arrival.record.event_id for arrival in arrivals}
    )
    for arrival in arrivals:
        told = arrival.record
        values = {name: getattr(told, name) for name in ("event_id", *TOLD)}
        rows.add(arrival, values, told.number, counted)
    rows.write()
