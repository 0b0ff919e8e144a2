"""SMPP receipts: the text of a deliver_sm, as a gateway passes it on.

The dates name no zone and 8x8's documents are silent about it; they are read as UTC, like every
other time of 8x8 without a zone.
"""

import re
from datetime import UTC, datetime

from support_portal.payloads import values
from support_portal.payloads.records import Receipt, Unrecognised
from support_portal.payloads.times import checked

STATES = {
    "DELIVRD": ("delivered", "delivered_to_recipient"),
    "ACCEPTD": ("delivered", "delivered_to_operator"),
    "ENROUTE": ("sent", ""),
    "UNDELIV": ("undelivered", ""),
    "EXPIRED": ("undelivered", ""),
    "DELETED": ("undelivered", ""),
    "REJECTD": ("rejected", ""),
    "UNKNOWN": ("unknown", ""),
}
_FAILURES = {"undelivered", "rejected"}
_LONGEST = 2_000
_START = re.compile(rb"\s*id:", re.IGNORECASE)
_ANOTHER = re.compile(rb"\n\s*id:", re.IGNORECASE)
_FIELDS = re.compile(
    r"(?P<name>id|sub|dlvrd|submit date|done date|stat|err):[ ]?(?P<value>[^\s]*)", re.IGNORECASE
)
_DATE_FORMATS = {10: "%y%m%d%H%M", 12: "%y%m%d%H%M%S"}


def is_smpp(raw: bytes) -> bool:
    """Tell whether ``raw`` is the text of one receipt; of several the others would be lost."""
    if len(raw) > _LONGEST or not _START.match(raw) or b"stat:" not in raw.lower():
        return False
    return not _ANOTHER.search(raw.strip())


def read_smpp(raw: bytes) -> tuple[Receipt]:
    """Return the receipt; one whose id is no umid cannot be laid to a message."""
    told = {
        found["name"].lower(): found["value"]
        for found in _FIELDS.finditer(raw.decode(errors="replace").partition("Text:")[0])
    }
    umid = values.optional_id(told.get("id", ""))
    if umid is None:
        raise Unrecognised("smpp_id", "The id of the SMPP receipt is not a umid.")
    word = told.get("stat", "").upper()
    if not word:
        raise Unrecognised("no_state", "The SMPP receipt has no stat.")
    state, detail = STATES.get(word, (word.lower()[: values.STATE_LENGTH], ""))
    code = values.number(told.get("err"))
    return (
        Receipt(
            umid=umid,
            state=state,
            detail=detail,
            occurred_at=_time(told.get("done date", "")),
            error_code=code if code or state in _FAILURES else None,
            context="sms_receipt",
            channel="sms",
        ),
    )


def _time(text: str) -> datetime:
    try:
        moment = datetime.strptime(text, _DATE_FORMATS.get(len(text), "")).replace(tzinfo=UTC)
        return checked(moment)
    except ValueError as error:
        raise Unrecognised(
            "bad_time", "The done date of the SMPP receipt cannot be read."
        ) from error
