"""The flat receipts of the former platform, their upper-case statuses in today's words."""

from support_portal.payloads import values
from support_portal.payloads.decoding import decode_as
from support_portal.payloads.phones import normalise
from support_portal.payloads.records import Receipt, Unrecognised
from support_portal.payloads.values import Scalar
from support_portal.payloads.wire import Fault, Legacy, User

STATUSES = {
    "RECEIVED FOR PROCESSING": ("queued", ""),
    "QUEUED": ("queued", ""),
    "SENT": ("sent", ""),
    "DELIVERED TO CARRIER": ("delivered", "delivered_to_operator"),
    "DELIVERED TO DEVICE": ("delivered", "delivered_to_recipient"),
    "REJECTED BY CARRIER": ("undelivered", "rejected_by_operator"),
    "REJECTED BY DEVICE": ("undelivered", "undelivered_to_recipient"),
    "TRASHED": ("rejected", ""),
    "READ": ("read", ""),
}


def read_legacy(raw: bytes) -> tuple[Receipt]:
    """Return the receipt; a status that is not known keeps its word in lower case."""
    told = decode_as(Legacy, raw)
    umid = values.required_id(told.umid, "umid", "umid")
    word = " ".join(values.text(told.status).replace("_", " ").split()).upper()
    if not word:
        raise Unrecognised("no_state", "The receipt has no status.")
    state, detail = STATUSES.get(word, (word.lower()[: values.STATE_LENGTH], ""))
    code, message = _error(told.error)
    return (
        Receipt(
            umid=umid,
            state=state,
            detail=detail,
            occurred_at=values.required_time(told.timestamp, "timestamp"),
            error_code=code,
            error_message=message,
            context="chatapps_receipt",
            channel=values.text(told.channel, values.STATE_LENGTH).lower(),
            sub_account=values.text(told.sub_account_id),
            batch_id=values.optional_id(told.batch_id),
            client_message_id=values.text(told.client_message_id, values.ID_LENGTH),
            client_batch_id=values.text(told.client_batch_id),
            destination=normalise(
                values.text(told.user.msisdn) if isinstance(told.user, User) else ""
            ),
        ),
    )


def _error(value: Fault | Scalar) -> tuple[int | None, str]:
    """Return code and words; the old documents never say what ``error`` looks like when set."""
    if isinstance(value, Fault):
        return _code(value.code), values.text(value.message, values.MESSAGE_LENGTH)
    if values.number(value) is not None:
        return _code(value), ""
    return None, values.text(value, values.MESSAGE_LENGTH)


def _code(value: Scalar) -> int | None:
    return values.number(value) or None  # 0: nothing went wrong
