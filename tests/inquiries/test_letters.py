"""The letter of each kind as it goes out.  To accept a change, write the files anew and read them aloud:

python -m tests.inquiries.test_letters
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from support_portal.inquiries.letters import TEMPLATES, Draft, Sample, compose, proposed
from support_portal.inquiries.letters.counts import Counts, Part, excluded
from support_portal.inquiries.models import RequestType, Severity
from support_portal.writing import markdown, plain

GOLDEN = Path(__file__).with_name("letters")
FORMS = {"txt": plain, "md": markdown}
START = datetime(2026, 11, 23, 1, 45, 12, 400_000, tzinfo=UTC)
PLACES = (("northwind_ph_hq", "PH", "Globe"), ("northwind_sg_retail", "SG", "Singtel"))


def sample(number: int, **values: object) -> Sample:
    sub_account, country, operator = PLACES[number % 2]
    given = {
        "record_id": UUID(int=number),
        "at": START + timedelta(minutes=7 * number),
        "sub_account": sub_account,
        "country": country,
        "channel": "sms",
    }
    about = (
        values if "error_id" in values else {"operator": operator, "sender": "NORTHWIND"} | values
    )
    return Sample(**given | about)  # type: ignore[arg-type]


def an_error(number: int) -> Sample:
    return sample(
        number,
        error_id=UUID(int=number),
        code=1300,
        registry="api_error",
        meaning="Not found",
        http_status=404,
        endpoint="GET /api/v1/subaccounts/northwind_ph_hq/messages/2891dd3c",
        text="Object wasn't found or is already expired",
    )


def a_message(number: int, state: str, detail: str = "", **values: object) -> Sample:
    return sample(
        number,
        umid=UUID(int=number),
        state=state,
        detail=detail,
        recipient=f"+6{3 if number % 2 == 0 else 5}•••••456{number}",
        **{"state_at": START + timedelta(minutes=7 * number, seconds=9 * number * number)} | values,
    )


FAILED = {"code": 15, "registry": "sms_dlr", "meaning": "Invalid destination"}
EVIDENCE = {
    "api_error": [an_error(number) for number in range(1, 8)],
    "failed_delivery": [a_message(n, "undelivered", "rejected_by_operator", **FAILED) for n in (1, 2, 3)],
    "missing_receipts": [a_message(number, "sent") for number in (1, 2)],
    "latency": [a_message(number, "delivered", "delivered_to_recipient") for number in (3, 5, 8)],
    "wrong_charge": [a_message(4, "delivered", "delivered_to_recipient")],
}  # fmt: skip
COUNTS = {
    "api_error": Counts(
        thing="request",
        codes="code 1300",
        begin=START,
        end=START + timedelta(minutes=51),
        counted_at=START + timedelta(minutes=52),
        number=1204,
        goes_on=True,
        usual=109.0,
        weeks=5,
        messages=23400,
        traffic=1.1,
        parts={
            "sub_account": Part(
                (("northwind_ph_hq", 1100), ("northwind_sg_retail", 104)),
                ("northwind_id_lastmile",),
                5,
            ),
            "country": Part((("PH", 1100), ("SG", 104)), ("ID", "TH"), 4),
            "channel": Part((("sms", 1204),), ("viber", "whatsapp"), 3),
        },
        scope=("*",),
    ),
    "failed_delivery": Counts(
        thing="message",
        codes="code 15",
        begin=START,
        end=START + timedelta(minutes=30),
        counted_at=START + timedelta(hours=2),
        number=312,
        exact=False,
        cut=True,
        usual=0.2,
        weeks=6,
        messages=6400,
        parts={
            "sub_account": Part((("northwind_ph_hq", 312),), (), 1),
            "country": Part((("PH", 312),), ("SG",), 2),
            "operator": Part((("Globe", 312),), ("Smart",), 3),
        },
        scope=("", "northwind_ph_hq"),
    ),
}
TYPED = {
    "api_error": {
        "body": "The umids were accepted less than an hour before.\nWe ask with the same key as always.",
        "ruled_out": "\n".join(
            [*excluded(COUNTS["api_error"]), "A change of ours: nothing was deployed that day."]
        ),
    },
    "failed_delivery": {"ruled_out": "\n".join(excluded(COUNTS["failed_delivery"]))},
    "wrong_charge": {"body": "The invoice of October has two units for each."},
}


def letter(kind: str) -> Draft:
    given = {
        "reference": "INQ-131",
        "kind": kind,
        "severity": "P2, a major feature is down",
        "request_type": "API Related Issue",
        "account": "Northwind Parcel",
        "signature": "Ana Villareal",
        "counts": COUNTS.get(kind),
    }
    return Draft(**given | proposed(kind, EVIDENCE[kind]) | TYPED.get(kind, {}))


ADDED = [an_error(number) for number in (8, 9)]
FURTHER = Draft(
    reference="INQ-131",
    kind="api_error",
    severity="P2, a major feature is down",
    request_type="API Related Issue",
    subject="Error 1300 (Not found), 7 requests, PH and SG",
    body="It goes on after your restart at 02:30 UTC.",
    account="Northwind Parcel",
    signature="Ben Cruz",
    follows=START + timedelta(minutes=52),
    ticket="#40112",
)
LETTERS = (*TEMPLATES, "further")


def written(kind: str, form: str) -> str:
    draft, samples = (FURTHER, ADDED) if kind == "further" else (letter(kind), EVIDENCE[kind])
    return FORMS[form](compose(draft, samples))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_reads_as_it_did_when_it_was_read_aloud(kind: str, form: str) -> None:
    assert written(kind, form) == (GOLDEN / f"{kind}.{form}").read_text(encoding="utf-8")


def test_many_pieces_are_counted_and_the_newest_are_listed() -> None:
    many = [an_error(number) for number in range(1, 1001)]
    text = plain(compose(letter("api_error"), many))

    assert "Affected: 1,000 requests quoted here" in text
    assert "The newest 50 of 1,000:" in text
    assert "All 1,000 are in evidence.csv and evidence.ndjson." in text
    assert len(text.splitlines()) < 200


def test_an_id_alone_makes_a_letter_too() -> None:
    text = plain(compose(letter("api_error"), [Sample(UUID(int=7), held=False)]))

    assert f"Sample:\nId: {UUID(int=7)}\n\n" in text


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_asks_and_expects_something_without_any_evidence(kind: str) -> None:
    words = proposed(kind, [])

    assert all(words.values())
    assert "?" in words["question"]
    assert "{" not in "".join(words.values())


def test_an_unlisted_code_is_asked_about() -> None:
    unlisted = Sample(UUID(int=1), code=4242, error_id=UUID(int=1))

    assert "do not list code 4242." in proposed("api_error", [unlisted])["question"]


@pytest.mark.parametrize("codes", [1, 2, 3, 9])
def test_a_subject_fits_the_form_of_8x8(codes: int) -> None:
    many = [
        Sample(UUID(int=n), code=n, registry="sms_dlr", meaning="long " * 30) for n in range(codes)
    ]

    assert len(proposed("failed_delivery", many)["subject"]) <= 200


def test_priorities_and_request_types_are_those_of_8x8s_form() -> None:
    assert Severity.labels == [
        "P1, cannot send or communicate",
        "P2, a major feature is down",
        "Lower than P2",
    ]
    assert RequestType.labels == ["API Related Issue", "Service Outage", "Other"]


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in LETTERS:
        for ending in FORMS:
            (GOLDEN / f"{each}.{ending}").write_text(written(each, ending), encoding="utf-8")
