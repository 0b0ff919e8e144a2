"""One record in several voices: complete for 8x8, clean for the customer, harmless in every format."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from support_portal.dashboard import answers
from support_portal.dashboard.voices import (
    Document,
    Evidence,
    Quote,
    Receipt,
    Words,
    for_8x8,
    for_customer,
    for_engineers,
    in_short,
    internal_in,
    markdown,
    plain,
    question,
)
from support_portal.reason_codes import Context, Verdict, Whose, decode, registries
from support_portal.reason_codes.customer_words import plain_spelling
from support_portal.reason_codes.verdicts import AMBIGUOUS, UNLISTED
from support_portal.writing.markdown import code
from tests.dashboard.hostile import HOSTILE, hostile_document

ERROR_ID = UUID("1cc1eda1-f5dd-ea11-8288-0263195dd35a")
UMID = UUID("46d27247-ecda-4bdd-8b17-b50b0013cb0c")
BATCH = UUID("7d9a44a2-9b2b-4f5e-9d52-b50b0013cb0d")
DELIVERY = UUID("0192f7c5-7a51-7cc0-8000-000000000009")
MANILA = timezone(timedelta(hours=8))
READING = decode(Context.API_ERROR, "sms", 1300)
PLANTED: dict[str, Any] = {
    "title": "API error 1300: Not found",
    "at": datetime(2026, 7, 1, 16, 0, 0, 250_000, tzinfo=MANILA),
    "received_at": datetime(2026, 7, 1, 8, 0, 1, tzinfo=UTC),
    "verdict": READING.verdict,
    "link": "https://portal.test/errors/1cc1eda1-f5dd-ea11-8288-0263195dd35a/",
    "error_id": ERROR_ID,
    "umid": UMID,
    "batch_id": BATCH,
    "reading": READING,
    "text": "Route 7 of Globe-Gold refused otherclient_hq",
    "http_status": "404 Not Found",
    "endpoint": "GET /api/v1/subaccounts/northwind_ph_hq/messages/46d27247",
    "sub_account": "northwind_ph_hq",
    "channel": "SMS",
    "sender": "NORTHWIND",
    "recipient": "+63•••••4567",
    "country": "PH",
    "operator": "Globe-Gold",
    "state": "undelivered",
    "detail": "rejected_by_operator",
    "receipts": (
        Receipt(datetime(2026, 7, 1, 8, tzinfo=UTC), "sent", "", "SMS"),
        Receipt(
            datetime(2026, 7, 1, 8, 0, 2, tzinfo=UTC), "undelivered", "rejected_by_operator", "SMS",
            "15 (SMS delivery receipts: Invalid destination)",
        ),
    ),
    "client_message_id": "NWP-447",
    "client_batch_id": "NWB-12",
    "service": "parcel-gateway",
    "requested_at": datetime(2026, 7, 1, 7, 59, 59, tzinfo=UTC),
    "repeats": 2,
    "delivery_id": DELIVERY,
    "position": 4,
    "delivery_link": "https://portal.test/intake/deliveries/0192f7c5-7a51-7cc0-8000-000000000009/",
}  # fmt: skip
EVIDENCE = Evidence(**PLANTED)
NEVER_FOR_CUSTOMERS = re.compile(
    r"8x8|wavecell|sub-?account|umid|errorid|batchid|api[ -]?key|\brout(e|es|ed|ing)\b|\bwaba\b"
    r"|other customer|northwind|otherclient|globe|parcel-gateway|nwp-447|nwb-12|4567|delivery_id"
    r"|[0-9a-f]{8}-[0-9a-f]{4}|/api/|https?:|rejected_by|_",
    re.IGNORECASE,
)
VERDICTS = {
    f"{reason.registry} {reason.code}": reason.verdict
    for table in registries().values()
    for reason in table.codes.values()
} | {
    name: value
    for source in (answers, {"UNLISTED": UNLISTED, "AMBIGUOUS": AMBIGUOUS})
    for name, value in (source if isinstance(source, dict) else vars(source)).items()
    if isinstance(value, Verdict)
}


def test_8x8_gets_all_evidence_and_a_question_and_nothing_of_our_services() -> None:
    assert plain(for_8x8(EVIDENCE)) == (
        "API error 1300: Not found\n"
        "\n"
        "errorId: 1cc1eda1-f5dd-ea11-8288-0263195dd35a\n"
        "umid: 46d27247-ecda-4bdd-8b17-b50b0013cb0c\n"
        "batchId: 7d9a44a2-9b2b-4f5e-9d52-b50b0013cb0d\n"
        "clientMessageId: NWP-447\n"
        "Time: 2026-07-01 08:00:00.250000 UTC\n"
        "Code: 1300 (API errors: Not found)\n"
        "HTTP status: 404 Not Found\n"
        "Endpoint: GET /api/v1/subaccounts/northwind_ph_hq/messages/46d27247\n"
        "Sub-account: northwind_ph_hq\n"
        "Channel: SMS\n"
        "Sender: NORTHWIND\n"
        "Recipient: +63•••••4567 (PH)\n"
        "Operator: Globe-Gold\n"
        "State: undelivered / rejected_by_operator\n"
        "\n"
        "Text: “Route 7 of Globe-Gold refused otherclient_hq”\n"
        "\n"
        "Receipts:\n"
        "2026-07-01 08:00:00 UTC: SMS, sent\n"
        "2026-07-01 08:00:02 UTC: SMS, undelivered / rejected_by_operator,"
        " 15 (SMS delivery receipts: Invalid destination)\n"
        "\n"
        "Our question: Which part of the request was refused, and what would you have accepted?\n"
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = Evidence(
        "API error 9", PLANTED["at"], PLANTED["received_at"], UNLISTED, "x", error_id=ERROR_ID
    )

    assert plain(for_8x8(bare)) == (
        "API error 9\n\n"
        "errorId: 1cc1eda1-f5dd-ea11-8288-0263195dd35a\n"
        "Time: 2026-07-01 08:00:00.250000 UTC\n\n"
        "Our question: What happened here, and what was the cause?\n"
    )


@pytest.mark.parametrize("whose", Whose)
def test_every_verdict_leads_to_a_question(whose: Whose) -> None:
    asked = {
        question(replace(EVIDENCE, verdict=replace(UNLISTED, whose=each)))
        for each in (whose, Whose.NOBODY)
    }

    assert len(asked) == (1 if whose is Whose.NOBODY else 2)


def test_a_code_without_a_table_and_a_missing_receipt_have_their_own_questions() -> None:
    unlisted = replace(EVIDENCE, reading=decode(Context.API_ERROR, "", 4242))
    waiting = replace(EVIDENCE, reading=None, final_awaited=True)

    assert "do not list this code" in question(unlisted)
    assert "not received a final receipt" in question(waiting)


def test_engineers_get_what_only_we_know() -> None:
    told = plain(for_engineers(EVIDENCE))

    for value in ("parcel-gateway", "NWB-12", str(DELIVERY), "07:59:59 UTC", "Item in it: 4"):
        assert value in told
    assert f"Delivery: {EVIDENCE.delivery_link}\n" in told
    assert set(plain(for_8x8(EVIDENCE)).split("\n\n")[1].splitlines()) <= set(told.splitlines())


def test_in_short_comes_the_answer_first() -> None:
    lines = plain(in_short(EVIDENCE)).splitlines()

    assert lines[2] == "Our request: it asks for a message 8x8 does not have."
    assert lines[-1] == f"Page: {EVIDENCE.link}"


@pytest.mark.parametrize("name", VERDICTS)
def test_no_words_for_a_customer_hold_anything_internal(name: str) -> None:
    evidence = replace(EVIDENCE, verdict=VERDICTS[name])

    for write in (plain, markdown):
        text = write(for_customer(evidence))
        words = text.removesuffix("\n").split("\n\n")[0]
        assert NEVER_FOR_CUSTOMERS.findall(text) == []
        assert [key for key in registries() if key in text and "_" in key] == []
        assert words.replace("\\", "") == VERDICTS[name].customer_text
        assert text.endswith(
            "1 July 2026, 08:00:00 UTC.\n".replace(":", "\\:" if write is markdown else ":")
        )


def test_all_codes_were_looked_at() -> None:
    assert len(VERDICTS) > 430 + 9


@pytest.mark.parametrize(
    "leak",
    [
        "globe-gold",
        "northwind_ph_hq", "NORTHWIND", "parcel-gateway", "nwp-447", "NWB-12", str(UMID), "umid 7",
        "the route was closed", "8x8 says so", "your sub-account", "call +1 202 555 0147",
        "sms_dlr 15", "GET /api/v1/subaccounts/northwind_ph_hq/messages/46d27247", "+63•••••4567",
        "other customers have it too", "errorId", "NORTH\u00adWIND", "Ｎorthwind",
    ],
)  # fmt: skip
def test_words_of_the_team_that_name_something_internal_are_replaced(leak: str) -> None:
    verdict = replace(READING.verdict, customer_text=f"It failed because of {leak}.")
    evidence = replace(EVIDENCE, verdict=verdict)

    assert internal_in(evidence).casefold() in plain_spelling(leak).casefold()
    assert internal_in(evidence)
    assert plain(for_customer(evidence)).startswith(UNLISTED.customer_text)


@pytest.mark.parametrize("words", ["", " \n"])
def test_a_customer_is_never_told_nothing(words: str) -> None:
    evidence = replace(EVIDENCE, verdict=replace(READING.verdict, customer_text=words))

    assert plain(for_customer(evidence)).startswith(UNLISTED.customer_text)


@given(HOSTILE)
def test_plain_text_has_no_line_that_we_did_not_write(text: str) -> None:
    ours = {"Text", "Ours", "Sub-account", "Sender", "Next steps", "1. ", "2. "}
    written = plain(hostile_document(text))
    shape = [part for part in written.splitlines() if part]

    assert len(written.splitlines()) == written.count("\n")
    assert len([part for part in shape if part.startswith(tuple(ours))]) >= 6 - 2 * (not text)
    assert len(shape) <= 2 + 1 + 3 + 3
    assert re.findall(r"[\x00-\x09\x0b-\x1f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", written) == []


@given(HOSTILE)
def test_inline_code_is_one_span(text: str) -> None:
    written = code(text)
    if written == "(blank)":
        return
    fence = re.match("`+", written)

    assert fence is not None
    inside = written[len(fence[0]) : -len(fence[0])]
    assert len(fence[0]) not in {len(run) for run in re.findall("`+", inside)}
    assert (inside[0], inside[-1]) != ("`", "`")
    assert "\n" not in written


@given(HOSTILE)
def test_words_in_markdown_are_escaped_sign_by_sign(text: str) -> None:
    (words,) = markdown(Document("", (Words(text),))).splitlines() or [""]

    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "x", words)
    assert re.findall(r"[`*_\[\]<>#|!~&@]|:(?=\S)|(?i:www\.)|^[-+=>]|^\d+[.)]", bare) == []


def test_an_address_that_is_none_is_no_link() -> None:
    evidence = replace(EVIDENCE, link="javascript:alert(1)", delivery_link="https://a.test/<b>")

    written = markdown(for_engineers(evidence))

    assert "Page: `javascript:alert(1)`\n\nDelivery: `https://a.test/<b>`\n" in written


def test_a_very_long_text_is_cut() -> None:
    assert len(plain(Document("", (Quote("Text", "x" * 100_000),)))) < 2100
