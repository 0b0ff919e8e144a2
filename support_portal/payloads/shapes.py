"""Names for payloads that are known but not recorded, so that a refusal says what it saw."""

from collections.abc import Callable

import msgspec
from msgspec import Raw

from support_portal.payloads import values
from support_portal.payloads.ignoring import ignored
from support_portal.payloads.records import Record, Unrecognised
from support_portal.payloads.values import Scalar
from support_portal.payloads.wire import Wire

_KEYS = msgspec.json.Decoder(dict[str, Raw])
_LONGEST_LOOK = 1_000_000

_INBOUND = ("inbound_message", "This is an inbound message. Inbound messages are not recorded yet.")
_ACCOUNT = ("account_event", "This is an account event. Account events are not recorded yet.")
_LEGACY = (
    "legacy_receipt",
    "This is a flat receipt of the former platform. Such receipts are not read yet.",
)
_VOICE = ("voice_event", "This is a voice event. Voice events are not recorded.")
_EXTERNAL = (
    "external_app_message",
    "This message was sent from the WhatsApp Business app and carries no status.",
)
_BATCH = ("batch_response", "This is the answer to a batch request. It is not recorded yet.")
_SURVEY = ("survey_answer", "This is an answer to an SMS Engage survey. It is not recorded.")
_RESPONSE = (
    "api_response",
    "This is an answer of the API that is not an error. It is not recorded.",
)
_NO_ERROR_ID = ("no_error_id", "The error has no errorId, so nobody can look it up.")

_BY_EVENT = {
    "inbound_message_received": _INBOUND,
    "inboundmessage": _INBOUND,
    "outboundmessagedelivery": _LEGACY,
    "external_app_message": _EXTERNAL,
}

_RESPONSE_KEYS = {"umid", "requestId", "data"}
_IGNORED: tuple[tuple[Callable[[set[str]], bool], str], ...] = (
    (lambda keys: keys == {"jobId"} or _is_export_job(keys), "export_job"),
    (lambda keys: keys == {"cancelledCount"}, "cancel_result"),
)
_BY_KEYS: tuple[tuple[Callable[[set[str]], bool], tuple[str, str]], ...] = (
    (lambda keys: "eventDetails" in keys, _ACCOUNT),
    (lambda keys: {"type", "receivedAt", "umid"} <= keys, _INBOUND),
    (lambda keys: "surveyId" in keys, _SURVEY),
    (lambda keys: bool({"acceptedCount", "rejectedCount"} & keys), _BATCH),
    (lambda keys: {"code", "timestamp"} <= keys or {"code", "message"} <= keys, _NO_ERROR_ID),
    (lambda keys: bool(_RESPONSE_KEYS & keys), _RESPONSE),
)


def name_event(wire: Wire) -> Unrecognised:
    """Return the refusal of an event that says by its namespace or type what it is."""
    event = _word(wire.event_type).lower()
    if _word(wire.namespace).lower() == "voice":
        return Unrecognised(*_VOICE)
    if event in _BY_EVENT:
        return Unrecognised(*_BY_EVENT[event])
    told = f"namespace {_shown(wire.namespace)}, eventType {_shown(wire.event_type)}"
    return Unrecognised("unhandled_event", f"Nothing here reads an event with {told}.")


def read_shape(raw: bytes) -> tuple[Record, ...]:
    """Return the records of an object that is told only by its field names, or raise."""
    keys = _keys(raw)
    for fits, rule in _IGNORED:
        if fits(keys):
            return ignored(rule)
    raise _name_shape(keys)


def _name_shape(keys: set[str]) -> Unrecognised:
    for fits, named in _BY_KEYS:
        if fits(keys):
            return Unrecognised(*named)
    return Unrecognised(
        "unhandled_shape", "The payload is neither an API error nor a delivery receipt."
    )


def is_account_event(raw: bytes) -> bool:
    """Tell whether an event without a namespace is about the account, not about a message."""
    return "eventDetails" in _keys(raw)


def account_event() -> Unrecognised:
    """Return the refusal of an account event."""
    return Unrecognised(*_ACCOUNT)


def _is_export_job(keys: set[str]) -> bool:
    return "status" in keys and keys <= {"jobId", "status", "data", "expires"}


def _keys(raw: bytes) -> set[str]:
    if len(raw) > _LONGEST_LOOK:
        return set()
    try:
        return set(_KEYS.decode(raw))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return set()


def _word(value: Scalar) -> str:
    return values.text(value, values.STATE_LENGTH).strip()


def _shown(value: Scalar) -> str:
    return f'"{_word(value)}"' if _word(value) else "none"
