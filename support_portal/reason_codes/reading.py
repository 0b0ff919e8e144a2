"""Decode a number by the place where it was read, and never without one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from support_portal.reason_codes.catalogue import contradictions_for, reasons_for, registries
from support_portal.reason_codes.loading import Contradiction, Reason, Registry
from support_portal.reason_codes.verdicts import AMBIGUOUS, NOT_IN_TABLE, UNLISTED, Verdict

_LONGEST = 10**18  # a longer number is not a code, and Python refuses to print very long ones
_NO_TABLE_LABEL = "Code"


class Context(StrEnum):
    """Where a number was read."""

    API_ERROR = "api_error"
    BATCH_ITEM = "batch_item"
    HTTP_STATUS = "http_status"
    SMS_RECEIPT = "sms_receipt"
    CHATAPPS_RECEIPT = "chatapps_receipt"
    LEGACY_RECEIPT = "legacy_receipt"
    WHATSAPP_PROVIDER = "whatsapp_provider"
    NUMBER_LOOKUP = "number_lookup"
    VOICE_STATUS = "voice_status"
    VOICE_ERROR = "voice_error"
    SIP = "sip"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a number means where it was read; ``known`` when exactly one table answers."""

    registry: str
    label: str
    code: int
    name: str
    known: bool
    ambiguous: bool
    why: str
    reason: Reason | None
    verdict: Verdict
    other_readings: tuple[Reason, ...]
    contradictions: tuple[Contradiction, ...]
    home: str  # the table that the number would stand in, listed or not; "" for a bare number
    named_by_team: bool = False  # no table lists it, and the team gave it a name

    @property
    def named(self) -> bool:
        """Tell whether there is a name to show."""
        return self.known or self.named_by_team


@dataclass(frozen=True, slots=True)
class _Place:
    """The tables that belong to a place, in order of choice."""

    where: str
    tables: tuple[str, ...]
    label: str = ""  # only needed where no table belongs to the place
    home: str = ""  # likewise: the table under which the team may explain the number


_PLACES: Mapping[Context, _Place] = {
    Context.API_ERROR: _Place("the code of an API answer", ("api_error", "api_error_undocumented")),
    Context.BATCH_ITEM: _Place("a rejected message of a batch answer", ("api_error",)),
    Context.HTTP_STATUS: _Place(
        "the HTTP status of an API answer", ("http_status", "http_status_oas_only")
    ),
    Context.SMS_RECEIPT: _Place("an SMS receipt", ("sms_dlr",)),
    Context.LEGACY_RECEIPT: _Place(
        "a receipt of the old format", ("chatapps_dlr_wavecell_legacy",)
    ),
    Context.WHATSAPP_PROVIDER: _Place(
        "the provider code of a WhatsApp receipt", ("whatsapp_provider",)
    ),
    Context.NUMBER_LOOKUP: _Place("a number lookup answer", ("number_lookup",)),
    Context.VOICE_STATUS: _Place("the answer to a call flow request", ("voice_status",)),
    Context.VOICE_ERROR: _Place("the summary of a voice session", ("voice_error",)),
    Context.SIP: _Place("the SIP code of a call", ("sip",)),
}

_GENERAL = _Place("a Messaging receipt with a code below 1000", ("chatapps_dlr_general",))
_SMS_LEG = _Place(
    "a Messaging receipt on the SMS channel, for which the documents name no table",
    ("chatapps_dlr_general", "sms_dlr"),
)
_OWN_TABLE: Mapping[tuple[str, int], _Place] = {
    ("whatsapp", 1): _Place("a Messaging receipt on WhatsApp", ("chatapps_dlr_whatsapp",)),
    ("viber", 2): _Place("a Messaging receipt on Viber", ("chatapps_dlr_viber",)),
}
_NO_TABLE = _Place(
    "a Messaging receipt on a channel without a table for codes of this size",
    (),
    "Chat",
    "chatapps_dlr_general",
)

_NO_PLACE = _Place("no known place; none of the tables lists this number", (), _NO_TABLE_LABEL)


def decode(context: Context, channel: str, number: int) -> Reading:
    """Return what ``number`` means in this context; any number gets an honest answer."""
    if context is Context.BARE:
        return _decode_bare(number)
    place = _place(context, channel, number)
    for key in place.tables:
        if reason := registries()[key].codes.get(number):
            return _known(reason, place.tables, _why(place, key))
    return _unlisted(number, place)


