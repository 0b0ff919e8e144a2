"""Keeping one row a message: made once, touched only when what it says really changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from support_portal.core.bulk import insert_rows, update_rows
from support_portal.events import states
from support_portal.events.arrivals import Arrived
from support_portal.events.models import DeliveryReceipt, Message
from support_portal.events.recipients import NOBODY, Recipient, address, recipient
from support_portal.payloads import Receipt
from support_portal.reason_codes import Context, decode

Arrival = Arrived[Receipt]
DERIVED = (
    "state",
    "detail",
    "channel",
    "error_code",
    "error_context",
    "error_registry",
    "first_at",
    "state_at",
    "receipts",
    "channels",
)
TOLD = ("sub_account", "source", "batch_id", "client_message_id", "client_batch_id")
WHOM = ("country", "destination_masked", "destination_digest", "destination_sealed")
CHANGING = (*DERIVED, *TOLD, *WHOM)
ARRIVED = ("umid", "received_at", "delivery_id", "position")


def update(fresh: Sequence[Arrival], stored: Mapping[UUID, Sequence[DeliveryReceipt]]) -> None:
    """Make or change the messages that ``fresh`` receipts belong to.

    ``stored`` holds the receipts that were known before, by umid.
    """
    by_umid: dict[UUID, list[Arrival]] = defaultdict(list)
    for arrival in fresh:
        by_umid[arrival.record.umid].append(arrival)
    known = Message.objects.in_bulk(list(by_umid))
    insert_rows(
        Message,
        (*ARRIVED, *DERIVED, *TOLD, *WHOM),
        (_new_row(umid, new) for umid, new in by_umid.items() if umid not in known),
    )
    changed = [
        message
        for umid, message in known.items()
        if _change(message, by_umid[umid], stored.get(umid, ()))
    ]
    update_rows(
        Message,
        CHANGING,
        ("umid",),
        ([getattr(message, name) for name in (*CHANGING, "umid")] for message in changed),
    )


def _new_row(umid: UUID, new: Sequence[Arrival]) -> tuple[object, ...]:
    first = min(new, key=lambda arrival: (arrival.received_at, arrival.position))
    whom = _whom([arrival.record for arrival in new])
    return (
        umid,
        first.received_at,
        first.delivery_id,
        first.position,
        *_derived([arrival.record for arrival in new]),
        *(_told(name, [arrival.record for arrival in new]) for name in TOLD),
        whom.country,
        whom.masked,
        whom.digest,
        whom.sealed,
    )


def _change(message: Message, new: Sequence[Arrival], stored: Sequence[DeliveryReceipt]) -> bool:
    """Bring ``message`` up to date; False when it says the same as before."""
    records = [arrival.record for arrival in new]
    after = (
        *_derived([*stored, *records]),
        *(_told(name, [message, *records]) for name in TOLD),
    )
    before = tuple(getattr(message, name) for name in (*DERIVED, *TOLD))
    for name, value in zip((*DERIVED, *TOLD), after, strict=True):
        setattr(message, name, value)
    whom = _whom(records)
    if whom.digest and whom.digest > bytes(message.destination_digest or b""):
        address(message, whom)
        return True
    return before != after


def _whom(records: Sequence[Receipt]) -> Recipient:
    """Return the recipient; of several the one with the highest digest, which is as good as any.

    The stored number is sealed and its digest is not, so the rule can be applied again later.
    """
    told = [recipient(number) for number in {record.destination for record in records} if number]
    return max(told, key=lambda whom: whom.digest or b"", default=NOBODY)


def _derived(receipts: Sequence[states.Status]) -> tuple[object, ...]:
    """Return the values of DERIVED."""
    now = states.derive(receipts)
    registry = ""
    if now.error_code is not None:
        registry = decode(Context(now.error_context), now.channel, now.error_code).registry
    return (
        now.state,
        now.detail,
        now.channel,
        now.error_code,
        now.error_context,
        registry,
        now.first_at,
        now.state_at,
        now.receipts,
        now.channels,
    )


def _told(name: str, sources: Sequence[object]) -> object:
    """Return what the receipts tell; where they disagree, a rule that knows no order of arrival."""
    values = [value for source in sources if (value := getattr(source, name))]
    return max(values) if values else getattr(sources[0], name)
