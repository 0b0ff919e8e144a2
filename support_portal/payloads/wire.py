"""The shapes on the wire. Fields not named here are skipped without being decoded."""

from typing import Any

from msgspec import Raw, Struct, field

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


class Top(Struct, rename="camel", gc=False):
    """The field names by which a payload without namespace is told; what they hold stays raw."""

    accepted_count: Raw = Raw()
    cancelled_count: Raw = Raw()
    code: Raw = Raw()
    data: Raw = Raw()
    event_details: Raw = Raw()
    job_id: Raw = Raw()
    message: Raw = Raw()
    message_id: Raw = Raw()
    messages: Raw = Raw()
    phone_number: Raw = Raw()
    received_at: Raw = Raw()
    rejected_count: Raw = Raw()
    request_id: Raw = Raw()
    status: Raw = Raw()
    survey_id: Raw = Raw()
    timestamp: Raw = Raw()
    type: Raw = Raw()
    umid: Raw = Raw()


class Fault(Struct, rename="camel", gc=False):
    """The error of an old receipt, where it is an object."""

    code: Scalar = None
    message: Scalar = None


class Legacy(Struct, rename="camel", gc=False):
    """The flat receipt of the former platform."""

    umid: Scalar = None
    status: Scalar = None
    channel: Scalar = None
    user: User | Scalar = None
    sub_account_id: Scalar = None
    batch_id: Scalar = None
    client_message_id: Scalar = None
    client_batch_id: Scalar = None
    timestamp: Scalar = None
    error: Fault | Scalar = None


class ToldStatus(Struct, rename="camel", gc=False):
    """A status in an answer of the API: the answers to SMS requests have code and description."""

    state: Scalar = None
    detail: Scalar = None
    timestamp: Scalar = None
    error_code: Scalar = None
    error_message: Scalar = None
    code: Scalar = None
    description: Scalar = None


class Told(Struct, rename="camel", gc=False):
    """One message in an answer of the API: to a send request, a batch, or a question for details."""

    umid: Scalar = None
    batch_id: Scalar = None
    client_message_id: Scalar = None
    client_batch_id: Scalar = None
    sub_account_id: Scalar = None
    direction: Scalar = None
    channel: Scalar = None
    channel_id: Scalar = None
    step: Scalar = None
    destination: Scalar = None
    encoding: Scalar = None
    msisdn: Scalar = None
    source: Scalar = None
    user: User | Scalar = None
    status: ToldStatus | Scalar = None
    created_at: Scalar = None
    content_type: Scalar = None
    whatsapp: WhatsApp | Scalar = None


class Batch(Struct, rename="camel", gc=False):
    """The answer to a batch; each message is read by itself, so that a bad one costs no other."""

    batch_id: Scalar = None
    client_batch_id: Scalar = None
    messages: Raw = Raw()


class Details(Struct, rename="camel", gc=False):
    """The answer to a question for the details of a message in Messaging: a record a step."""

    data: Raw = Raw()


class Recipient(Struct, rename="camel", gc=False):
    """Our own end of an inbound message."""

    channel: Scalar = None
    channel_id: Scalar = None
    recipient_id: Scalar = None


class Inbound(Struct, rename="camel", gc=False):
    """An inbound message of any version, or one that was sent from the WhatsApp Business app."""

    umid: Scalar = None
    sub_account_id: Scalar = None
    timestamp: Scalar = None
    received_at: Scalar = None
    channel: Scalar = None
    user: User | Scalar = None
    recipient: Recipient | Scalar = None
    source: Scalar = None
    destination: Scalar = None
    type: Scalar = None
    content: Raw = Raw()
    reply_to_umid: Scalar = None


class InboundEvent(Struct, rename="camel", gc=False):
    """An inbound message inside its event."""

    payload: Inbound | Scalar = None


class Interactive(Struct, rename="camel", gc=False):
    """Which kind of button, list or form was answered."""

    type: Scalar = None


class Content(Struct, rename="camel", gc=False):
    """The content of an inbound message, as far as it is told what kind it is."""

    interactive: Interactive | Scalar = None


class Click(Struct, rename="camel", gc=False):
    """A click on a short URL."""

    event_id: Scalar = None
    occurred_at: Scalar = None
    umid: Scalar = None
    sub_account_id: Scalar = None
    destination: Scalar = None


class ClickEvent(Struct, rename="camel", gc=False):
    """A click inside its event."""

    payload: Click | Scalar = None


class Survey(Struct, rename="camel", gc=False):
    """The answers to an SMS Engage survey, without the answers."""

    umid: Scalar = None
    survey_id: Scalar = None
    survey_started_at: Scalar = None
    survey_submitted_at: Scalar = None


class NumberLookup(Struct, rename="camel", gc=False):
    """The answer of Number Lookup."""

    request_id: Scalar = None
    phone_number: Scalar = None
    status: Status | Scalar = None


class VoiceError(Struct, rename="camel", gc=False):
    """Why a voice session failed."""

    error_msg: Scalar = None
    error_code: Scalar = None


