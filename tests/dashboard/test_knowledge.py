"""Notes and other words of the team on pages: who may write, two editors, and what is shown."""

from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client

from support_portal.accounts.models import User
from support_portal.knowledge import services
from support_portal.knowledge.models import Note, Override
from support_portal.knowledge.services import Words
from support_portal.knowledge.subjects import Subject
from tests.conftest import ClientFor
from tests.dashboard.parts import part, said
from tests.dashboard.reading import errors, links, notes, page, rows, words
from tests.dashboard.rows import message, save_messages
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, UMID, a_receipt, an_error, sent

CODE = "/codes/api_error/1300/"
NOTE, OVERRIDE, REVOKE = CODE + "note", CODE + "override", CODE + "revoke"
NOT_FOUND = Subject("api_error", 1300)


@pytest.fixture
def lead_client(lead: User, client_for: ClientFor) -> Client:
    """Return a client signed in as a lead."""
    return client_for(lead)


def note(client: Client, text: str = "Look at the age first.", **more: Any) -> HttpResponseBase:
    """Post a note on 1300."""
    return client.post(NOTE, {"text": text, "base": 0} | more)


def override(client: Client, **more: Any) -> HttpResponseBase:
    """Post other words on 1300."""
    return client.post(OVERRIDE, {"whose": "platform", "reason": "they told us", "base": 0} | more)


@pytest.mark.parametrize(
    ("role", "may_note", "may_override"),
    [("viewer", 403, 403), ("agent", 302, 403), ("lead", 302, 302), ("administrator", 302, 302)],
)
def test_agents_write_notes_and_leads_other_words(
    role: str,
    may_note: int,
    may_override: int,
    request: pytest.FixtureRequest,
    client_for: ClientFor,
) -> None:
    client = client_for(request.getfixturevalue(role))

    assert (note(client).status_code, override(client).status_code) == (may_note, may_override)
    assert (client.get(NOTE).status_code == 200) == (may_note == 302)
    assert (client.get(OVERRIDE).status_code == 200) == (may_override == 302)
    shown = client.get(CODE)
    assert bool(links(shown, "Say it otherwise")) == (may_override == 302)
    assert bool(links(shown, "Take back")) == (may_override == 302)


def test_a_note_stands_on_the_page_of_the_code_and_of_its_errors(agent_client: Client) -> None:
    sent(an_error())
    note(agent_client, "Look at the age first. https://wiki.example/1300")

    for address in (CODE, f"/errors/{ERROR_ID}/"):
        response = agent_client.get(address)
        assert "Look at the age first." in page(response)
        assert links(response, "https://wiki.example/1300") == ["https://wiki.example/1300"]


def test_other_words_stand_before_those_of_the_tables_which_stay_visible(
    agent_client: Client, lead_client: Client
) -> None:
    sent(an_error())
    override(lead_client, next_step="Ask in the morning.", customer_text="We are on it.")

    html = page(agent_client.get(f"/errors/{ERROR_ID}/"))

    assert said(html, r"<dt>Whose problem</dt><dd>(.*?)</dd>") == "8x8 the tables say: Our request"
    assert said(html, r'<ol class="steps">(.*?)</ol>') == "Ask in the morning."
    assert said(html, r'<blockquote id="say">(.*?)</blockquote>') == "We are on it."
    assert "The team says otherwise. they told us" in words(html)
    assert "The tables say: Check that the umid belongs to the sub-account" in words(html)
    assert "The tables say: “We checked the reference" in words(html)


def test_lists_say_what_the_team_says(agent_client: Client, lead_client: Client) -> None:
    sent(an_error(), an_error(2, code=9999))
    override(lead_client)
    lead_client.post(
        "/codes/api_error/9999/override", {"name": "Quiet hours", "reason": "seen", "base": 0}
    )

    shown = {row[2]: row[3:5] for row in rows(agent_client.get("/errors/"))}

    assert shown["API 1300"][1] == "8x8"
    assert shown["API 9999"] == ["Quiet hours Object wasn't found", "Not known"]


def test_a_failed_message_says_what_the_team_says(
    agent_client: Client, lead_client: Client
) -> None:
    sent(a_receipt(state="undelivered", errorCode=15))
    lead_client.post(
        "/codes/sms_dlr/15/override", {"whose": "channel", "reason": "seen", "base": 0}
    )

    html = page(agent_client.get(f"/messages/{UMID}/"))

    assert said(html, r"<dt>Whose problem</dt><dd>(.*?)</dd>").startswith("The channel the tables")


