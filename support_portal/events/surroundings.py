"""What is held about a message or an error besides itself, in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q

from support_portal.events.models import (
    DeliveryReceipt,
    ErrorEvent,
    Happening,
    Message,
    Reader,
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
    named = Q(umid=message.umid)
    if message.client_message_id:
        named |= telling("client_message_id", [message.client_message_id])
    if message.batch_id:
        named |= Q(batch_id=message.batch_id)
    return _around(message.umid, named, reader, message)


def of_error(error: ErrorEvent, reader: Reader) -> Surroundings:
    """Return what belongs to the message that an error names, and the error itself."""
    if error.umid is None:
        return Surroundings(errors=[error])
    message = Message.objects.visible_to(reader).filter(umid=error.umid).first()
    others = Q(umid=error.umid) & ~Q(error_id=error.error_id)
    found = _around(error.umid, others, reader, message)
    return replace(found, errors=[*found.errors, error])


def of_umid(umid: UUID, reader: Reader) -> Surroundings:
    """Return what belongs to a umid, whatever it is the id of."""
    return _around(umid, Q(umid=umid), reader, None)


def _around(umid: UUID, errors: Q, reader: Reader, message: Message | None) -> Surroundings:
    told = DeliveryReceipt.objects.visible_to(reader).of(umid, message)
    receipts = list(told[: MOST_RECEIPTS + 1])
    named = ErrorEvent.objects.visible_to(reader).filter(errors).newest_first()
    around = Happening.objects.visible_to(reader).around([umid])
    return Surroundings(
        message=message,
        receipts=receipts[:MOST_RECEIPTS],
        receipts_cut=len(receipts) > MOST_RECEIPTS,
        errors=list(named[:MOST_ERRORS]),
        happenings=list(around[:MOST_HAPPENINGS]),
        usuals=usuals(message.country, message.operator) if message else NOTHING_MEASURED,
    )
