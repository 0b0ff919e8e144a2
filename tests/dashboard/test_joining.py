"""Pages of one incident, one inquiry: joining, what came since, following, and where answers show."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.inquiries import following, sending, services, tracking
from support_portal.inquiries.models import Evidence, Inquiry, Way
from support_portal.notices.models import Notice
from tests.conftest import ClientFor
from tests.dashboard.reading import notes, page
from tests.dashboard.rows import NOON, error, save_errors
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.dashboard.test_incidents import an_incident
from tests.inquiries.rows import FIRST, SECOND, inquiry_of
from tests.insights import counted

LATER = NOON + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        yield


def address(inquiry: Inquiry, rest: str = "") -> str:
    return f"/inquiries/{inquiry.pk}/{rest}"


def sent(author: User, *ids: UUID) -> Inquiry:
    inquiry = inquiry_of(author, *ids)
    sending.send(inquiry, Way.COPY, author)
    return inquiry


def test_a_sent_inquiry_on_the_same_is_proposed_and_joined_in_one_press(
    lead: User, agent: User, agent_client: Client
) -> None:
    inquiry = sent(lead, FIRST)
    save_errors(error(2))

    html = page(agent_client.post("/inquiries/add", {"wanted": f"error_id {SECOND}"}))
    assert f'value="{inquiry.pk}" checked autofocus' in html
    post = {"wanted": f"error_id {SECOND}", "into": inquiry.pk}
    with time_machine.travel(NOON + timedelta(hours=2)):
        response = agent_client.post("/inquiries/add", post, follow=True)

    assert "1 added." in notes(response)
    assert "1 piece of evidence came after the letter." in page(response)
    assert following.followers(inquiry) == [lead, agent]
    text = agent_client.get(address(inquiry, "letter/text/"), headers={"Accept": "text/plain"})
    assert (str(FIRST) in page(text), str(SECOND) in page(text)) == (True, False)


def test_a_draft_joins_another_from_its_page(lead: User, agent: User, agent_client: Client) -> None:
    other, draft = inquiry_of(lead, FIRST), inquiry_of(agent, SECOND)
    html = page(agent_client.get(address(draft)))
    assert f"Join {other.reference}" in html

    response = agent_client.post(address(draft, "join"), {"into": other.pk}, follow=True)

    assert response.redirect_chain == [(address(other), 302)]
    assert f"1 moved here from {draft.reference}. You are told of the answer." in notes(response)
    assert other.evidence.count() == 2


@pytest.mark.parametrize("into", ["", "0", "x", "²", "9" * 40])
def test_joining_what_is_not_there_is_not_found(
    agent: User, agent_client: Client, into: str
) -> None:
    draft = inquiry_of(agent, FIRST)

    assert agent_client.post(address(draft, "join"), {"into": into}).status_code == 404
    assert draft.evidence.count() == 1


def test_a_draft_joins_nothing_that_is_over_and_not_itself(
    agent: User, agent_client: Client
) -> None:
    other, draft = inquiry_of(agent, FIRST), inquiry_of(agent, SECOND)
    Inquiry.objects.filter(pk=other.pk).update(state="solved")

    for into in (other, draft):
        response = agent_client.post(address(draft, "join"), {"into": into.pk}, follow=True)
        assert f"{into.reference} is not open any more." in notes(response)


def test_what_came_since_is_offered_and_added_on_request(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST, group_id=4)
    assert f'hx-get="{address(inquiry, "further")}"' in page(agent_client.get(address(inquiry)))
    alone = page(agent_client.get(address(inquiry, "further")))
    assert "Nothing of the same came since" in alone
    save_errors(error(2, group_id=4, occurred_at=LATER))
    with transaction.atomic():
        counted.count([counted.error(LATER, 2, group_id=4, country="PH")])

    html = page(agent_client.get(address(inquiry, "further"), headers={"HX-Request": "true"}))
    assert "2 more of the same" in html
    assert "Add the freshest 2" in html
    assert inquiry.evidence.count() == 1

    response = agent_client.post(address(inquiry, "further"), follow=True)
    assert "1 added." in notes(response)
    assert "Take it out again" in page(response)
    again = agent_client.post(address(inquiry, "further"), follow=True)
    assert "Nothing of the same is here any more." in notes(again)


def test_following_is_switched_on_and_off(agent: User, lead: User, agent_client: Client) -> None:
    inquiry = inquiry_of(lead, FIRST)
    assert "Tell me too" in page(agent_client.get(address(inquiry)))

    agent_client.post(address(inquiry, "follow"), {"follow": "yes"})
    tracking.answer(inquiry, HOSTILE, lead)
    assert "Do not tell me" in page(agent_client.get(address(inquiry)))
    notice = page(agent_client.get("/notices/"))
    assert (SHOWN in notice, HOSTILE in notice) == (True, False)

    agent_client.post(address(inquiry, "follow"), {"follow": "no"})
    tracking.answer(inquiry, "And again.", lead)
    assert Notice.objects.of(agent).count() == 1


def test_answers_show_on_errors_and_incidents(agent: User, agent_client: Client) -> None:
    inquiry = sent(agent, FIRST)
    incident = an_incident(began_at=NOON - timedelta(hours=1), sub_account="northwind_ph_hq")
    places = (f"/errors/{FIRST}/", f"/incidents/{incident.id}/")
    for place in places:
        assert f"{inquiry}: sent to 8x8, no answer yet" in notes(agent_client.get(place))[-1]

    tracking.answer(inquiry, f"Mended. {HOSTILE}", agent)
    for place in places:
        response = agent_client.get(place)
        assert notes(response)[-1].startswith(f"{inquiry}: answered by 8x8")
        assert f"Mended. {SHOWN}"[:40] in page(response)
    assert "Part of an incident" in page(agent_client.get(address(inquiry)))
    save_errors(error(2))
    assert str(inquiry) not in page(agent_client.get(f"/errors/{SECOND}/"))


def test_others_learn_nothing_of_it(agent: User, client_for: ClientFor) -> None:
    inquiry = inquiry_of(agent, FIRST, sub_account="north")
    save_errors(error(2, sub_account="south"))
    team = Team.objects.create(name="South", sub_accounts=["south"])
    client = client_for(User.objects.create_user("sam", role=Role.AGENT, team=team))
    draft = services.start(User.objects.get(username="sam"), [])

    for rest in ("further", "follow", "join"):
        assert client.post(address(inquiry, rest)).status_code == 404
    assert client.post(address(draft, "join"), {"into": inquiry.pk}).status_code == 404


def test_viewers_may_follow_and_add_nothing(
    viewer: User, agent: User, client_for: ClientFor
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    client = client_for(viewer)

    for rest in ("further", "join", "undo"):
        assert client.post(address(inquiry, rest)).status_code == 403
    assert client.post(address(inquiry, "follow"), {"follow": "yes"}).status_code == 302
    assert following.follows(inquiry, viewer)


def test_what_left_is_copied_when_its_evidence_is_too_old_for_a_new_letter(
    agent: User, client_for: ClientFor
) -> None:
    inquiry = sent(agent, FIRST)
    with time_machine.travel(NOON + timedelta(days=300), tick=False):
        agent_client = client_for(agent)
        for rest in ("letter/text/", "letter/markdown/", "evidence.csv", "evidence.ndjson"):
            got = agent_client.get(address(inquiry, rest), headers={"Accept": "text/plain"})
            assert (got.status_code, str(FIRST) in page(got)) == (200, True)


@pytest.mark.parametrize("many", [1, 60])
def test_pages_ask_the_same_for_any_evidence(
    many: int, agent: User, agent_client: Client, django_assert_max_num_queries
) -> None:
    inquiry = inquiry_of(agent, *(UUID(int=n) for n in range(1, many + 1)))
    Evidence.objects.update(country="PH")
    with django_assert_max_num_queries(24):
        agent_client.get(address(inquiry))
    with django_assert_max_num_queries(14):
        agent_client.get(address(inquiry, "further"))