def test_the_second_editor_is_told_and_keeps_what_was_typed(
    agent_client: Client, lead_client: Client
) -> None:
    note(agent_client, "from the quicker one")

    response = note(lead_client, "from the slower one")

    html = page(response)
    assert response.status_code == 409
    assert "Somebody was quicker." in notes(response)[0]
    assert "from the quicker one" in html
    assert said(html, r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>") == "from the slower one"
    assert 'name="base" value="1"' in html


def test_saving_again_after_reading_the_other_version_replaces_it(
    agent_client: Client, lead_client: Client
) -> None:
    note(agent_client, "first")
    note(lead_client, "second")

    note(lead_client, "second", base=1, reason="both are true")

    assert [each.text for each in Note.objects.order_by("number")] == ["first", "second"]


def test_what_is_wrong_is_said_beside_its_field(lead_client: Client) -> None:
    response = override(lead_client, customer_text="8x8 has lost it.", reason="", retry="later")

    assert response.status_code == 422
    assert errors(response) == [
        "Say when, for example: after an hour.",
        "“8x8” is not for customers. Say it without.",
        "Say why.",
    ]
    assert "8x8 has lost it." in page(response)


def test_a_form_without_its_version_is_refused(lead_client: Client) -> None:
    response = override(lead_client, base="x")

    assert (response.status_code, Override.objects.count()) == (422, 0)


def test_an_override_is_taken_back_with_a_reason(lead_client: Client) -> None:
    override(lead_client)

    refused = lead_client.post(REVOKE, {"why": "", "base": 1})
    stale = lead_client.post(REVOKE, {"why": "mended", "base": 7})
    done = lead_client.post(REVOKE, {"why": "mended", "base": 1})

    assert [refused.status_code, stale.status_code, done.status_code] == [422, 422, 302]
    html = words(page(lead_client.get(CODE)))
    assert "Taken back." in html
    assert "1 earlier version" in html
    assert "The team says otherwise" not in html


def test_what_is_not_there_cannot_be_taken_back(lead_client: Client) -> None:
    assert lead_client.get(REVOKE).status_code == 404


def test_words_for_one_country_change_only_its_records(
    agent_client: Client, lead_client: Client
) -> None:
    sent(an_error(1, destination="+12025550101"), an_error(2, destination="+442079460123"))
    override(lead_client, country="us")

    shown = [row[4:7] for row in rows(agent_client.get("/errors/"))]

    assert sorted((row[2], row[0]) for row in shown) == [("GB", "Our request"), ("US", "8x8")]


def test_words_for_one_operator_change_only_its_messages(
    agent_client: Client, lead_client: Client
) -> None:
    failed = {"state": "undelivered", "error_code": 15, "error_context": "sms_receipt"}
    save_messages(message(1, operator="Globe", **failed), message(2, operator="Smart", **failed))
    words = {"whose": "channel", "operator": "globe", "reason": "seen", "base": 0}
    lead_client.post("/codes/sms_dlr/15/override", words)

    whose = [row[5] for row in rows(agent_client.get("/messages/"))]

    assert whose == ["The channel", "Our request"]


@pytest.mark.parametrize("field", ["headline", "next_step", "customer_text", "operator", "reason"])
def test_hostile_other_words_are_shown_as_text(field: str, lead_client: Client) -> None:
    sent(an_error())
    assert override(lead_client, **{field: HOSTILE}).status_code == 302

    for address in (CODE, f"/errors/{ERROR_ID}/", "/errors/"):
        assert HOSTILE not in page(lead_client.get(address))
    assert SHOWN in page(lead_client.get(CODE))


def test_a_hostile_note_is_shown_as_text(lead_client: Client) -> None:
    note(lead_client, HOSTILE + " javascript:alert(1)")

    html = page(lead_client.get(CODE))
    assert (HOSTILE in html, SHOWN in html, 'href="javascript' in html) == (False, True, False)


@pytest.mark.parametrize("query", ["?operator=%00", "?country=nope", "?operator=" + "x" * 5000])
def test_an_odd_place_in_the_address_is_no_error(query: str, lead_client: Client) -> None:
    assert lead_client.get(OVERRIDE + query).status_code == 200


def test_there_is_nothing_to_say_about_a_table_that_does_not_exist(lead_client: Client) -> None:
    assert lead_client.post("/codes/fax/1/note", {"text": "x", "base": 0}).status_code == 404


def test_the_page_of_a_code_takes_the_same_queries_for_any_history(
    lead: User, lead_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        services.override(
            NOT_FOUND, Words(headline=f"No. {number}."), base=number, author=lead, reason="again"
        )

    with django_assert_max_num_queries(15):
        lead_client.get(CODE)


def test_tables_and_bare_numbers_say_what_the_team_says(
    agent_client: Client, lead_client: Client, django_assert_max_num_queries: Any
) -> None:
    override(lead_client)

    with django_assert_max_num_queries(5):
        table = agent_client.get("/codes/?table=api_error")
    bare = agent_client.get("/lookup?q=code+1300")

    whose = {row[0]: row[2] for row in rows(table)}
    assert (whose["API 1300"], whose["API 1002"]) == ("8x8", "Our request")
    assert "8x8" in words(part(page(bare), r'aria-labelledby="meanings">(.*?)</ul>'))
