"""The evidence that the voices speak from, read from what we hold about an error or a message."""

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.dashboard import answers
from support_portal.dashboard.channels import channel_name
from support_portal.dashboard.voices import Evidence, Receipt
from support_portal.dashboard.voices.wording import code
from support_portal.events import readings
from support_portal.events.expectations import Missing
from support_portal.events.models import DeliveryReceipt, ErrorEvent, Message
from support_portal.events.surroundings import MOST_RECEIPTS
from support_portal.events.timeline import Timeline, timeline
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Context, decode

MOST_TOLD = 20  # receipts in a copy; the page has them all
Absolute = Callable[[str], str]  # makes an address that works outside of the portal


def of_error(error: ErrorEvent, user: User, absolute: Absolute) -> Evidence:
    """Return the evidence of an error, with the sender and state of the message that it names."""
    answer = answers.for_reading(
        readings.of_error(error), masked_text(error.message), country=error.country
    )
    message = _message(error, user)
    return Evidence(
        title=f"API error {error.code}: {answer.reading.name if answer.reading else ''}",
        at=error.occurred_at,
        received_at=error.received_at,
        verdict=answer.verdict,
        link=absolute(reverse("errors:detail", args=[error.error_id])),
        error_id=error.error_id,
        umid=error.umid,
        batch_id=error.batch_id,
        reading=answer.reading,
        text=answer.quote,
        http_status=_http_status(error.http_status),
        endpoint=masked_text(f"{error.method} {error.path}".strip()),
        sub_account=error.sub_account,
        channel=_channel(error.channel),
        sender=masked_text(message.source) if message else "",
        recipient=error.destination_masked,
        country=error.country,
        operator=message.operator if message else "",
        state=message.state if message else "",
        detail=message.detail if message else "",
        client_message_id=masked_text(error.client_message_id),
        client_batch_id=masked_text(error.client_batch_id),
        service=masked_text(error.service),
        requested_at=error.requested_at,
        repeats=error.repeats,
        delivery_id=error.delivery_id,
        position=error.position,
        delivery_link=absolute(reverse("intake:delivery", args=[error.delivery_id])),
    )


def of_message(message: Message, user: User, now: datetime, absolute: Absolute) -> Evidence:
    """Return the evidence of a message."""
    receipts = DeliveryReceipt.objects.visible_to(user).of(message.umid, message)[:MOST_RECEIPTS]
    story = timeline(receipts, now=now)
    answer = answers.for_message(story, operator=message.operator, country=message.country)
    failure = f", {answer.reading.label} {code(answer.reading)}" if answer.reading else ""
    return Evidence(
        title=f"Message {message.state}{failure}",
        at=message.first_at,
        received_at=message.received_at,
        verdict=answer.verdict,
        link=absolute(reverse("messages:detail", args=[message.umid])),
        umid=message.umid,
        batch_id=message.batch_id,
        reading=answer.reading,
        text=answer.quote,
        sub_account=message.sub_account,
        channel=_channel(message.channel),
        sender=masked_text(message.source),
        recipient=message.destination_masked,
        country=message.country,
        operator=message.operator,
        state=message.state,
        detail=message.detail,
        final_awaited=story.expected is not None and story.expected.missing is Missing.FINAL,
        receipts=_receipts(story),
        client_message_id=masked_text(message.client_message_id),
        client_batch_id=masked_text(message.client_batch_id),
        delivery_id=message.delivery_id,
        position=message.position,
        delivery_link=absolute(reverse("intake:delivery", args=[message.delivery_id])),
    )


def _message(error: ErrorEvent, user: User) -> Message | None:
    if error.umid is None:
        return None
    return Message.objects.visible_to(user).filter(umid=error.umid).first()


def _http_status(number: int | None) -> str:
    if number is None:
        return ""
    return f"{number} {decode(Context.HTTP_STATUS, '', number).name}"


def _channel(channel: str) -> str:
    return channel_name(channel) if channel else ""


def _receipts(story: Timeline) -> tuple[Receipt, ...]:
    """Return the newest receipts in the order of the story."""
    told = [
        Receipt(step.occurred_at, step.state, step.detail, _channel(lane.channel), code(step.code))
        for lane in story.lanes
        for step in lane.steps
    ]
    return tuple(told[-MOST_TOLD:])
