"""One record as machines are told of it, in the API and where somebody copies it from a page."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from support_portal.events import readings
from support_portal.events.explaining import Explanation, explaining
from support_portal.events.models import (
    DeliveryReceipt,
    ErrorEvent,
    ErrorVariant,
    Happening,
    Message,
    Reader,
)
from support_portal.events.timeline import NOTHING_MEASURED, timeline
from support_portal.events.usual_store import usuals
from support_portal.ingest.listening.selectors import deaf_between
from support_portal.knowledge.opinions import opinions
from support_portal.lookup import answers, lanes
from support_portal.lookup.shapes import ErrorAnswer, MessageAnswer
from support_portal.payloads.forensics import examine
from support_portal.reason_codes import Reading

VARIANT_LIMIT = 100
RECEIPT_LIMIT = 1000
ERROR_LIMIT = 100
HAPPENING_LIMIT = 100


def error_answer(error_id: UUID, reader: Reader) -> ErrorAnswer | None:
    """Return the error with this errorId, decoded; None if ``reader`` has none."""
    event = ErrorEvent.objects.visible_to(reader).filter(error_id=error_id).first()
    if event is None:
        return None
    variants = ErrorVariant.objects.filter(error_id=error_id).order_by("received_at", "digest")
    moments = sorted((event.occurred_at, event.received_at))
    told = _explaining(readings.of_error(event), reader, event.occurred_at)
    return {
        **answers.error(event, variants[:VARIANT_LIMIT]),
        "explained_by": [answers.account_event(each) for each in told],
        "not_heard": [
            answers.deaf(each) for each in deaf_between(reader, event.sub_account, *moments)
        ],
        "id_hint": answers.id_hint(examine(event.error_id, event.occurred_at)),
    }


def message_answer(umid: UUID, reader: Reader) -> MessageAnswer | None:
    """Return what is held under a umid; None when ``reader`` may see nothing of that."""
    errors = ErrorEvent.objects.visible_to(reader).filter(umid=umid).newest_first()
    message = Message.objects.visible_to(reader).filter(umid=umid).first()
    receipts = DeliveryReceipt.objects.visible_to(reader).of(umid, message)
    around = Happening.objects.visible_to(reader).around([umid])
    held = answers.Held(
        umid=umid,
        message=message,
        receipts=list(receipts[:RECEIPT_LIMIT]),
        errors=list(errors[:ERROR_LIMIT]),
        around=list(around[:HAPPENING_LIMIT]),
    )
    if message is None and not held.around and not held.errors:
        return None
    last = message.state_at if message else held.at
    reading = readings.of_message(message) if message else None
    usually = usuals(message.country, message.operator) if message else NOTHING_MEASURED
    story = timeline(held.receipts, now=timezone.now(), usuals=usually)
    told = answers.message(
        held,
        explained_by=_explaining(reading, reader, last),
        not_heard=deaf_between(reader, held.place.sub_account, min(held.at, last), last),
        team=opinions(held.readings()),
    )
    return {**told, **lanes.of(story)}


def _explaining(reading: Reading | None, reader: Reader, until: datetime) -> list[Explanation]:
    if reading is None or not reading.registry:
        return []
    return explaining(reading.registry, reading.code, reader, until)
