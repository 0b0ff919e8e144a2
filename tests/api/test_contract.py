"""Page, API and command give the same answer for the same text."""

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.html import escape

from support_portal.events.models import EVERYTHING
from support_portal.ingest.listening.models import DeafInterval
from support_portal.lookup import look_up, shapes
from support_portal.payloads import AccountEvent, Happening
from tests.events.arrived import ERROR_ID, NUMBER, UMID, a_receipt, an_error, at, record

BATCH = UUID("40871b13-53f2-ea11-8191-02a41c7be6d5")
UNKNOWN = "803483be-5ea5-ea11-8191-02a41c7be6d5"
INBOUND = UUID("a7c0e5d2-38f4-4b16-9c5d-70e2b1f4a963")
LOG = f"""2026-07-20 08:00:01 ERROR sender-03 HTTP status 404 code 1300 errorId={ERROR_ID}
2026-07-20 08:00:02 WARN  umid {UMID} undelivered errorCode 46 to {NUMBER}"""
TEXTS = {
    "one id": str(ERROR_ID),
    "an id with the wrong label": f"umid: {ERROR_ID}",
    "a log": LOG,
    "a mixed paste": f"batchId {BATCH} clientMessageId: order-17 {UNKNOWN} code 15 {NUMBER}",
    "the beginning of an id": "1cc1eda1-f5dd",
    "the end of an id": "0263195dd35a",
    "an unknown id": f"2026-07-20T08:00:03Z subAccountId=northwind errorId {UNKNOWN}",
    "a code only": "1300",
    "a code of several tables": "1002",
    "a code of no table": "987654",
    "a phone number": NUMBER,
    "an inbound message": str(INBOUND),
    "nothing": "the customer is angry",
}


@pytest.fixture(autouse=True)
def _records(db: None) -> None:
    told = {"sub_account": "northwind", "destination": NUMBER}
    record(
        an_error(client_message_id="order-17", **told),
        a_receipt("undelivered", error_code=46, batch_id=BATCH, **told),
        Happening(kind="inbound", umid=INBOUND, occurred_at=at(9), channel="whatsapp"),
    )


def asked(reader: Client, text: str) -> Any:
    response = reader.post("/api/v1/lookup", {"text": text}, "application/json")
    assert response.status_code == 200
    return response.json()


def shown(client: Client, text: str) -> tuple[str, str]:
    """Return where the page of lookup ends, and what is on it."""
    response = client.post("/lookup", {"q": text}, follow=True)
    assert response.status_code == 200
    return response.redirect_chain[-1][
        0
    ] if response.redirect_chain else "", response.content.decode()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_command_says_what_the_api_says(text: str, reader: Client) -> None:
    printed = StringIO()

    call_command("lookup", text, "--json", stdout=printed)

    assert json.loads(printed.getvalue()) == asked(reader, text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_page_shows_what_the_api_says(text: str, reader: Client, agent_client: Client) -> None:
    answer = asked(reader, text)
    address, html = shown(agent_client, text)

    records = {one["url"] for item in answer["items"] for one in item["records"]}
    one = look_up(text, EVERYTHING).the_one
    assert address == (one.href if one else "")
    for item in answer["items"] if not one else ():
        assert all(each["url"] in html for each in item["records"])
        if item["verdict"] and item["registry"]:
            assert escape(item["name"]) in html
    assert one is None or one.href in records
    if answer["items"] and answer["items"][-1]["help"]:
        near = answer["items"][-1]["help"]["near"]
        assert [each["record"]["url"] in html for each in near] == [True] * len(near)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_answer_has_its_shape(text: str, reader: Client) -> None:
    msgspec.convert(asked(reader, text), shapes.LookupAnswer)


def test_records_have_the_verdict_of_their_pages(reader: Client, agent_client: Client) -> None:
    error = reader.get(f"/api/v1/errors/{ERROR_ID}").json()
    message = reader.get(f"/api/v1/messages/{UMID}").json()

    msgspec.convert(error, shapes.ErrorAnswer)
    msgspec.convert(message, shapes.MessageAnswer)
    for answer in (error, message):
        html = agent_client.get(answer["url"]).content.decode()
        verdict = answer["decoded"]["verdict"]
        assert escape(verdict["customer_text"]) in html
        assert all(escape(step) in html for step in verdict["next_step"])


def test_a_message_that_only_happenings_tell_of_is_answered(reader: Client) -> None:
    answer = reader.get(f"/api/v1/messages/{INBOUND}").json()

    msgspec.convert(answer, shapes.MessageAnswer)
    assert (answer["state"], answer["channel"], answer["receipts"]) == (None, "whatsapp", [])
    assert [each["kind"] for each in answer["around"]] == ["inbound"]


def test_a_message_that_only_an_error_names_is_answered(reader: Client) -> None:
    record(an_error(error_id=UUID(int=7), umid=UUID(int=8)))

    answer = reader.get(f"/api/v1/messages/{UUID(int=8)}").json()

    assert [each["error_id"] for each in answer["errors"]] == [str(UUID(int=7))]


def test_an_id_that_is_not_held_gets_the_help_of_the_page(reader: Client) -> None:
    item = asked(reader, TEXTS["an unknown id"])["items"][-1]

    helps = item["help"]
    assert (item["found"], helps["sub_account"], helps["moment_told"]) == (False, "northwind", True)
    assert helps["id_hint"]["family"] == "seq-v1"
    assert helps["id_hint"]["agrees"] is False
    assert {each["record"]["kind"] for each in helps["near"]} == {"error", "message"}
    assert re.fullmatch(r"-?[0-9.]+", str(helps["near"][0]["seconds"]))


def test_what_explains_a_code_and_what_was_not_heard_is_told(reader: Client) -> None:
    umid, moment = UUID(int=9), at(0)
    record(
        a_receipt(
            "undelivered",
            umid=umid,
            error_code=1035,
            channel="whatsapp",
            context="chatapps_receipt",
        ),
        AccountEvent(
            event_id=UUID(int=10),
            kind="template_status_update",
            status="PAUSED",
            template="parcel_here",
            occurred_at=at(-60),
        ),
    )
    DeafInterval.objects.create(
        kind="down", began_at=moment - timedelta(minutes=5), ended_at=moment + timedelta(minutes=5)
    )

    answer = reader.get(f"/api/v1/messages/{umid}").json()

    msgspec.convert(answer, shapes.MessageAnswer)
    assert [(each["status"], each["template"]) for each in answer["explained_by"]] == [
        ("PAUSED", "parcel_here")
    ]
    assert [each["kind"] for each in answer["not_heard"]] == ["down"]
