"""Made-up evidence of each kind, on which a template is tried."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from support_portal.inquiries.letters.composing import compose
from support_portal.inquiries.letters.sample import Draft, Sample
from support_portal.inquiries.letters.templates import Template, proposed
from support_portal.writing import Document

START = datetime(2026, 11, 23, 1, 45, 12, tzinfo=UTC)
PLACES = (("northwind_ph_hq", "PH", "Globe"), ("northwind_sg_retail", "SG", "Singtel"))


def _message(number: int, state: str, detail: str = "", **values: object) -> Sample:
    sub_account, country, operator = PLACES[number % 2]
    at = START + timedelta(minutes=7 * number)
    given: dict[str, object] = {
        "record_id": UUID(int=number),
        "umid": UUID(int=number),
        "at": at,
        "state_at": at + timedelta(seconds=9 * number * number),
        "state": state,
        "detail": detail,
        "sub_account": sub_account,
        "channel": "sms",
        "sender": "NORTHWIND",
        "recipient": f"+{'65' if country == 'SG' else '63'}•••••456{number}",
        "country": country,
        "operator": operator,
    }
    return Sample(**given | values)  # type: ignore[arg-type]


def _error(number: int, **values: object) -> Sample:
    given: dict[str, object] = {
        "record_id": UUID(int=number),
        "error_id": UUID(int=number),
        "at": START + timedelta(minutes=7 * number),
        "code": 1300,
        "registry": "api_error",
        "meaning": "Not found",
        "http_status": 404,
        "endpoint": "GET /api/v1/subaccounts/northwind_ph_hq/messages/2891dd3c",
        "text": "Object wasn't found or is already expired",
        "sub_account": PLACES[0][0],
        "channel": "sms",
        "country": PLACES[0][1],
    }
    return Sample(**given | values)  # type: ignore[arg-type]


def _failed(number: int, **values: object) -> Sample:
    known = {"code": 15, "registry": "sms_dlr", "meaning": "Invalid destination"}
    return _message(number, "undelivered", "rejected_by_operator", **known | values)


EXAMPLES: Mapping[str, Sequence[Sample]] = {
    "api_error": [_error(number) for number in (1, 2, 3)],
    "failed_delivery": [_failed(number) for number in (1, 2, 3)],
    "missing_receipts": [_message(number, "sent") for number in (1, 2)],
    "latency": [_message(number, "delivered", "delivered_to_recipient") for number in (3, 5, 8)],
    "wrong_charge": [_message(4, "delivered", "delivered_to_recipient")],
}
_UNLISTED = {"code": 4242, "registry": "", "meaning": ""}
UNLISTED: Mapping[str, Sequence[Sample]] = {
    "api_error": [_error(1, **_UNLISTED)],
    "failed_delivery": [_failed(1, **_UNLISTED)],
}


def example(kind: str, template: Template, samples: Sequence[Sample]) -> Document:
    """Return the letter that a template makes of made-up evidence."""
    draft = Draft(
        reference="INQ-131",
        kind=kind,
        severity="P2, a major feature is down",
        request_type="API Related Issue",
        account="Northwind Parcel",
        signature="Ana Villareal",
    )
    words: dict[str, Any] = {**proposed(kind, samples, template)}
    return compose(replace(draft, **words), samples)
