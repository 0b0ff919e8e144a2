"""Inbound messages of all versions, and messages sent from the WhatsApp Business app."""

from datetime import datetime

from support_portal.payloads import values
from support_portal.payloads.decoding import decode_as
from support_portal.payloads.phones import normalise, own_end
from support_portal.payloads.records import Happening, Unrecognised
from support_portal.payloads.wire import (
    Content,
    Inbound,
    InboundEvent,
    Interactive,
    Recipient,
    User,
)

INBOUND, APP_MESSAGE = "inbound", "app_message"


def read_inbound_event(raw: bytes, *, sms: bool) -> tuple[Happening]:
    """Return an inbound message that stands inside an event: SMS, or Messaging v2 and v3."""
    told = _payload(raw)
    return (_happening(told, INBOUND, sms=sms),)


def read_app_message(raw: bytes) -> tuple[Happening]:
    """Return a message that somebody of ours sent from the WhatsApp Business app."""
    return (_happening(_payload(raw), APP_MESSAGE, sms=False),)


def read_flat_inbound(raw: bytes) -> tuple[Happening]:
    """Return an inbound message of version 1, which has no event around it."""
    return (_happening(decode_as(Inbound, raw), INBOUND, sms=False),)


def _payload(raw: bytes) -> Inbound:
    payload = decode_as(InboundEvent, raw).payload
    if not isinstance(payload, Inbound):
        raise Unrecognised("unhandled_shape", "The inbound message has no payload object.")
    return payload


def _happening(told: Inbound, kind: str, *, sms: bool) -> Happening:
    recipient = told.recipient if isinstance(told.recipient, Recipient) else Recipient()
    user = told.user if isinstance(told.user, User) else User()
    channel = values.text(told.channel or recipient.channel, values.STATE_LENGTH).lower()
    ours = told.destination if sms else recipient.channel_id or recipient.recipient_id
    return Happening(
        umid=values.required_id(told.umid, "umid", "umid"),
        kind=kind,
        occurred_at=_time(told),
        about=values.optional_id(told.reply_to_umid),
        channel="sms" if sms else channel,
        sub_account=values.text(told.sub_account_id),
        own_end=own_end(ours),
        person=normalise(values.text(told.source if sms else user.msisdn)),
        content="text" if sms else _content(told),
    )


def _time(told: Inbound) -> datetime:
    value = told.received_at if told.timestamp is None else told.timestamp
    return values.required_time(value, "timestamp")


def _content(told: Inbound) -> str:
    """Return what kind of content it has; of an answer to buttons or a form, which."""
    kind = values.text(told.type, values.STATE_LENGTH).lower()
    if kind != "interactive" or not bytes(told.content):
        return kind
    try:
        inner = decode_as(Content, bytes(told.content)).interactive
    except Unrecognised:
        return kind
    word = values.text(inner.type, values.STATE_LENGTH) if isinstance(inner, Interactive) else ""
    return word or kind
