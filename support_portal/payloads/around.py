"""What happens around messages: clicks, survey answers, number lookups, and calls that failed."""

from support_portal.payloads import values
from support_portal.payloads.decoding import decode_as
from support_portal.payloads.ignoring import ignored
from support_portal.payloads.phones import normalise, own_end
from support_portal.payloads.records import Happening, Ignored, Unrecognised
from support_portal.payloads.values import Scalar
from support_portal.payloads.wire import (
    CallLeg,
    CallLegs,
    Click,
    ClickEvent,
    NumberLookup,
    Status,
    Survey,
    Voice,
    VoiceError,
    VoiceEvent,
)

_FIRST_FAILURE = 300  # SIP answers below it tell of progress or success
_OUTBOUND = "outbound"


def read_click(raw: bytes) -> tuple[Happening]:
    """Return a click on a short URL in one of our messages; the addresses stay in the payload."""
    told = decode_as(ClickEvent, raw).payload
    if not isinstance(told, Click):
        raise Unrecognised("unhandled_shape", "The click has no payload object.")
    umid = values.required_id(told.umid, "umid", "umid")
    return (
        Happening(
            umid=umid,
            kind="click",
            occurred_at=values.required_time(told.occurred_at, "occurredAt"),
            mark=values.text(told.event_id) or values.text(told.occurred_at),
            about=umid,
            channel="sms",
            sub_account=values.text(told.sub_account_id),
            person=normalise(values.text(told.destination)),
        ),
    )


def read_survey(raw: bytes) -> tuple[Happening]:
    """Return that a survey was answered; the answers stay in the payload."""
    told = decode_as(Survey, raw)
    umid = values.required_id(told.umid, "umid", "umid")
    submitted = told.survey_submitted_at
    return (
        Happening(
            umid=umid,
            kind="survey_answer",
            occurred_at=values.required_time(submitted, "surveySubmittedAt"),
            mark=f"{values.text(told.survey_id)} {values.text(submitted)}",
            about=umid,
            channel="sms",
            content=values.text(told.survey_id, values.STATE_LENGTH),
        ),
    )


def read_number_lookup(raw: bytes) -> tuple[Happening | Ignored]:
    """Return a lookup that failed; one that found its number answers no question of an agent."""
    told = decode_as(NumberLookup, raw)
    status = told.status if isinstance(told.status, Status) else Status()
    code = values.number(status.error_code)
    state = values.text(status.state, values.STATE_LENGTH).lower()
    if not code and state != "error":
        return ignored("number_lookup")
    return (
        Happening(
            umid=values.required_id(told.request_id, "requestId", "request_id"),
            kind="number_lookup",
            occurred_at=values.required_time(status.timestamp, "status.timestamp"),
            person=normalise(values.text(told.phone_number)),
            state=state,
            code=code or None,
            context="number_lookup" if code else "",
            text=values.text(status.error_message, values.MESSAGE_LENGTH),
        ),
    )


def read_voice(raw: bytes, event: str) -> tuple[Happening | Ignored]:
    """Return how a voice session ended, or a call that failed."""
    told = decode_as(VoiceEvent, raw).payload
    if not isinstance(told, Voice):
        raise Unrecognised("unhandled_shape", "The voice event has no payload object.")
    return _session(told) if event == "session_summary" else _call(told)


def _session(told: Voice) -> tuple[Happening]:
    error = told.error_details if isinstance(told.error_details, VoiceError) else VoiceError()
    code = values.number(error.error_code)
    leg = _first_leg(told)
    return (
        Happening(
            umid=values.required_id(told.session_id, "sessionId", "session_id"),
            kind="voice_session",
            occurred_at=values.required_time(_first(told.end_time, told.start_time), "endTime"),
            channel="voice",
            sub_account=values.text(told.sub_account_id),
            own_end=own_end(leg.source),
            person=normalise(values.text(leg.destination)),
            content=values.text(told.last_action, values.STATE_LENGTH).lower(),
            state=values.text(told.session_status, values.STATE_LENGTH).lower(),
            code=code,
            context="" if code is None else "voice_error",
            text=values.text(error.error_msg, values.MESSAGE_LENGTH),
        ),
    )


def _call(told: Voice) -> tuple[Happening | Ignored]:
    sip = values.number(told.sip_code)
    if sip is None or sip < _FIRST_FAILURE:
        return ignored("voice_progress")
    outbound = values.text(told.call_direction).lower() == _OUTBOUND
    ours, theirs = (told.source, told.destination) if outbound else (told.destination, told.source)
    state = values.text(told.call_status, values.STATE_LENGTH).lower()
    return (
        Happening(
            umid=values.required_id(told.call_id, "callId", "call_id"),
            kind="voice_call",
            occurred_at=values.required_time(told.timestamp, "timestamp"),
            mark=values.text(told.event_id) or state,
            about=values.optional_id(told.session_id),
            channel="voice",
            sub_account=values.text(told.sub_account_id),
            own_end=own_end(ours),
            person=normalise(values.text(theirs)),
            state=state,
            code=sip,
            context="sip",
        ),
    )


def _first(*told: Scalar) -> Scalar:
    return next((value for value in told if value is not None), None)


def _first_leg(told: Voice) -> CallLeg:
    legs = told.details if isinstance(told.details, CallLegs) else CallLegs()
    found = legs.first if isinstance(legs.first, CallLeg) else legs.spelt_upper
    return found if isinstance(found, CallLeg) else CallLeg()
