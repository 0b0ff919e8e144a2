"""Answers of the API that tell of messages: to send requests, batches and questions for details."""

from collections.abc import Callable, Iterator

from support_portal.payloads import values
from support_portal.payloads.arrays import ARRAY, DECODING_ERRORS
from support_portal.payloads.decoding import decode_as
from support_portal.payloads.ignoring import ignored
from support_portal.payloads.phones import normalise, own_end
from support_portal.payloads.receipts import CHATAPPS, SMS, provider_code, status_code
from support_portal.payloads.records import (
    BadPart,
    Happening,
    Receipt,
    Record,
    SendAnswer,
    Unrecognised,
)
from support_portal.payloads.wire import Batch, Details, Told, ToldStatus, User

# A message that Messaging refuses at the door has a code of the API, not of a receipt.
BATCH_ITEM = "batch_item"
_INBOUND = "inbound"
_NULL = b"null"


def read_send_answer(raw: bytes) -> tuple[Record, ...]:
    """Return the one message of an answer to a send request, or of an SMS details answer."""
    return (_read(decode_as(Told, raw), Batch()),)


def read_batch(raw: bytes) -> tuple[Record, ...]:
    """Return the messages of the answer to a batch, bad ones among them as bad parts."""
    batch = decode_as(Batch, raw)
    messages = bytes(batch.messages)
    if messages in (b"", _NULL):
        return ignored("batch_counts")
    found = tuple(_parts(messages, lambda told: _read(told, batch)))
    return found or ignored("batch_counts")


def read_details(raw: bytes) -> tuple[Record, ...]:
    """Return the steps of one message in Messaging, each under the same umid."""
    data = bytes(decode_as(Details, raw).data)
    found = tuple(_parts(data, _read_step))
    if not found:
        raise Unrecognised("api_response", "The answer of the API names no message.")
    return found


def _parts(array: bytes, read: Callable[[Told], Record]) -> Iterator[Record]:
    try:
        parts = ARRAY.decode(array)
    except DECODING_ERRORS as error:
        raise Unrecognised("unhandled_shape", "The messages of the answer are no list.") from error
    for number, part in enumerate(parts, start=1):
        try:
            yield read(decode_as(Told, bytes(part)))
        except Unrecognised as why:
            yield BadPart(why.reason, f"Message {number} of {len(parts)}: {why.detail}")


def _read(told: Told, batch: Batch) -> Record:
    """Return what an answer says of one message."""
    umid = values.required_id(told.umid, "umid", "umid")
    status = told.status
    if not isinstance(status, ToldStatus):
        raise Unrecognised("no_state", "The message has no status.")
    sms = _is_sms(told)
    if _is_inbound(told):
        return _inbound(told, "sms" if sms else "")
    told.batch_id = told.batch_id or batch.batch_id
    told.client_batch_id = told.client_batch_id or batch.client_batch_id
    word = values.text(status.code, values.STATE_LENGTH)
    if word and status.state is None:
        return SendAnswer(
            umid=umid,
            state=word.lower(),
            # A description of what went well is no error message.
            error_message=_refusal(word, status),
            channel="sms" if sms else "",
            sub_account=values.text(told.sub_account_id),
            batch_id=values.optional_id(told.batch_id),
            client_message_id=values.text(told.client_message_id, values.ID_LENGTH),
            client_batch_id=values.text(told.client_batch_id),
            destination=_destination(told),
        )
    return _receipt(told, status, context=SMS if sms else BATCH_ITEM)


def _read_step(told: Told) -> Record:
    status = told.status
    if not isinstance(status, ToldStatus):
        raise Unrecognised("no_state", "The step has no status.")
    if _is_inbound(told):
        return _inbound(told, values.text(told.channel, values.STATE_LENGTH).lower())
    return _receipt(told, status, context=CHATAPPS)


def _receipt(told: Told, status: ToldStatus, *, context: str) -> Receipt:
    state = values.text(status.state, values.STATE_LENGTH)
    if not state:
        raise Unrecognised("no_state", "The message has no status.state.")
    return Receipt(
        umid=values.required_id(told.umid, "umid", "umid"),
        state=state,
        detail=values.text(status.detail, values.STATE_LENGTH),
        occurred_at=values.required_time(status.timestamp, "status.timestamp"),
        error_code=status_code(status.error_code, context),
        error_message=values.text(status.error_message, values.MESSAGE_LENGTH),
        provider_code=provider_code(told.whatsapp),
        context=context,
        channel="sms" if context == SMS else values.text(told.channel, values.STATE_LENGTH).lower(),
        step=values.step(told.step),
        sub_account=values.text(told.sub_account_id),
        batch_id=values.optional_id(told.batch_id),
        client_message_id=values.text(told.client_message_id, values.ID_LENGTH),
        client_batch_id=values.text(told.client_batch_id),
        destination=_destination(told),
        source=values.text(told.source),
    )


def _inbound(told: Told, channel: str) -> Happening:
    return Happening(
        umid=values.required_id(told.umid, "umid", "umid"),
        kind="inbound",
        occurred_at=values.required_time(told.created_at, "createdAt"),
        channel=channel,
        sub_account=values.text(told.sub_account_id),
        own_end=own_end(told.source or told.channel_id),
        person=_destination(told),
        content=values.text(told.content_type, values.STATE_LENGTH).lower(),
    )


def _is_sms(told: Told) -> bool:
    """Tell the product by the fields that only its answers have."""
    return told.msisdn is not None or told.destination is not None or told.encoding is not None


def _is_inbound(told: Told) -> bool:
    return values.text(told.direction).lower() == _INBOUND


def _refusal(word: str, status: ToldStatus) -> str:
    if word.lower() == "queued":
        return ""
    return values.text(status.description, values.MESSAGE_LENGTH)


def _destination(told: Told) -> str:
    """Return the other end's number; details mask it, and a masked number is none."""
    user = told.user.msisdn if isinstance(told.user, User) else None
    return normalise(values.text(told.destination or told.msisdn or user))
