"""What is held about a message or an error besides itself, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from support_portal.core.composed import Composed
from support_portal.core.partitions import Span
from support_portal.events.models import (
    DeliveryReceipt,
    ErrorEvent,
    Happening,
    Message,
    Reader,
    Seeing,
    allowed,
    listed,
    telling,
)
from support_portal.events.timeline import NOTHING_MEASURED
from support_portal.events.usual import Usuals
from support_portal.events.usual_store import usuals

MOST_RECEIPTS = 500
MOST_ERRORS = 20
MOST_HAPPENINGS = 100


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The records that stand in one line of time."""

    message: Message | None = None
    receipts: Sequence[DeliveryReceipt] = ()
    receipts_cut: bool = False  # there are more
    errors: Sequence[ErrorEvent] = ()
    happenings: Sequence[Happening] = ()
    usuals: Usuals = NOTHING_MEASURED  # how long receipts to this recipient usually take


def of_message(message: Message, reader: Reader) -> Surroundings:
    """Return what belongs to a message, and the errors that name it or share an id we gave it."""
    told = message.client_message_id or None, message.batch_id or None
    errors = _named(message.umid, *told, listed(reader))
    return _around(message.umid, errors, reader, message, message.span)


def of_error(error: ErrorEvent, reader: Reader) -> Surroundings:
    """Return what belongs to the message that an error names, and the error itself."""
    if error.umid is None:
        return Surroundings(errors=[error])
    message = _named_message(error.umid)
    others = _others(error.umid, error.error_id, listed(reader))
    span = message.span if message else None
    seen = message if message and _may_see(message, reader) else None
    found = _around(error.umid, others, reader, seen, span)
    return replace(found, errors=[*found.errors, error])


def of_umid(umid: UUID, reader: Reader) -> Surroundings:
    """Return what belongs to a umid, whatever it is the id of."""
    message = _named_message(umid)
    errors = _named(umid, None, None, listed(reader))
    return _around(umid, errors, reader, None, message.span if message else None)


def _errors(named: Q, sub_accounts: Any) -> QuerySet[ErrorEvent]:
    visible = ErrorEvent.objects.visible_to(Seeing(sub_accounts))
    return visible.filter(named).newest_first()[:MOST_ERRORS]


def _named_by(umid: Any, client_message_id: Any, batch_id: Any, sub_accounts: Any) -> Any:
    named = Q(umid=umid)
    if client_message_id is not None:
        named |= telling("client_message_id", [client_message_id])
    if batch_id is not None:
        named |= Q(batch_id=batch_id)
    return _errors(named, sub_accounts)


_named = Composed(_named_by)
_others = Composed(
    lambda umid, id, sub_accounts: _errors(Q(umid=umid) & ~Q(error_id=id), sub_accounts)
)
_receipts = Composed(
    lambda umid, first, last, sub_accounts: DeliveryReceipt.objects.visible_to(
        Seeing(sub_accounts)
    ).between(umid, first, last)[: MOST_RECEIPTS + 1]
)
_happenings = Composed(
    lambda umid, sub_accounts: Happening.objects.visible_to(Seeing(sub_accounts)).around([umid])[
        :MOST_HAPPENINGS
    ]
)


_message = Composed(lambda umid: Message.objects.filter(umid=umid))


def _named_message(umid: UUID) -> Message | None:
    """Return a message whoever may see it: some of its receipts may be for a reader who may not."""
    found: Message | None = _message.first(umid)
    return found


def _may_see(message: Message, reader: Reader) -> bool:
    seen = allowed(reader)
    return seen is None or message.sub_account in seen


def _around(
    umid: UUID, errors: list[ErrorEvent], reader: Reader, message: Message | None, span: Span | None
) -> Surroundings:
    receipts = _receipts(umid, *span, listed(reader)) if span else []
    return Surroundings(
        message=message,
        receipts=receipts[:MOST_RECEIPTS],
        receipts_cut=len(receipts) > MOST_RECEIPTS,
        errors=errors,
        happenings=_happenings(umid, listed(reader)),
        usuals=usuals(message.country, message.operator) if message else NOTHING_MEASURED,
    )
