"""The pages around the clocks: due and overdue, the list's filters, the desk's hours, escalating."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.models import Team, User
from support_portal.inquiries import sending, services, tracking
from support_portal.inquiries.models import DeskRules, Inquiry, Way
from tests.conftest import ClientFor
from tests.dashboard.parts import said
from tests.dashboard.reading import empty, errors, notes, page, rows, words
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.inquiries.rows import FIRST, SECOND, inquiry_of

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FORM = {
    "zone": "Asia/Manila", "days": ["mon", "tue"], "opens": "09:00", "closes": "17:30",
    "holidays": "2026-12-25 Christmas", "p1_answer": "1", "p1_solution": "8", "p2_answer": "8",
    "p2_solution": "40", "lower_answer": "24", "lower_solution": "80", "base": "0",
}  # fmt: skip


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def sent(author: User, *ids: Any, severity: str = "p1", **values: Any) -> Inquiry:
    inquiry = inquiry_of(author, *(ids or (FIRST,)), **values)
    services.save(inquiry, {"severity": severity}, author, base=1)
    sending.send(inquiry, Way.COPY, author)
    return Inquiry.objects.get(pk=inquiry.pk)


def clocks_of(client: Client, inquiry: Inquiry) -> str:
    return said(page(client.get(f"/inquiries/{inquiry.pk}/")), r'id="tracking".*?(<ul.*?)<form')


def test_what_is_due_and_overdue_is_said_in_business_hours(
    agent: User, agent_client: Client, clock: Any
) -> None:
    inquiry = sent(agent)
    clock.shift(timedelta(minutes=10))
    assert "First answer due in 1 h 50 min (business hours)" in clocks_of(agent_client, inquiry)

    clock.shift(timedelta(hours=4))
    assert "First answer 2 h 10 min overdue (business hours)" in clocks_of(agent_client, inquiry)
    row = rows(agent_client.get("/inquiries/"))[0]
    assert row[2:7] == [
        "answer 2 h 10 min overdue", inquiry.subject, "agent", "P1", "4 h 10 min ago",
    ]  # fmt: skip

    tracking.answer(inquiry, "We look.", agent)
    shown = clocks_of(agent_client, inquiry)
    assert "First answer after 4 h 10 min (business hours), later than expected" in shown
    assert "Solution due in 3 h 50 min (business hours)" in shown


def test_a_next_step_that_is_late_is_marked(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST)
    tracking.track(inquiry, {"due_on": date(2026, 11, 20)}, agent, base=1)

    assert rows(agent_client.get("/inquiries/?show=overdue"))[0][2] == "next step 20 Nov, late"
    assert "next step 20 Nov 2026 late" in words(
        page(agent_client.get(f"/inquiries/{inquiry.pk}/"))
    )


def test_the_list_is_narrowed(agent: User, lead: User, agent_client: Client, clock: Any) -> None:
    late = sent(agent, FIRST)
    waiting = sent(lead, SECOND, severity="lower", code=1002)
    tracking.track(waiting, {"ticket": "ABC-4711", "owner": lead}, lead, base=waiting.version)
    draft = services.start(agent, [])
    over = services.start(lead, [])
    tracking.track(over, {"state": "closed", "ticket": "abc-9"}, lead, base=1)
    clock.shift(timedelta(hours=4))

    def shown(query: str) -> list[str]:
        return [row[0] for row in rows(agent_client.get(f"/inquiries/?{query}"))]

    names = {each.reference: word for word, each in
             {"late": late, "waiting": waiting, "draft": draft, "over": over}.items()}  # fmt: skip
    found = {
        query: [names[each] for each in shown(query)]
        for query in (
            "", "show=overdue", "show=waiting", "mine=1", "mine=1&show=waiting", "code=1002",
            "code=1002&table=sms_dlr", "q=4711", "q=ABC", f"q={late.reference.lower()}", "sort=due",
            "q=abc&show=open",
        )
    }  # fmt: skip
    assert found == {
        "": ["draft", "waiting", "late"],
        "show=overdue": ["late"],
        "show=waiting": ["waiting", "late"],
        "mine=1": ["draft", "late"],
        "mine=1&show=waiting": ["late"],
        "code=1002": ["waiting"],
        "code=1002&table=sms_dlr": [],
        "q=4711": ["waiting"],
        "q=ABC": ["over", "waiting"],
        f"q={late.reference.lower()}": ["late"],
        "sort=due": ["late", "waiting", "draft"],
        "q=abc&show=open": ["waiting"],
    }
    assert empty(agent_client.get("/inquiries/?q=nothing")) == ["None like that"]


def test_a_code_that_is_none_is_said_and_kept(agent: User, agent_client: Client) -> None:
    inquiry_of(agent, FIRST)

    response = agent_client.get("/inquiries/", {"code": HOSTILE, "q": HOSTILE})

    assert "A code is a whole number." in page(response)
    assert (SHOWN in page(response), HOSTILE in page(response)) == (True, False)
    assert rows(response) == []


@pytest.mark.parametrize(
    "query",
    ["q=%00", f"q={'9' * 60}", "code=99999999999", "mine=%00", "show=x", "code=15&table=%00"],
)
def test_odd_addresses_of_the_list_are_answered(query: str, agent_client: Client) -> None:
    assert agent_client.get(f"/inquiries/?{query}").status_code == 200


def test_a_lead_sets_the_hours(lead: User, agent: User, client_for: ClientFor) -> None:
    inquiry = sent(agent)
    client = client_for(lead)
    assert "those of the installation" in page(client.get("/inquiries/desk/"))

    response = client.post("/inquiries/desk/", FORM, follow=True)

    assert "Saved. All that is awaited is due by these rules now." in notes(response)
    assert 'value="Asia/Manila"' in page(response)
    inquiry.refresh_from_db()
    assert inquiry.due_at == datetime(2026, 11, 24, 2, tzinfo=UTC)  # 18:00 there: the next morning
    client.post("/inquiries/desk/reset", {"base": "1"})
    inquiry.refresh_from_db()
    assert inquiry.due_at == MONDAY + timedelta(hours=2)
    assert "let the settings count again" in page(client.get("/inquiries/desk/"))


def test_hours_that_make_no_sense_are_refused_beside_the_field(
    lead: User, client_for: ClientFor
) -> None:
    bad = FORM | {"zone": HOSTILE, "days": [], "p1_answer": "soon"}

    response = client_for(lead).post("/inquiries/desk/", bad)

    assert response.status_code == 422
    assert [each[:24] for each in errors(response)] == [
        f"“{HOSTILE}"[:24], "Choose at least one day.", "“soon” is no number of h",
    ]  # fmt: skip
    assert 'value="soon"' in page(response)
    assert (SHOWN in page(response), HOSTILE in page(response)) == (True, False)
    assert not DeskRules.objects.exists()


def test_of_two_leads_the_second_sees_what_the_first_set(lead: User, client_for: ClientFor) -> None:
    client = client_for(lead)
    client.post("/inquiries/desk/", FORM)

    response = client.post("/inquiries/desk/", FORM | {"opens": "07:00"})

    assert response.status_code == 409
    assert said(page(response), r'<dl class="facts told">(.*?)</dl>') == "Opens 09:00"
    assert 'value="07:00"' in page(response)
    assert (
        client.post("/inquiries/desk/", FORM | {"opens": "07:00", "base": "1"}).status_code == 302
    )
    assert client.post("/inquiries/desk/reset", {"base": "1"}, follow=True).status_code == 200
    assert DeskRules.objects.count() == 2


def test_agents_read_the_hours_and_do_not_set_them(agent_client: Client) -> None:
    assert "disabled" in page(agent_client.get("/inquiries/desk/"))
    assert agent_client.post("/inquiries/desk/", FORM).status_code == 403
    assert agent_client.post("/inquiries/desk/reset", {"base": "0"}).status_code == 403


def test_escalating_drafts_keeps_and_records(agent: User, agent_client: Client, clock: Any) -> None:
    inquiry = sent(agent)
    address = f"/inquiries/{inquiry.pk}/escalate"
    assert address in page(agent_client.get(f"/inquiries/{inquiry.pk}/"))
    clock.shift(timedelta(hours=4))
    assert "2 h later than we expect" in page(agent_client.get(address))

    leaking = agent_client.post(address, {"text": f"{HOSTILE} +12025550101"})
    assert leaking.status_code == 422
    assert (SHOWN in page(leaking), HOSTILE in page(leaking)) == (True, False)
    done = agent_client.post(address, {"text": "Please look."}, follow=True)
    assert "It is recorded that you escalated it." in notes(done)
    assert "agent escalated Please look." in words(page(done))


def test_a_draft_and_a_stranger_do_not_escalate(
    agent: User, viewer: User, agent_client: Client, client_for: ClientFor
) -> None:
    draft = inquiry_of(agent, FIRST)
    response = agent_client.get(f"/inquiries/{draft.pk}/escalate", follow=True)
    assert f"Nothing is awaited: {draft.reference} is draft." in notes(response)

    inquiry = sent(agent, SECOND, sub_account="north")
    assert client_for(viewer).get(f"/inquiries/{inquiry.pk}/escalate").status_code == 403
    team = Team.objects.create(name="South", sub_accounts=["south"])
    other = client_for(User.objects.create_user("sam", role="agent", team=team))
    assert other.get(f"/inquiries/{inquiry.pk}/escalate").status_code == 404


def test_it_is_handed_to_a_colleague(agent: User, lead: User, agent_client: Client) -> None:
    inquiry = sent(agent)
    form = {"state": "sent", "owner": lead.pk, "base": inquiry.version}

    html = page(agent_client.post(f"/inquiries/{inquiry.pk}/track", form, follow=True))

    assert "looked after by lead" in words(html)
    assert Inquiry.objects.get().owner == lead
    stranger = form | {"owner": "999", "base": inquiry.version + 1}
    assert agent_client.post(f"/inquiries/{inquiry.pk}/track", stranger).status_code == 422
