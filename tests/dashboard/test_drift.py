"""The inbox of codes and wordings that were never seen before, on its page and on those of codes."""

from typing import Any

import pytest
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.knowledge.models import Drift
from tests.conftest import ClientFor
from tests.dashboard.parts import part, said
from tests.dashboard.reading import empty, errors, links, page, rows, words
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, an_error, sent

INBOX = "/codes/drift/"


@pytest.fixture
def lead_client(lead: User, client_for: ClientFor) -> Client:
    """Return a client signed in as a lead."""
    return client_for(lead)


def saying(number: int, message: str, code: int = 1300, **context: Any) -> dict[str, Any]:
    """Return an API error with a message of its own."""
    return an_error(number, code=code, **context) | {"message": message}


def address(what: str) -> str:
    """Return the address of something that is done with the only entry."""
    return f"{INBOX}{Drift.objects.get().id}/{what}"


@pytest.mark.parametrize("role", ["viewer", "agent"])
def test_the_inbox_is_for_leads(
    role: str, request: pytest.FixtureRequest, client_for: ClientFor
) -> None:
    client = client_for(request.getfixturevalue(role))
    sent(saying(1, "Odd"))

    assert client.get(INBOX).status_code == 403
    assert [client.post(address(what)).status_code for what in ("accept", "aside", "reopen")] == [
        403,
        403,
        403,
    ]
    assert "Never seen before" not in page(client.get("/codes/"))


def test_an_empty_inbox_says_so(lead_client: Client) -> None:
    response = lead_client.get(INBOX)

    assert empty(response) == ["Nothing new"]
    assert said(page(response), r"(Codes <span class=.count.*?</a>)") == ""


def test_what_is_new_is_listed_with_records_and_counted_in_the_shell(lead_client: Client) -> None:
    sent(saying(1, "Batch 17 not found"), saying(2, "Quiet hours", 9999))

    response = lead_client.get(INBOX)

    html = words(page(response))
    assert "API 1300 Not found “ Batch {number} not found ”" in html
    assert "API 9999 not in the tables “ Quiet hours ”" in html
    records = [f"/errors/{ERROR_ID}/", f"/errors/{ERROR_ID[:-1]}2/"]
    assert sorted(links(response, ERROR_ID[:8])) == records
    assert "2" in said(page(lead_client.get("/")), r'href="/codes/"[^>]*>(Codes.*?)</a>')


def test_a_wording_is_accepted_and_stays_in_the_history(lead_client: Client) -> None:
    sent(saying(1, "Batch 17 not found"))

    lead_client.post(address("accept"))

    assert empty(lead_client.get(INBOX)) == ["Nothing new"]
    assert "lead accepted the wording" in words(page(lead_client.get(INBOX + "?state=settled")))


def test_setting_aside_asks_why_and_can_be_undone(lead_client: Client) -> None:
    sent(saying(1, "Odd"))

    asked = lead_client.get(address("aside"))
    refused = lead_client.post(address("aside"), {"why": " "})
    lead_client.post(address("aside"), {"why": "a test"})
    settled = words(page(lead_client.get(INBOX + "?state=settled")))
    lead_client.post(address("reopen"))

    assert (asked.status_code, refused.status_code, errors(refused)) == (200, 422, ["Say why."])
    assert "lead set it aside" in settled
    assert "a test" in settled
    assert "lead opened it again" in words(page(lead_client.get(INBOX)))


def test_the_second_of_two_leads_is_told(lead_client: Client) -> None:
    sent(saying(1, "Odd"))
    lead_client.post(address("accept"))

    response = lead_client.post(address("aside"), {"why": "late"}, follow=True)

    assert "Somebody was quicker." in page(response)
    assert Drift.objects.get().state == "accepted"


def test_naming_a_code_gives_its_records_the_name(lead_client: Client) -> None:
    sent(saying(1, "No sending at night", 9999))
    (form,) = links(lead_client.get(INBOX), "Name it")

    lead_client.post(form, {"name": "Quiet hours", "reason": "8x8 wrote it", "base": 0})

    assert rows(lead_client.get("/errors/"))[0][3] == "Quiet hours No sending at night"
    assert empty(lead_client.get(INBOX)) == ["Nothing new"]
    html = page(lead_client.get(f"/errors/{ERROR_ID}/"))
    assert "Quiet hours" in said(html, r'<p class="sub">(.*?)</p>')
    assert "the team named it" in html


def test_the_page_of_a_code_shows_its_other_wordings(agent_client: Client) -> None:
    sent(saying(1, "Batch 17 not found"))

    response = agent_client.get("/codes/api_error/1300/")

    shown = words(part(page(response), r'aria-labelledby="drift">(.*?)</section>'))
    assert "Batch {number} not found" in shown
    assert "Accept the wording" not in shown


def test_wordings_of_other_sub_accounts_are_not_shown(db: None, client_for: ClientFor) -> None:
    sent(saying(1, "Parcel unknown", subAccountId="northwind_ph_hq"))
    team = Team.objects.create(name="Others", sub_accounts=["fabrikam_sg"])
    lead = User.objects.create_user("other", password="x" * 12, role=Role.LEAD, team=team)

    client = client_for(lead)

    for where in (INBOX, "/codes/api_error/1300/"):
        assert "Parcel unknown" not in page(client.get(where))
    assert "is shown to those who look after its sub-account" in page(client.get(INBOX))


def test_hostile_wordings_and_reasons_are_shown_as_text(lead_client: Client) -> None:
    hostile = HOSTILE.replace("4", "x")  # a number is a placeholder
    sent(saying(1, hostile))
    lead_client.post(address("aside"), {"why": HOSTILE})

    for where in (INBOX + "?state=settled", "/codes/api_error/1300/", address("aside")):
        html = page(lead_client.get(where))
        assert (hostile in html, HOSTILE in html, SHOWN in html) == (False, False, True)


@pytest.mark.parametrize("many", [1, 40])
def test_any_number_of_entries_takes_the_same_queries(
    many: int, lead_client: Client, django_assert_num_queries: Any
) -> None:
    sent(*(saying(code, "Odd", code) for code in range(50_000, 50_000 + many)))
    lead_client.get(INBOX)

    with django_assert_num_queries(6):
        lead_client.get(INBOX)


def test_what_is_not_there_has_no_page(lead_client: Client) -> None:
    missing = f"{INBOX}{ERROR_ID}/aside"

    assert lead_client.get(missing).status_code == 404
