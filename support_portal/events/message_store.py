"""Keeping one row a message: made once, touched only when what it says really changes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from support_portal.core.bulk import find_rows, insert_rows, update_rows
from support_portal.core.partitions import Span
from support_portal.events import states
from support_portal.events.arrivals import Arrived
from support_portal.events.models import Message
from support_portal.events.recipients import recipient, recipients, shown
from support_portal.events.tally import MessageTraits, Tally, minute
from support_portal.payloads import Receipt
from support_portal.reason_codes import Context, decode

Arrival = Arrived[Receipt]
Values = tuple[Any, ...]
DERIVED = (
    "state",
    "detail",
    "channel",
    "error_code",
    "error_context",
    "error_registry",
    "first_at",
    "last_at",
    "state_at",
    "receipts",
    "channels",
)
TOLD = (
    "sub_account",
    "source",
    "operator",
    "batch_id",
    "client_message_id",
    "client_batch_id",
)
WHOM = ("country", "destination_masked", "destination_digest", "destination_sealed")
CHANGING = (*DERIVED, *TOLD, *WHOM)
ARRIVED = ("umid", "received_at", "delivery_id", "position")
REGISTRY = DERIVED.index("error_registry")
FIRST_AT, LAST_AT = DERIVED.index("first_at"), DERIVED.index("last_at")
DIGEST = WHOM.index("destination_digest")
# Where in CHANGING the traits are that messages are counted by, and when.
_traits = itemgetter(
    *map(
        CHANGING.index,
        ("state", "error_registry", "error_code", "sub_account", "channel", "country", "operator"),
    )
)
STATE_AT = CHANGING.index("state_at")


class Remembered(NamedTuple):
    """The receipt that told a state, as far as the message knows it."""

    state: str
    detail: str
    channel: str
    context: str
    error_code: int | None
    occurred_at: datetime
    step: int = 0


def find(umids: Collection[UUID]) -> dict[UUID, Values]:
    """Return the values of CHANGING of the messages that are known."""
    rows = find_rows(Message, ("umid", *CHANGING), "umid", umids)
    return {row[0]: row[1:] for row in rows}


def spans(known: Mapping[UUID, Values]) -> dict[UUID, Span]:
    """Return for what ``find`` returned the time from the first to the last receipt."""
    return {umid: (values[FIRST_AT], values[LAST_AT]) for umid, values in known.items()}


def update(
    fresh: Iterable[Arrival],
    known: Mapping[UUID, Values],
    stored: Mapping[UUID, Sequence[states.Status]],
    tally: Tally,
) -> None:
    """Make or change the messages that ``fresh`` receipts belong to.

    ``known`` holds what ``find`` returned, ``stored`` the receipts that were known before.
    """
    by_umid: dict[UUID, list[Arrival]] = defaultdict(list)
    for arrival in fresh:
        by_umid[arrival.record.umid].append(arrival)
    made = _new_rows({umid: new for umid, new in by_umid.items() if umid not in known})
    insert_rows(Message, (*ARRIVED, *CHANGING), made)
    tally.update(_counted(row[len(ARRIVED) :]) for row in made)
    changed = []
    for umid, before in known.items():
        if umid not in by_umid:
            continue
        after = _changed(before, by_umid[umid], stored.get(umid, ()))
        if after != before:
            changed.append((*after, umid))
            tally[_counted(before)] -= 1
            tally[_counted(after)] += 1
    update_rows(Message, CHANGING, ("umid",), changed)


def _counted(values: Values) -> tuple[MessageTraits, int]:
    """Return what a message with these values of CHANGING is counted by, and in which minute."""
    return MessageTraits._make(_traits(values)), minute(values[STATE_AT])


def _new_rows(by_umid: Mapping[UUID, Sequence[Arrival]]) -> list[Values]:
    """Return the rows of messages that are not known yet."""
    told = [[arrival.record for arrival in new] for new in by_umid.values()]
    whom = recipients([_destination(records) for records in told])
    return [
        (
            *_first(umid, new),
            *_derived(states.derive(records)),
            *_told(records),
            *addressed,
        )
        for (umid, new), records, addressed in zip(by_umid.items(), told, whom, strict=True)
    ]


def _first(umid: UUID, new: Sequence[Arrival]) -> Values:
    """Return the values of ARRIVED."""
    first = min(new, key=lambda one: (one.received_at, one.position)) if new[1:] else new[0]
    return umid, first.received_at, first.delivery_id, first.position


def _changed(before: Values, new: Sequence[Arrival], stored: Sequence[states.Status]) -> Values:
    """Return the values of CHANGING after the ``new`` receipts."""
    records = [arrival.record for arrival in new]
    told = before[len(DERIVED) : len(DERIVED) + len(TOLD)]
    whom = before[-len(WHOM) :]
    later = recipient(_destination(records))
    if later.digest and later.digest > bytes(whom[DIGEST] or b""):
        whom = later
    return (*_derived_after(before, [*stored, *records], len(stored)), *_told(records, told), *whom)


def _told(records: Sequence[Receipt], before: Values | None = None) -> Values:
    """Return what the receipts tell; where they disagree, a rule that knows no order of arrival."""
    told = [_telling(record) for record in records]
    if before is not None:
        told.append(before)
    if len(told) == 1:
        return told[0]
    return tuple(max(filter(None, values), default=values[0]) for values in zip(*told, strict=True))


def _telling(receipt: Receipt) -> tuple[Any, ...]:
    """Return the values of TOLD."""
    return (
        receipt.sub_account,
        receipt.source,
        receipt.operator,
        receipt.batch_id,
        receipt.client_message_id,
        receipt.client_batch_id,
    )


def _destination(records: Sequence[Receipt]) -> str:
    """Return whom the message is for; of several the one with the highest digest, which is as good as any.

    The stored number is sealed and its digest is not, so the rule can be applied again later.
    """
    if len(records) == 1:
        return records[0].destination
    told = {record.destination for record in records if record.destination}
    return max(told, key=lambda number: shown(number)[-1], default="")


def _derived_after(before: Values, receipts: Sequence[states.Status], stored: int) -> Values:
    """Return the values of DERIVED for all receipts, ``stored`` of which were known before.

    Where some were dropped by age, what they had added up to stands for them.
    """
    gone = before[DERIVED.index("receipts")] - stored
    if not gone:
        return _derived(states.derive(receipts))
    was = dict(zip(DERIVED, before, strict=False))
    now = states.derive([*receipts, _remembered(was)])
    return _derived(
        now._replace(
            first_at=min(now.first_at, was["first_at"]),
            last_at=max(now.last_at, was["last_at"]),
            receipts=gone + len(receipts),
            channels=max(now.channels, was["channels"]),
        )
    )


def _remembered(was: Mapping[str, Any]) -> states.Status:
    return Remembered(
        was["state"],
        was["detail"],
        was["channel"],
        was["error_context"],
        was["error_code"],
        was["state_at"],
    )


def _derived(now: states.Derived) -> Values:
    """Return the values of DERIVED: those of ``now``, and the table that its code belongs to."""
    code = now.error_code
    registry = "" if code is None else _registry(now.error_context, now.channel, code)
    return (*now[:REGISTRY], registry, *now[REGISTRY:])


@lru_cache(maxsize=4096)
def _registry(context: str, channel: str, code: int) -> str:
    return decode(Context(context), channel, code).registry
