"""Payloads that are neither API errors nor today's receipts, each read by its own reader.

An event says by namespace and type what it is; anything else is told by the names of its fields.
"""

from collections.abc import Callable

from msgspec import Raw

from support_portal.payloads import values
from support_portal.payloads.account_events import read_account_event
from support_portal.payloads.answers import read_batch, read_details, read_send_answer
from support_portal.payloads.around import (
    read_click,
    read_number_lookup,
    read_survey,
    read_voice,
)
from support_portal.payloads.decoding import decode_as
from support_portal.payloads.ignoring import ignored
from support_portal.payloads.inbound import (
    read_app_message,
    read_flat_inbound,
    read_inbound_event,
)
from support_portal.payloads.legacy import STATUSES, read_legacy
from support_portal.payloads.records import Record, Unrecognised
from support_portal.payloads.values import Scalar
from support_portal.payloads.wire import Top, Wire

Reader = Callable[[bytes], tuple[Record, ...]]

_JOB_STATES = frozenset(
    f'"{state}"'.encode()
    for state in (
        *("started", "queued", "running", "succeeded"),
        *("failed", "cancelled", "empty", "error"),
    )
)
_OLD_STATES = frozenset(f'"{status}"'.encode() for status in STATUSES)


def _is_export_job(top: Top) -> bool:
    if top.message_id or top.umid or top.timestamp:
        return False
    return bool(top.job_id) or bytes(top.status) in _JOB_STATES


def _starts(value: Raw, mark: bytes) -> bool:
    return bytes(value).startswith(mark)


_BY_EVENT: dict[tuple[str, str], Reader] = {
    ("sms", "inbound_message_received"): lambda raw: read_inbound_event(raw, sms=True),
    ("sms", "short_url_clicked"): read_click,
    ("chatapps", "inbound_message_received"): lambda raw: read_inbound_event(raw, sms=False),
    ("chatapps", "external_app_message"): read_app_message,
    ("", "inboundmessage"): read_flat_inbound,
    ("", "outboundmessagedelivery"): read_legacy,
    ("voice", "session_summary"): lambda raw: read_voice(raw, "session_summary"),
    ("voice", "call_status"): lambda raw: read_voice(raw, "call_status"),
    ("voice", "call_action"): lambda raw: ignored("voice_progress"),
    ("voice", "virtual_number_update"): lambda raw: ignored("voice_numbers"),
}

_BY_NAMES: tuple[tuple[Callable[[Top], object], Reader], ...] = (
    (lambda top: top.event_details, read_account_event),
    (lambda top: top.survey_id and top.umid, read_survey),
    (lambda top: top.accepted_count or top.rejected_count, read_batch),
    (lambda top: top.cancelled_count and not top.umid, lambda raw: ignored("cancel_result")),
    (lambda top: top.request_id and top.phone_number and top.status, read_number_lookup),
    (lambda top: _starts(top.data, b"[") and not top.status, read_details),
    (lambda top: top.umid and _starts(top.status, b"{"), read_send_answer),
    (lambda top: top.umid and bytes(top.status) in _OLD_STATES, read_legacy),
    (lambda top: top.umid and top.type and (top.received_at or top.timestamp), read_flat_inbound),
    (_is_export_job, lambda raw: ignored("export_job")),
)


def read_event(wire: Wire, raw: bytes) -> tuple[Record, ...]:
    """Return the records of an event that says by its namespace or type what it is, or raise."""
    namespace, event = _word(wire.namespace).lower(), _word(wire.event_type).lower()
    reader = _BY_EVENT.get((namespace, event))
    if reader:
        return reader(raw)
    if not namespace and decode_as(Top, raw).event_details:
        return read_account_event(raw)
    told = f"namespace {_shown(wire.namespace)}, eventType {_shown(wire.event_type)}"
    raise Unrecognised("unhandled_event", f"Nothing here reads an event with {told}.")


def read_shape(raw: bytes) -> tuple[Record, ...]:
    """Return the records of an object that is told only by its field names, or raise."""
    top = decode_as(Top, raw)
    for fits, read in _BY_NAMES:
        if fits(top):
            return read(raw)
    if top.code and (top.timestamp or top.message):
        raise Unrecognised("no_error_id", "The error has no errorId, so nobody can look it up.")
    raise Unrecognised("unhandled_shape", "The payload has no shape that 8x8 documents.")


def _word(value: Scalar) -> str:
    return values.text(value, values.STATE_LENGTH).strip()


def _shown(value: Scalar) -> str:
    return f'"{_word(value)}"' if _word(value) else "none"
