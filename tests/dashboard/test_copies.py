"""A record as text to copy, on pages and for the script that copies."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.accounts.services import issue_token
from support_portal.events.models import DeliveryReceipt
from support_portal.reason_codes.verdicts import UNLISTED
from tests.conftest import ClientFor
from tests.dashboard.parts import part
from tests.dashboard.reading import notes, page
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, UMID, a_receipt, an_error, sent

ERROR, MESSAGE = f"/errors/{ERROR_ID}/copy/", f"/messages/{UMID}/copy/"
VOICES = ("8x8", "customer", "engineers", "summary", "json")


def copied(client: Client, address: str) -> str:
    """Return what the script that copies gets."""
    response = client.get(address, HTTP_ACCEPT="text/plain")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    return response.content.decode()


def failed() -> dict[str, object]:
    """Return the receipt of a message that failed."""
    return a_receipt(
        state="undelivered",
        detail="rejected_by_operator",
        errorCode=15,
        message={"destination": "+12025550147", "source": "NORTHWIND", "subAccountId": "north_hq"},
    )


def test_8x8_gets_the_error_with_sender_and_state_of_its_message(agent_client: Client) -> None:
    sent(
        an_error(
            umid=UMID, httpStatus=404, method="GET", path="/api/v1/messages", service="gateway",
            subAccountId="north_hq", channel="sms", destination="+12025550147",
        ),
        failed(),
    )  # fmt: skip

    text = copied(agent_client, ERROR + "8x8/")

    assert text == (
        "API error 1300: Not found\n\n"
        f"errorId: {ERROR_ID}\numid: {UMID}\n"
        "Time: 2026-07-20 05:52:01.850000 UTC\nCode: 1300 (API errors: Not found)\n"
        "HTTP status: 404 Not Found\nEndpoint: GET /api/v1/messages\nSub-account: north_hq\n"
        "Channel: SMS\nSender: NORTHWIND\nRecipient: +1••••••0147 (US)\n"
        "State: undelivered / rejected_by_operator\n\n"
        "Text: “Object wasn't found”\n\n"
        "Our question: Which part of the request was refused, and what would you have accepted?\n"
    )


def test_a_message_is_told_with_its_receipts_and_code(agent_client: Client) -> None:
    sent(a_receipt(timestamp="2026-07-20T05:00:00Z"), failed())

    text = copied(agent_client, MESSAGE + "8x8/")

    assert text.startswith("Message undelivered, SMS 15 (SMS delivery receipts: ")
    assert "Receipts:\n2026-07-20 05:00:00 UTC: SMS, sent\n" in text
    assert "undelivered / rejected_by_operator, 15 (SMS delivery receipts: " in text


@pytest.mark.parametrize("arrived", [False, True])
def test_a_copy_quotes_a_failure_only_while_it_is_the_state_as_the_page_does(
    arrived: bool, agent_client: Client
) -> None:
    later = a_receipt(
        state="delivered", detail="delivered_to_recipient", timestamp="2026-07-20T18:00:00Z"
    )
    sent(failed(), *([later] if arrived else []))
    DeliveryReceipt.objects.filter(state="undelivered").update(error_message="Nobody there")

    text = copied(agent_client, MESSAGE + "8x8/")
    card = part(
        page(agent_client.get(f"/messages/{UMID}/")),
        r"<section class=\"card verdict\".*?</section>",
    )

    assert ["Nobody there" in each for each in (text, card)] == [not arrived] * 2


def test_a_message_under_way_asks_for_its_end(agent_client: Client) -> None:
    sent(a_receipt())

    assert "not received a final receipt" in copied(agent_client, MESSAGE + "8x8/")


def test_the_customer_reads_the_words_of_the_page_and_the_time(agent_client: Client) -> None:
    sent(an_error(subAccountId="north_hq"))
    shown = part(page(agent_client.get(f"/errors/{ERROR_ID}/")), r'id="say">(?:<bdi>)?(.*?)<')

    text = copied(agent_client, ERROR + "customer/")

    assert text == f"{unescape(shown)}\n\nTime: 20 July 2026, 05:52:01 UTC.\n"


def test_engineers_get_links_that_work_elsewhere(agent_client: Client) -> None:
    delivery = sent(an_error(service="gateway"))

    text = copied(agent_client, ERROR + "engineers/")

    assert f"Page: http://testserver/errors/{ERROR_ID}/\n" in text
    assert f"Delivery: http://testserver/intake/deliveries/{delivery.id}/\n" in text
    assert "Service: gateway\n" in text


@pytest.mark.parametrize("address", [ERROR, MESSAGE])
@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("form", ["", "?as=markdown"])
def test_every_voice_is_a_page_that_is_kept_nowhere(
    address: str, voice: str, form: str, agent_client: Client
) -> None:
    sent(an_error(), failed())

    response = agent_client.get(f"{address}{voice}/{form}")

    text = copied(agent_client, f"{address}{voice}/{form}")
    field = part(page(response), r"<textarea[^>]* readonly>\n(.*?)</textarea>")
    assert unescape(field) == text
    assert ("no-store" in response["Cache-Control"], "Accept" in response["Vary"]) == (True, True)


@pytest.mark.parametrize("kind", ["errors", "messages"])
def test_json_is_what_machines_are_told(kind: str, agent_client: Client) -> None:
    _, secret = issue_token(name="reader", scopes=["records:read"])
    sent(an_error(umid=UMID, service="gateway"), a_receipt(), failed())
    key = ERROR_ID if kind == "errors" else UMID

    answer = Client().get(f"/api/v1/{kind}/{key}", HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert answer.status_code == 200
    assert json.loads(copied(agent_client, f"/{kind}/{key}/copy/json/")) == answer.json()


def test_numbers_are_masked_in_json_too(agent_client: Client) -> None:
    sent(an_error(path="/numbers/+12025550147") | {"message": "12025550147 is not valid"})

    told = json.loads(copied(agent_client, ERROR + "json/"))

    assert (told["message"], told["context"]["path"]) == (
        "+1••••••0147 is not valid",
        "/numbers/+1••••••0147",
    )


@pytest.mark.parametrize("address", [ERROR + "boss/", ERROR + "8x8/?as=html", ERROR + "markdown/"])
def test_there_is_no_other_voice_or_format(address: str, agent_client: Client) -> None:
    sent(an_error())

    assert agent_client.get(address).status_code == 404


def test_who_may_not_see_a_record_gets_no_copy(client_for: ClientFor, db: None) -> None:
    team = Team.objects.create(name="Other", sub_accounts=["another"])
    person = User.objects.create_user("other", role=Role.AGENT, team=team)
    sent(an_error(subAccountId="north_hq"), failed())

    answers = [client_for(person).get(start + "8x8/") for start in (ERROR, MESSAGE)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [word for answer in answers if (word := "north_hq") in page(answer)] == []


@pytest.mark.parametrize("voice", VOICES)
def test_hostile_text_stays_text_in_every_voice(voice: str, agent_client: Client) -> None:
    told = "</textarea><script>alert(1)</script>\nOur question: pay now\u202e" + HOSTILE
    sent(an_error(service=HOSTILE, path="/" + HOSTILE, subAccountId=HOSTILE) | {"message": told})

    html = page(agent_client.get(f"{ERROR}{voice}/"))

    assert (HOSTILE in html, "<script>alert" in html) == (False, False)
    assert (SHOWN in html) == (voice != "customer")
    assert html.count("\nOur question") == (1 if voice == "8x8" else 0)


def test_the_menu_leads_to_every_voice(agent_client: Client) -> None:
    sent(an_error(), failed())

    for start in (ERROR, MESSAGE):
        menu = part(
            page(agent_client.get(start.removesuffix("copy/"))), r"data-copies>(.*?)</details>"
        )
        assert re.findall(r'<a href="([^"]*)"', menu) == [
            start + "8x8/",
            start + "customer/",
            start + "engineers/",
            start + "summary/?as=markdown",
            start + "summary/",
            start + "json/",
        ]


def test_an_error_whose_message_is_not_held_is_told_all_the_same(agent_client: Client) -> None:
    sent(an_error(umid=UMID))

    text = copied(agent_client, ERROR + "8x8/")

    assert (f"umid: {UMID}" in text, "State" in text) == (True, False)


@pytest.mark.parametrize("many", [1, 60])
@pytest.mark.parametrize(("address", "queries"), [(ERROR, 6), (MESSAGE, 4)])
def test_any_number_of_receipts_takes_the_same_queries(
    many: int, address: str, queries: int, agent_client: Client, django_assert_num_queries: Any
) -> None:
    told = (a_receipt(timestamp=f"2026-07-20T08:00:{each:02}Z") for each in range(many))
    sent(an_error(umid=UMID), *told)

    with django_assert_num_queries(queries):
        copied(agent_client, address + "8x8/")


@pytest.mark.parametrize(
    ("words", "told", "note"),
    [
        ("We are mending it.", "We are mending it.", []),
        (
            "Northco was blocked.",
            UNLISTED.customer_text,
            [
                "The team's words were replaced. They name “northco”, which is not for customers."
                " A lead can change them."
            ],
        ),
    ],
)
def test_words_of_the_team_for_the_customer_are_looked_at(
    words: str, told: str, note: list[str], lead: User, client_for: ClientFor
) -> None:
    client = client_for(lead)
    sent(an_error(subAccountId="northco"))
    form = {"customer_text": words, "reason": "they told us", "base": 0}
    assert client.post("/codes/api_error/1300/override", form).status_code == 302

    response = client.get(ERROR + "customer/")

    assert copied(client, ERROR + "customer/").startswith(told + "\n")
    assert [each for each in notes(response) if "words were" in each] == note