class CallLeg(Struct, rename="camel", gc=False):
    """One leg of a voice session."""

    source: Scalar = None
    destination: Scalar = None


class CallLegs(Struct, gc=False):
    """The first leg; the documents spell it both ways."""

    first: CallLeg | Scalar = field(name="callA", default=None)
    spelt_upper: CallLeg | Scalar = field(name="CallA", default=None)


class Voice(Struct, rename="camel", gc=False):
    """The payload of a voice event: of a session, or of one call."""

    event_id: Scalar = None
    session_id: Scalar = None
    call_id: Scalar = None
    sub_account_id: Scalar = None
    session_status: Scalar = None
    call_status: Scalar = None
    call_direction: Scalar = None
    start_time: Scalar = None
    end_time: Scalar = None
    timestamp: Scalar = None
    last_action: Scalar = None
    source: Scalar = None
    destination: Scalar = None
    sip_code: Scalar = None
    error_details: VoiceError | Scalar = None
    details: CallLegs | Scalar = None


class VoiceEvent(Struct, rename="camel", gc=False):
    """A voice event; the payload comes first on the wire."""

    payload: Voice | Scalar = None


class Restriction(Struct, rename="camel", gc=False):
    """What an account may not do, and until when."""

    restriction_type: Scalar = None
    expiration: Scalar = None


class Violation(Struct, rename="camel", gc=False):
    """Which rule an account broke."""

    violation_type: Scalar = None


class Verification(Struct, rename="camel", gc=False):
    """How the verification of a business went."""

    verification_status: Scalar = None


class DisableInfo(Struct, rename="camel", gc=False):
    """When a template will be disabled."""

    disable_date: Scalar = None


class OtherInfo(Struct, rename="camel", gc=False):
    """Why a template was paused."""

    title: Scalar = None


class Meta(Struct, rename="camel", gc=False):
    """What changed about a template or a number."""

    status: Scalar = None
    reason: Scalar = None
    previous_category: Scalar = None
    new_category: Scalar = None
    category: Scalar = None
    correct_category: Scalar = None
    previous_quality_score: Scalar = None
    new_quality_score: Scalar = None
    event: Scalar = None
    old_limit: Scalar = None
    current_limit: Scalar = None
    max_daily_conversations_per_business: Scalar = None
    disable_info: DisableInfo | Scalar = None
    other_info: OtherInfo | Scalar = None


class EventDetails(Struct, rename="camel", gc=False):
    """What an account event is about."""

    template_id: Scalar = None
    template_name: Scalar = None
    template_language: Scalar = None
    display_phone_number: Scalar = None
    phone_number: Scalar = None
    event: Scalar = None
    meta: Meta | Scalar = None
    business_verification_info: Verification | Scalar = None
    violation_info: Violation | Scalar = None
    restriction_info: list[Restriction] | Scalar = None


class Account(Struct, rename="camel", gc=False):
    """An event about the account at the channel's provider, not about a message."""

    event_id: Scalar = None
    timestamp: Scalar = None
    provider: Scalar = None
    business_account_id: Scalar = None
    account_id: Scalar = None
    event_type: Scalar = None
    event_details: EventDetails | Scalar = None


NESTED: dict[tuple[type[Struct], str], type[Any]] = {
    (Wire, "payload"): Payload,
    (Wire, "error"): Error,
    (Wire, "context"): Context,
    (Payload, "status"): Status,
    (Payload, "user"): User,
    (Payload, "whatsapp"): WhatsApp,
    (Legacy, "user"): User,
    (Legacy, "error"): Fault,
    (Told, "user"): User,
    (Told, "status"): ToldStatus,
    (Told, "whatsapp"): WhatsApp,
    (Batch, "messages"): Raw,
    (Details, "data"): Raw,
    (Inbound, "user"): User,
    (Inbound, "recipient"): Recipient,
    (Inbound, "content"): Raw,
    (InboundEvent, "payload"): Inbound,
    (Content, "interactive"): Interactive,
    (ClickEvent, "payload"): Click,
    (NumberLookup, "status"): Status,
    (Voice, "error_details"): VoiceError,
    (Voice, "details"): CallLegs,
    (CallLegs, "first"): CallLeg,
    (CallLegs, "spelt_upper"): CallLeg,
    (VoiceEvent, "payload"): Voice,
    (Meta, "disable_info"): DisableInfo,
    (Meta, "other_info"): OtherInfo,
    (EventDetails, "meta"): Meta,
    (EventDetails, "business_verification_info"): Verification,
    (EventDetails, "violation_info"): Violation,
    (EventDetails, "restriction_info"): Restriction,
    (Account, "event_details"): EventDetails,
    **{(Top, name): Raw for name in Top.__struct_fields__},
}
LISTS = {(EventDetails, "restriction_info")}

# Stands where an object or a list was found in the place of a plain value. No field of a
# record is a boolean, so every reader treats it as unusable.
MISPLACED = False

Found = dict[str, Any]
