"""Adding to an inquiry from lists, groups, incidents and codes; and taking it back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.dashboard.views import selected
from support_portal.events.models import ErrorEvent
from support_portal.inquiries import services, tracking
from support_portal.inquiries.models import Inquiry, Way
from support_portal.inquiries.sending import send
from tests.conftest import ClientFor
from tests.dashboard.reading import notes, page
from tests.dashboard.rows import ERROR_ID, NOON, error, message, save_errors, save_messages
from tests.dashboard.sending import an_error, sent
from tests.dashboard.test_incidents import an_incident
from tests.inquiries.rows import FIRST, SECOND, inquiry_of


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    """Let the samples be fresh whenever the tests run."""
    with time_machine.travel(NOON + timedelta(hours=1)):
        yield


def evidence() -> set[int]:
    return {row.record_id.int for row in Inquiry.objects.get().evidence.all()}


def take_back(client: Client, response: object) -> list[str]:
    """Press what the page of an inquiry offers after adding."""
    found = re.search(
        r'action="(\S+/undo)".*?name="added" value="(\S+?)"', page(response), re.DOTALL
    )  # type: ignore[arg-type]
    assert found is not None
    return notes(client.post(found[1], {"added": found[2]}, follow=True))


def test_every_row_offers_to_be_added(agent_client: Client) -> None:
    save_errors(error())
    save_messages(message(7))
    errors, messages = page(agent_client.get("/errors/")), page(agent_client.get("/messages/"))

    for html, line in (
        (errors, f"error_id {ERROR_ID}"),
        (messages, "umid 00000000-0000-0000-0000-000000000007"),
    ):
        assert f'formaction="/inquiries/add" name="wanted" value="{line}" data-add' in html
        assert html.count(' data-key="i"') == 1


def test_ticked_rows_are_added_and_taken_back_with_the_draft(agent_client: Client) -> None:
    save_errors(*(error(n) for n in (1, 2, 3)))

    response = agent_client.post(
        "/errors/selected/", {"do": "inquiry", "row": [str(FIRST), str(SECOND)]}, follow=True
    )
    assert evidence() == {1, 2}
    draft = Inquiry.objects.get()

    assert take_back(agent_client, response) == [f"{draft} is gone again, with its 2."]
    assert Inquiry.objects.count() == 0


def test_what_was_added_to_an_older_draft_is_taken_back_alone(
    agent: User, agent_client: Client
) -> None:
    inquiry = inquiry_of(agent, FIRST, group_id=4)
    save_messages(message(7), message(8))
    post = {"do": "inquiry", "all": "1", "into": inquiry.pk}

    response = agent_client.post("/messages/selected/", post, follow=True)
    assert evidence() == {1, 7, 8}

    assert take_back(agent_client, response) == ["2 taken out again."]
    assert evidence() == {1}
    assert take_back(agent_client, response) == ["That is not here any more."]


def test_a_draft_that_somebody_wrote_in_stays(agent: User, agent_client: Client) -> None:
    save_errors(error(1))
    response = agent_client.post("/inquiries/add", {"wanted": f"error_id {FIRST}"}, follow=True)
    inquiry = Inquiry.objects.get()
    services.save(inquiry, {"body": "Since this morning."}, agent, base=1)

    assert take_back(agent_client, response)[0] == "1 taken out again."
    assert Inquiry.objects.get().body == "Since this morning."


def test_a_draft_with_an_answer_stays(agent: User, agent_client: Client) -> None:
    save_errors(error(1))
    response = agent_client.post("/inquiries/add", {"wanted": f"error_id {FIRST}"}, follow=True)
    tracking.answer(Inquiry.objects.get(), "Known since Monday.", agent)

    assert take_back(agent_client, response)[0] == "1 taken out again."
    assert Inquiry.objects.get().replies.get().text == "Known since Monday."


def test_nothing_is_taken_out_of_what_was_sent(agent: User, agent_client: Client) -> None:
    save_errors(error(1))
    response = agent_client.post("/inquiries/add", {"wanted": f"error_id {FIRST}"}, follow=True)
    send(Inquiry.objects.get(), Way.COPY, agent)

    assert "It has been sent" in take_back(agent_client, response)[0]
    assert evidence() == {1}


@pytest.mark.parametrize("sent", ["", "x", "2026-11-20", "9999-99-99T00:00:00Z"])
def test_a_moment_that_is_none_takes_nothing_back(
    agent: User, agent_client: Client, sent: str
) -> None:
    inquiry = inquiry_of(agent, FIRST)

    response = agent_client.post(f"/inquiries/{inquiry.pk}/undo", {"added": sent}, follow=True)
    assert "That is not here any more." in notes(response)
    assert agent_client.get(f"/inquiries/{inquiry.pk}/", {"added": sent}).status_code == 200


def test_of_a_filter_the_freshest_are_taken_and_the_bound_is_said(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selected, "MOST_EVIDENCE", 2)
    save_errors(*(error(n, occurred_at=NOON + timedelta(seconds=n)) for n in (1, 2, 3)))
    save_errors(error(4, code=1002, occurred_at=NOON + timedelta(seconds=9)))

    post = {"do": "inquiry", "all": "1", "query": "code=1300", "most": "50"}
    response = agent_client.post("/errors/selected/", post, follow=True)

    assert evidence() == {2, 3}
    assert "The freshest 2 are taken." in notes(response)


@pytest.mark.parametrize("most", ["0", "-1", "x", "²", "9" * 20, "2"])
def test_a_bound_that_is_none_is_not_one(agent_client: Client, most: str) -> None:
    save_errors(*(error(n) for n in (1, 2, 3)))

    post = {"do": "inquiry", "all": "1", "most": most}
    agent_client.post("/errors/selected/", post)

    assert len(evidence()) == {"0": 1, "2": 2}.get(most, 3)


@pytest.mark.parametrize("query", ["code=999", "code=nonsense", "from=never"])
def test_a_filter_without_rows_says_so(agent_client: Client, query: str) -> None:
    save_errors(error())

    post = {"do": "inquiry", "all": "1", "query": query}
    response = agent_client.post("/errors/selected/", post, follow=True)

    assert "Tick some rows first." in notes(response)
    assert Inquiry.objects.count() == 0


def test_groups_codes_and_incidents_offer_their_freshest(agent_client: Client) -> None:
    told = {"subAccountId": "northwind_a", "message": "Object 17 wasn't found"}
    sent(an_error(1, **told), an_error(2, **told), an_error(3, code=1002))
    group = ErrorEvent.objects.filter(code=1300)[0].group_id
    began = ErrorEvent.objects.filter(code=1300)[0].occurred_at - timedelta(minutes=1)
    incident = an_incident(began_at=began, ended_at=began + timedelta(hours=1))

    for place in (
        f"/errors/groups/{group}/",
        "/codes/api_error/1300/",
        f"/incidents/{incident.id}/",
    ):
        asked = re.search(r'name="query" value="(.*?)"', page(agent_client.get(place)))
        assert asked is not None
        post = {"do": "inquiry", "all": "1", "most": "50", "query": unescape(asked[1])}
        agent_client.post("/errors/selected/", post | {"into": "new"})
    found = [each.evidence.count() for each in Inquiry.objects.all()]
    assert found == [2, 2, 2]


@pytest.mark.django_db
def test_what_a_person_may_not_see_is_not_added(client_for: ClientFor) -> None:
    save_errors(error(1, sub_account="north"), error(2, sub_account="south"))
    team = Team.objects.create(name="South", sub_accounts=["south"])
    client = client_for(User.objects.create_user("sam", role=Role.AGENT, team=team))

    client.post("/errors/selected/", {"do": "inquiry", "row": [str(FIRST), str(SECOND)]})
    assert evidence() == {2}


def test_viewers_add_nothing(viewer: User, client_for: ClientFor) -> None:
    client = client_for(viewer)
    save_errors(error(1, group_id=4))

    for place in ("/errors/", "/codes/api_error/1300/"):
        html = page(client.get(place))
        assert ("data-add" in html, 'data-key="i"' in html) == (False, False)
    post = {"do": "inquiry", "row": [str(FIRST)]}
    assert client.post("/errors/selected/", post).status_code == 403
    assert Inquiry.objects.count() == 0
