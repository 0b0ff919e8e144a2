"""What the team says about codes: page, API, lookup and command tell the same."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from support_portal.accounts.models import User
from support_portal.knowledge import services
from support_portal.knowledge.services import Words
from support_portal.knowledge.subjects import Subject
from tests.dashboard.parts import said
from tests.dashboard.reading import page, rows
from tests.dashboard.sending import ERROR_ID, UMID, a_receipt, an_error, sent

HEADLINE = "They changed the retention."


@pytest.fixture
def told(lead: User) -> None:
    """Let the team say something about 1300, about receipts with 15 and about an unlisted code."""
    for registry, code in (("api_error", 1300), ("sms_dlr", 15), ("api_error", 9999)):
        services.override(
            Subject(registry, code),
            Words(whose="channel", headline=HEADLINE),
            base=0,
            author=lead,
            reason="8x8 wrote it",
        )


def get(client: Any, path: str) -> Any:
    """Return what the API answers."""
    return client.get(path).json()


@pytest.mark.usefixtures("told")
def test_an_error_is_told_the_same_everywhere(reader: Any, agent_client: Client) -> None:
    sent(an_error())

    decoded = get(reader, f"/api/v1/errors/{ERROR_ID}")["decoded"]
    listed = rows(agent_client.get("/errors/"))[0]
    html = page(agent_client.get(f"/errors/{ERROR_ID}/"))

    assert (decoded["verdict"]["whose"], decoded["verdict"]["headline"]) == ("channel", HEADLINE)
    assert decoded["tables_verdict"]["whose"] == "our_request"
    assert [(each["reason"], each["author"]) for each in decoded["team"]] == [
        ("8x8 wrote it", "lead")
    ]
    assert listed[4] == "The channel"
    assert said(html, r'<p id="verdict".*?>(.*?)</p>') == "The channel: they changed the retention."


@pytest.mark.usefixtures("told")
def test_lookup_and_command_say_what_the_team_says(reader: Any) -> None:
    sent(an_error())

    answer = reader.post(
        "/api/v1/lookup", {"text": ERROR_ID}, content_type="application/json"
    ).json()
    out = io.StringIO()
    call_command("lookup", ERROR_ID, json=True, stdout=out)

    (item,) = answer["items"]
    assert (item["verdict"]["headline"], HEADLINE.lower() in item["line"].lower()) == (
        HEADLINE,
        True,
    )
    assert json.loads(out.getvalue())["items"][0]["verdict"] == item["verdict"]


@pytest.mark.usefixtures("told")
def test_a_message_and_its_receipts_say_it_too(
    reader: Any, django_assert_max_num_queries: Any
) -> None:
    sent(
        a_receipt(state="undelivered", errorCode=15),
        *(an_error(number, umid=UMID) for number in range(1, 30)),
    )

    with django_assert_max_num_queries(7):
        message = get(reader, f"/api/v1/messages/{UMID}")

    told = [message, *message["receipts"], *message["errors"]]
    assert {each["decoded"]["verdict"]["headline"] for each in told} == {HEADLINE}


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("registry", "code"), [("api_error", 1300), ("api_error", 9999)])
def test_a_code_is_told_the_same_by_page_and_api(
    registry: str, code: int, reader: Any, agent_client: Client
) -> None:
    answer = get(reader, f"/api/v1/codes/{registry}/{code}")

    html = page(agent_client.get(f"/codes/{registry}/{code}/"))
    assert answer["verdict"]["headline"] == HEADLINE
    assert (
        said(html, r'<blockquote id="say">(.*?)</blockquote>')
        == (answer["verdict"]["customer_text"])
    )