def look_up(table: Registry, number: int) -> Reading:
    """Return what one table says about ``number``, for somebody who chose the table."""
    why = f"Read in the table {table.title}."
    if reason := table.codes.get(number):
        return _known(reason, (table.key,), why)
    unlisted = _unlisted(number, _Place("", (table.key,)))
    return replace(unlisted, registry=table.key, why=why, verdict=NOT_IN_TABLE)


def _place(context: Context, channel: str, number: int) -> _Place:
    if context is not Context.CHATAPPS_RECEIPT:
        return _PLACES[context]
    channel = channel.strip().casefold()
    if channel == "sms":
        return _SMS_LEG
    if number < 1000:
        return _GENERAL
    return _OWN_TABLE.get((channel, number // 1000), _NO_TABLE)


def _why(place: _Place, key: str) -> str:
    title = registries()[key].title
    if key == place.tables[0]:
        return f"Read from {place.where}, so the table is {title}."
    passed = registries()[place.tables[0]].title
    return f"Read from {place.where}; {passed} does not list it, {title} does."


def _known(reason: Reason, consulted: tuple[str, ...], why: str) -> Reading:
    others = tuple(other for other in reasons_for(reason.code) if other is not reason)
    return Reading(
        registry=reason.registry,
        label=registries()[reason.registry].label,
        code=reason.code,
        name=reason.name,
        known=True,
        ambiguous=False,
        why=why,
        reason=reason,
        verdict=reason.verdict,
        other_readings=others,
        contradictions=contradictions_for(consulted, reason.code),
        home=reason.registry,
    )


def _unlisted(number: int, place: _Place) -> Reading:
    label = registries()[place.tables[0]].label if place.tables else place.label
    return Reading(
        registry="",
        label=label,
        code=number,
        name=f"Unlisted code {_shown(number)}",
        known=False,
        ambiguous=False,
        why=_why_unlisted(place),
        reason=None,
        verdict=UNLISTED,
        other_readings=reasons_for(number),
        contradictions=contradictions_for(place.tables, number),
        home=place.tables[0] if place.tables else place.home,
    )


def _why_unlisted(place: _Place) -> str:
    if not place.tables:
        return f"Read from {place.where}."
    titles = " and ".join(registries()[key].title for key in place.tables)
    return f"Read from {place.where}; not listed in {titles}."


def _decode_bare(number: int) -> Reading:
    reasons = reasons_for(number)
    if not reasons:
        return _unlisted(number, _NO_PLACE)
    if len(reasons) == 1:
        title = registries()[reasons[0].registry].title
        why = f"A bare number, but only one table lists it: {title}."
        return _known(reasons[0], (reasons[0].registry,), why)
    return _ambiguous(reasons)


def _ambiguous(reasons: tuple[Reason, ...]) -> Reading:
    keys = tuple(reason.registry for reason in reasons)
    titles = ", ".join(registries()[key].title for key in keys)
    number = reasons[0].code
    return Reading(
        registry="",
        label=_NO_TABLE_LABEL,
        code=number,
        name=_shared_name(reasons),
        known=False,
        ambiguous=True,
        why=f"A bare number that several tables list: {titles}.",
        reason=None,
        verdict=_shared_verdict(reasons),
        other_readings=reasons,
        contradictions=contradictions_for(keys, number),
        home="",
    )


def _shared_name(reasons: tuple[Reason, ...]) -> str:
    """Return the name that all tables give, however they space it, or the count of meanings."""
    names = {"".join(filter(str.isalnum, reason.name)).casefold() for reason in reasons}
    first = reasons[0]
    return first.name if len(names) == 1 else f"Code {first.code}, {len(reasons)} meanings"


def _shared_verdict(reasons: tuple[Reason, ...]) -> Verdict:
    """Return the one verdict of tables that agree, as voice and number masking do."""
    verdicts = {reason.verdict for reason in reasons}
    return verdicts.pop() if len(verdicts) == 1 else AMBIGUOUS


def _shown(number: int) -> str:
    if -_LONGEST < number < _LONGEST:
        return str(number)
    return "of more than 18 digits"
