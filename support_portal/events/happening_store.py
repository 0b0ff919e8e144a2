"""Storing what happens around messages, once each however often it is told."""

from collections.abc import Sequence

from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.identity import happening_digest
from support_portal.events.merging import Merged
from support_portal.events.models import Happening
from support_portal.payloads import Happening as Told
from support_portal.payloads import phones

TOLD = (
    "kind",
    "occurred_at",
    "about",
    "channel",
    "sub_account",
    "own_end",
    "content",
    "state",
    "code",
    "context",
    "text",
)


def store(arrivals: Sequence[Arrived[Told]], counted: Recorded) -> None:
    """Store what is new, and let what is told again add to what is there."""
    if not arrivals:
        return
    ids = {arrival.record.umid for arrival in arrivals}
    rows = Merged(Happening, ("umid", "digest"), TOLD, ids)
    for arrival in arrivals:
        told = arrival.record
        values = {name: getattr(told, name) for name in TOLD}
        values |= {"umid": told.umid, "digest": happening_digest(told)}
        # Numbers are kept sealed, and who is at which end depends on a field that may be wrong.
        values["own_end"] = phones.masked(told.own_end)
        rows.add(arrival, values, told.person, counted)
    rows.write()
