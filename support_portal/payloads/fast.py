"""The usual payload in one strict decode: everything has its type and fits its column.

A receipt or an API error that is as the documentation has it is read here in a third of the time
of the patient way.  Whatever is odd (a number as text, a time without a zone, a text too long) is
left to that way, which knows what to make of it: this module never refuses, it only gives up.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from support_portal.payloads import values
from support_portal.payloads.phones import normalise
from support_portal.payloads.receipts import CONTEXTS, SMS, STATUS_CHANGED
from support_portal.payloads.records import ApiError, Receipt
from support_portal.payloads.times import parse_time

Short = Annotated[str, Meta(max_length=values.SHORT_LENGTH)]
State = Annotated[str, Meta(max_length=values.STATE_LENGTH)]
ClientId = Annotated[str, Meta(max_length=values.ID_LENGTH)]
Path = Annotated[str, Meta(max_length=values.PATH_LENGTH)]
Words = Annotated[str, Meta(max_length=values.MESSAGE_LENGTH)]
Code = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
HttpStatus = Annotated[int, Meta(ge=100, le=599)]
Step = Annotated[int, Meta(ge=0, lt=1000)]
Time = Annotated[str, Meta(max_length=40)]  # msgspec would round what is finer than a microsecond


class _Status(Struct, rename="camel", gc=False):
    state: Annotated[str, Meta(min_length=1, max_length=values.STATE_LENGTH)]
    timestamp: Time
    detail: State | None = None
    error_code: Code | None = None
    error_message: Words | None = None


class _User(Struct, rename="camel", gc=False):
    msisdn: Short | None = None


class _WhatsApp(Struct, rename="camel", gc=False):
    provider_error_code: Short | None = None


class _Payload(Struct, rename="camel", gc=False):
    umid: UUID
    status: _Status
    batch_id: UUID | None = None
    client_message_id: ClientId | None = None
    client_batch_id: Short | None = None
    sub_account_id: Short | None = None
    channel: State | None = None
    source: Short | None = None
    destination: Short | None = None
    step: Step | None = None
    user: _User | None = None
    whatsapp: _WhatsApp | None = None


class _Error(Struct, rename="camel", gc=False):
    code: Code
    error_id: UUID
    timestamp: Time
    message: Words | None = None


class _Context(Struct, rename="camel", gc=False):
    http_status: HttpStatus | None = None
    method: Short | None = None
    path: Path | None = None
    sub_account_id: Short | None = None
    umid: UUID | None = None
    batch_id: UUID | None = None
    client_message_id: ClientId | None = None
    client_batch_id: Short | None = None
    channel: State | None = None
    destination: Short | None = None
    service: Short | None = None
    requested_at: Time | None = None


class _Usual(Struct, rename="camel", gc=False):
    """A receipt, a bare error or a wrapped one: the fields that are there tell which."""

    namespace: Short | None = None
    event_type: Short | None = None
    payload: _Payload | None = None
    error: _Error | None = None
    context: _Context | None = None
    code: Code | None = None
    message: Words | None = None
    error_id: UUID | None = None
    timestamp: Time | None = None


_USUAL = msgspec.json.Decoder(_Usual)
_NO_CONTEXT = _Context()
# PostgreSQL refuses the NUL character; the patient way replaces it.
_NUL = b"\\u0000"


def read_usual(raw: bytes) -> ApiError | Receipt | None:
    """Return the record in ``raw``, the same as the patient way returns, or None to ask that."""
    if _NUL in raw:
        return None
    try:
        usual = _USUAL.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if usual.error_id is not None:
        return None if usual.error is not None else _bare_error(usual)
    if usual.event_type is None and usual.namespace is None:
        return None if usual.error is None else _error(usual.error, usual.context)
    context = CONTEXTS.get((usual.namespace or "").lower())
    if context is None or (usual.event_type or "").lower() != STATUS_CHANGED:
        return None
    return None if usual.payload is None else _receipt(usual.payload, context)


def _bare_error(usual: _Usual) -> ApiError | None:
    if usual.code is None or usual.error_id is None or usual.timestamp is None:
        return None
    error = _Error(usual.code, usual.error_id, usual.timestamp, usual.message)
    return _error(error, usual.context)


def _error(error: _Error, context: _Context | None) -> ApiError | None:
    told = context or _NO_CONTEXT
    occurred_at = _moment(error.timestamp)
    requested_at = _moment(told.requested_at) if told.requested_at else None
    if occurred_at is None or (told.requested_at and requested_at is None):
        return None
    return ApiError(
        error.error_id,
        error.code,
        error.message or "",
        occurred_at,
        told.http_status,
        told.method or "",
        told.path or "",
        told.sub_account_id or "",
        told.umid,
        told.batch_id,
        told.client_message_id or "",
        told.client_batch_id or "",
        (told.channel or "").lower(),
        normalise(told.destination or ""),
        told.service or "",
        requested_at,
    )


def _receipt(payload: _Payload, context: str) -> Receipt | None:
    status = payload.status
    occurred_at = _moment(status.timestamp)
    if occurred_at is None:
        return None
    number = payload.destination if context == SMS else payload.user and payload.user.msisdn
    return Receipt(
        payload.umid,
        status.state,
        status.detail or "",
        occurred_at,
        # Only the SMS table gives 0 a meaning.
        None if status.error_code == 0 and context != SMS else status.error_code,
        status.error_message or "",
        payload.whatsapp.provider_error_code or "" if payload.whatsapp else "",
        context,
        "sms" if context == SMS else (payload.channel or "").lower(),
        payload.step or 0,
        payload.sub_account_id or "",
        payload.batch_id,
        payload.client_message_id or "",
        payload.client_batch_id or "",
        normalise(number or ""),
        payload.source or "",
    )


def _moment(time: str) -> datetime | None:
    try:
        return parse_time(time)
    except ValueError:
        return None
