"""One record as machines are told of it, in the API and where somebody copies it from a page."""

from uuid import UUID

from django.utils import timezone

from support_portal.events.models import (
    DeliveryReceipt,
    ErrorEvent,
    ErrorVariant,
    Happening,
    Message,
    Reader,
)
from support_portal.events.timeline import timeline
from support_portal.events.usual_store import usuals
from support_portal.lookup import answers, lanes

VARIANT_LIMIT = 100
RECEIPT_LIMIT = 1000
ERROR_LIMIT = 100
HAPPENING_LIMIT = 100


def error_answer(error_id: UUID, reader: Reader) -> answers.Answer | None:
    """Return the error with this errorId, decoded; None if ``reader`` has none."""
    event = ErrorEvent.objects.visible_to(reader).filter(error_id=error_id).first()
    if event is None:
        return None
    variants = ErrorVariant.objects.filter(error_id=error_id).order_by("received_at", "digest")
    return answers.error(event, variants[:VARIANT_LIMIT])


def message_answer(umid: UUID, reader: Reader) -> answers.Answer | None:
    """Return the message with its receipts, what happened around it, and errors that name it."""
    message = Message.objects.visible_to(reader).filter(umid=umid).first()
    if message is None:
        return None
    receipts = list(DeliveryReceipt.objects.visible_to(reader).of([umid])[:RECEIPT_LIMIT])
    errors = ErrorEvent.objects.visible_to(reader).filter(umid=umid).newest_first()[:ERROR_LIMIT]
    around = Happening.objects.visible_to(reader).around([umid])[:HAPPENING_LIMIT]
    usually = usuals(message.country, message.operator)
    story = timeline(receipts, now=timezone.now(), usuals=usually)
    return answers.message(message, receipts, errors, around) | lanes.of(story)
