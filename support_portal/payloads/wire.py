"""The shapes on the wire. Fields not named here are skipped without being decoded."""

from typing import Any

from msgspec import Struct

from support_portal.payloads.values import Scalar


class Status(Struct, rename="camel", gc=False):
    """One step in the life of a message."""

    state: Scalar = None
    detail: Scalar = None
    timestamp: Scalar = None
    error_code: Scalar = None
    error_message: Scalar = None


class User(Struct, rename="camel", gc=False):
    """The recipient; channelUserId is left out because it is never a phone number."""

    msisdn: Scalar = None


class WhatsApp(Struct, rename="camel", gc=False):
    """What WhatsApp itself said."""

    provider_error_code: Scalar = None


class Payload(Struct, rename="camel", gc=False):
    """The inner object of a receipt."""

    umid: Scalar = None
    batch_id: Scalar = None
    client_message_id: Scalar = None
    client_batch_id: Scalar = None
    sub_account_id: Scalar = None
    channel: Scalar = None
    source: Scalar = None
    destination: Scalar = None
    step: Scalar = None
    status: Status | Scalar = None
    user: User | Scalar = None
    whatsapp: WhatsApp | Scalar = None


class Error(Struct, rename="camel", gc=False):
    """The error answer inside its envelope."""

    code: Scalar = None
    message: Scalar = None
    error_id: Scalar = None
    timestamp: Scalar = None


class Context(Struct, rename="camel", gc=False):
    """What the sender of an error knows about the failed request; all of it optional."""

    http_status: Scalar = None
    method: Scalar = None
    path: Scalar = None
    sub_account_id: Scalar = None
    umid: Scalar = None
    batch_id: Scalar = None
    client_message_id: Scalar = None
    client_batch_id: Scalar = None
    channel: Scalar = None
    destination: Scalar = None
    service: Scalar = None
    requested_at: Scalar = None


class Wire(Struct, rename="camel", gc=False):
    """The top level of everything that is recorded: a bare error, a wrapped one, a receipt."""

    namespace: Scalar = None
    event_type: Scalar = None
    version: Scalar = None
    payload: Payload | Scalar = None
    code: Scalar = None
    message: Scalar = None
    error_id: Scalar = None
    timestamp: Scalar = None
    error: Error | Scalar = None
    context: Context | Scalar = None


NESTED: dict[tuple[type[Struct], str], type[Struct]] = {
    (Wire, "payload"): Payload,
    (Wire, "error"): Error,
    (Wire, "context"): Context,
    (Payload, "status"): Status,
    (Payload, "user"): User,
    (Payload, "whatsapp"): WhatsApp,
}

# Stands where an object or a list was found in the place of a plain value. No field of a
# record is a boolean, so every reader treats it as unusable.
MISPLACED = False

Found = dict[str, Any]
