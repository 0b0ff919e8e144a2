"""Events about the account at WhatsApp: templates, the quality of numbers, restrictions."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from support_portal.payloads import values
from support_portal.payloads.decoding import decode_as
from support_portal.payloads.ignoring import ignored
from support_portal.payloads.phones import normalise
from support_portal.payloads.records import AccountEvent, Ignored, Unrecognised
from support_portal.payloads.values import Scalar
from support_portal.payloads.wire import (
    Account,
    DisableInfo,
    EventDetails,
    Meta,
    OtherInfo,
    Restriction,
    Verification,
    Violation,
)

NOTHING = "NONE"  # WhatsApp's word for a reason that is not there
_USER_ID = "whatsapp_user_id_update"
_WORD = 60
_DAY = "T00:00:00Z"
_DAY_LENGTH = 10


class _Change(NamedTuple):
    """What changed, in the words of the event."""

    status: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    until: datetime | None = None


def read_account_event(raw: bytes) -> tuple[AccountEvent | Ignored]:
    """Return the event, or that it is dropped, or raise Unrecognised for a kind not known."""
    told = decode_as(Account, raw)
    kind = values.text(told.event_type, values.STATE_LENGTH).lower()
    if kind == _USER_ID:
        return ignored("user_id_update")
    read = _KINDS.get(kind)
    details = told.event_details
    if read is None or not isinstance(details, EventDetails):
        raise Unrecognised(
            "unknown_account_event", "The account event is of a kind that is not known here."
        )
    change = read(details)
    return (
        AccountEvent(
            event_id=values.required_id(told.event_id, "eventId", "event_id"),
            kind=kind,
            occurred_at=values.required_time(told.timestamp, "timestamp"),
            channel=values.text(told.provider, values.STATE_LENGTH).lower(),
            account=values.text(told.account_id),
            business_account=values.text(told.business_account_id),
            template=values.text(details.template_name, values.ID_LENGTH),
            language=values.text(details.template_language, values.STATE_LENGTH),
            number=normalise(values.text(details.display_phone_number or details.phone_number)),
            status=change.status,
            before=change.before,
            after=change.after,
            reason=change.reason,
            until=change.until,
        ),
    )


def _meta(details: EventDetails) -> Meta:
    return details.meta if isinstance(details.meta, Meta) else Meta()


def _template_status(details: EventDetails) -> _Change:
    meta = _meta(details)
    title = meta.other_info.title if isinstance(meta.other_info, OtherInfo) else None
    until = meta.disable_info.disable_date if isinstance(meta.disable_info, DisableInfo) else None
    return _Change(_word(meta.status), reason=_word(meta.reason) or _word(title), until=_day(until))


def _template_category(details: EventDetails) -> _Change:
    meta = _meta(details)
    return _Change(before=_word(meta.previous_category), after=_word(meta.new_category))


def _detected_category(details: EventDetails) -> _Change:
    meta = _meta(details)
    return _Change(before=_word(meta.category), after=_word(meta.correct_category))


def _template_quality(details: EventDetails) -> _Change:
    meta = _meta(details)
    return _Change(before=_word(meta.previous_quality_score), after=_word(meta.new_quality_score))


def _number_quality(details: EventDetails) -> _Change:
    meta = _meta(details)
    after = _word(meta.max_daily_conversations_per_business) or _word(meta.current_limit)
    return _Change(_word(meta.event), before=_word(meta.old_limit), after=after)


def _account(details: EventDetails) -> _Change:
    verification, violation = details.business_verification_info, details.violation_info
    told = details.restriction_info
    limits = told if isinstance(told, list) else []
    reasons = [
        _word(verification.verification_status) if isinstance(verification, Verification) else "",
        _word(violation.violation_type) if isinstance(violation, Violation) else "",
        *(_word(each.restriction_type) for each in limits),
    ]
    reason = values.text(", ".join(filter(None, reasons)), values.PATH_LENGTH)
    return _Change(_word(details.event), reason=reason, until=_last(limits))


def _last(limits: list[Restriction]) -> datetime | None:
    found = [values.optional_time(each.expiration) for each in limits]
    return max((moment for moment in found if moment), default=None)


def _word(value: Scalar) -> str:
    word = values.text(value, _WORD).strip()
    return "" if word == NOTHING else word


def _day(value: Scalar) -> datetime | None:
    if isinstance(value, str) and len(value) == _DAY_LENGTH:
        value += _DAY
    return values.optional_time(value)


_KINDS: dict[str, Callable[[EventDetails], _Change]] = {
    "template_status_update": _template_status,
    "template_category_update": _template_category,
    "template_quality_update": _template_quality,
    "template_correct_category_detection": _detected_category,
    "phone_number_quality_update": _number_quality,
    "account_update": _account,
}
