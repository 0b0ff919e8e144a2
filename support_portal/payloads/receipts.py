"""Delivery receipts: namespace SMS, and ChatApps in its versions 8 (not numbered) and 9."""

from support_portal.payloads import values
from support_portal.payloads.phones import normalise
from support_portal.payloads.records import Receipt, Unrecognised
from support_portal.payloads.values import Scalar
from support_portal.payloads.wire import Payload, Status, User, WhatsApp, Wire

STATUS_CHANGED = "outbound_message_status_changed"
SMS, CHATAPPS = "sms_receipt", "chatapps_receipt"
CONTEXTS = {"sms": SMS, "chatapps": CHATAPPS}
_NEWEST_VERSION = 9


def read_receipt(wire: Wire, context: str) -> Receipt:
    """Return the receipt; a version not known here is read as long as its fields fit."""
    try:
        return _read(wire.payload, context)
    except Unrecognised as refusal:
        version = values.number(wire.version) or 0
        if version <= _NEWEST_VERSION:
            raise
        raise Unrecognised(
            "unknown_version",
            f"A receipt of version {version} is newer than the formats known here. "
            f"{refusal.detail}",
        ) from refusal


def _read(payload: object, context: str) -> Receipt:
    if not isinstance(payload, Payload):
        raise Unrecognised("unhandled_shape", "The receipt has no payload object.")
    umid = values.required_id(payload.umid, "umid", "umid")
    status = payload.status
    if not isinstance(status, Status) or not values.text(status.state):
        raise Unrecognised("no_state", "The receipt has no status.state.")
    return Receipt(
        umid,
        values.text(status.state, values.STATE_LENGTH),
        values.text(status.detail, values.STATE_LENGTH),
        values.required_time(status.timestamp, "status.timestamp"),
        status_code(status.error_code, context),
        values.text(status.error_message, values.MESSAGE_LENGTH),
        provider_code(payload.whatsapp),
        context,
        "sms" if context == SMS else values.text(payload.channel, values.STATE_LENGTH).lower(),
        values.step(payload.step),
        values.text(payload.sub_account_id),
        values.optional_id(payload.batch_id),
        values.text(payload.client_message_id, values.ID_LENGTH),
        values.text(payload.client_batch_id),
        _destination(payload, context),
        values.text(payload.source),
    )


def status_code(value: Scalar, context: str) -> int | None:
    """Return the code of a status, or None where it says that nothing went wrong."""
    if value is None or value == "":
        return None
    found = values.code(value, "status.errorCode")
    # Only the SMS table gives 0 a meaning; elsewhere it says that nothing went wrong.
    return None if found == 0 and context != SMS else found


def provider_code(whatsapp: object) -> str:
    """Return the number that the channel itself gave."""
    return values.text(whatsapp.provider_error_code) if isinstance(whatsapp, WhatsApp) else ""


def _destination(payload: Payload, context: str) -> str:
    if context == SMS:
        return normalise(values.text(payload.destination))
    return normalise(values.text(payload.user.msisdn)) if isinstance(payload.user, User) else ""
