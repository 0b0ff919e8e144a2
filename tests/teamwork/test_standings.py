"""Whose a group of errors or an incident is, how it stands, and that it comes back."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Role, Team, User
from support_portal.browsing.alerts.looking import see
from support_portal.browsing.models import Alert, Measure, SavedView, Scope
from support_portal.dashboard.incident_words import going_on
from support_portal.events.models import ErrorEvent, ErrorGroup
from support_portal.insights import incidents
from support_portal.insights.models import Act, Incident, IncidentStep
from support_portal.insights.rebuilding import rebuild_day
from support_portal.lookup import subjects
from support_portal.notices.models import Notice
from support_portal.notices.subjects import Subject
from support_portal.teamwork import looking, services
from support_portal.teamwork.models import Standing, StandingStep, State
from support_portal.teamwork.services import Overtaken, Refused, Wanted, change
from tests.conftest import ClientFor
from tests.dashboard.reading import errors, page, words
from tests.dashboard.sending import HOSTILE, SHOWN, an_error, sent

BY_ONE = {"subAccountId": "northwind_a"}
DAY = timedelta(days=1)


@pytest.fixture
def group(db: None) -> ErrorGroup:
    sent(an_error(**BY_ONE), an_error(2, **BY_ONE))
    return ErrorGroup.objects.get()


@pytest.fixture
def about(group: ErrorGroup) -> Subject:
    return subjects.of_group(group)


@pytest.fixture
def elsewhere() -> User:
    team = Team.objects.create(name="Elsewhere", sub_accounts=["northwind_b"])
    return User.objects.create_user("elsewhere", role=Role.AGENT, team=team)


def form(about: Subject, **changes: Any) -> dict[str, Any]:
    base = Standing.objects.values_list("version", flat=True).first() or 0
    told = {"kind": about.kind, "key": about.key, "base": base, "state": "open", "assignee": ""}
    return told | changes


def an_incident(**changes: Any) -> Incident:
    now = timezone.now()
    about = {"kind": "error", "code": 1300, "sub_account": "northwind_a"}
    return Incident.objects.create(**about, began_at=now, over_at=now, **changes)


def solve(about: Subject, person: User, assignee: User | None = None) -> None:
    wanted = Wanted(State.SOLVED, 0, assignee, reason="mended")
    change(about, wanted, person, timezone.now() - timedelta(hours=1))


def test_somebody_takes_a_group_and_it_is_shown_where_its_errors_are(
    about: Subject, agent_client: Client
) -> None:
    agent_client.post("/stand", form(about, state="watching", take="yes"))

    assert "Watching agent" in words(page(agent_client.get(about.href)))
    error = ErrorEvent.objects.newest_first()[0]
    assert "Watching agent , all that are alike" in words(
        page(agent_client.get(f"/errors/{error.error_id}/"))
    )
    assert about.title in words(page(agent_client.get("/")))


def test_every_change_stands_in_the_history_with_who_when_and_why(
    about: Subject, agent: User, agent_client: Client
) -> None:
    agent_client.post("/stand", form(about, state="waiting", assignee=agent.pk, why=HOSTILE))
    agent_client.post("/stand", form(about, state="solved", why="they mended it"))

    html = page(agent_client.get(about.href))
    history = words(html.partition("<b>History</b>")[2].partition("</section>")[0])
    assert re.search(
        "agent : solved, nobody’s.*they mended it.*agent : waiting for 8x8, agent", history
    )
    assert (HOSTILE in html, SHOWN in html) == (False, True)


def test_who_is_given_something_is_told_once(
    about: Subject, lead: User, agent_client: Client
) -> None:
    for state in ("open", "watching"):
        agent_client.post("/stand", form(about, state=state, assignee=lead.pk))

    assert [each.title for each in Notice.objects.all()] == [f"agent gave you {about.title}"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "solved"}, ["Say why."]),
        ({"state": "muted", "mute": "1d"}, ["Say why."]),
        ({"state": "muted", "mute": "x", "why": "y"}, ["Say until when, at most 90 days ahead."]),
        ({"state": "solved", "why": "x" * 501}, ["Up to 500 characters."]),
        ({"state": "x"}, ["Choose how it stands."]),
        ({"assignee": "999"}, ["There is no such colleague."]),
        ({"assignee": "9" * 40}, ["There is no such colleague."]),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_stays_typed(
    changes: dict[str, str], said: list[str], about: Subject, agent_client: Client
) -> None:
    response = agent_client.post("/stand", form(about, **changes))

    html = page(response)
    assert response.status_code == 422
    assert re.findall(r'class="err"[^>]*>.*?</svg>([^<]+)<', html) == said
    assert changes.get("why", "") in html
    assert not Standing.objects.exists()


def test_it_is_given_to_nobody_who_may_not_see_it(
    about: Subject, elsewhere: User, agent_client: Client
) -> None:
    assert "elsewhere" not in page(agent_client.get(about.href))

    response = agent_client.post("/stand", form(about, assignee=elsewhere.pk))

    assert response.status_code == 422
    assert "may not see it" in page(response)


def test_whose_it_is_keeps_it_when_it_is_saved_though_it_could_not_be_theirs_any_more(
    about: Subject, lead: User, agent_client: Client
) -> None:
    agent_client.post("/stand", form(about, assignee=lead.pk))
    User.objects.filter(pk=lead.pk).update(is_active=False)

    html = page(agent_client.get(about.href))
    assert f'<option value="{lead.pk}" selected>lead</option>' in html
    agent_client.post("/stand", form(about, state="waiting", assignee=lead.pk))

    standing = Standing.objects.get()
    assert (standing.state, standing.assignee) == ("waiting", lead)


def test_what_was_refused_is_not_saved_over_what_somebody_did_meanwhile(
    about: Subject, agent_client: Client
) -> None:
    seen = form(about, state="solved")
    agent_client.post("/stand", form(about, state="watching"))

    again = page(agent_client.post("/stand", seen))
    (base,) = re.findall(r'name="base" value="(\d*)"', again)
    agent_client.post("/stand", seen | {"base": base, "why": "mended"})

    assert (base, Standing.objects.get().state) == ("0", "watching")


def test_of_two_who_change_it_the_later_one_is_told(
    about: Subject, agent: User, agent_client: Client
) -> None:
    first = form(about, state="watching")
    agent_client.post("/stand", first)

    response = agent_client.post("/stand", first | {"state": "waiting"}, follow=True)

    assert "Somebody was quicker." in words(page(response))
    assert Standing.objects.get().state == "watching"
    with pytest.raises(Overtaken):
        change(about, Wanted(State.OPEN, 7), agent, timezone.now())


def test_viewers_read_it_and_others_do_not_know_of_it(
    about: Subject, viewer: User, elsewhere: User, client_for: ClientFor
) -> None:
    assert "How it stands" not in page(client_for(viewer).get(about.href))
    assert client_for(viewer).post("/stand", form(about)).status_code == 403
    assert client_for(elsewhere).post("/stand", form(about)).status_code == 404


@pytest.mark.parametrize(
    "named", [{}, {"kind": "error", "key": "x"}, {"kind": "group", "key": "x"}]
)
def test_what_is_nothing_to_be_at_is_not_found(named: dict[str, str], agent_client: Client) -> None:
    assert agent_client.post("/stand", named).status_code == 404


def test_a_mute_ends_by_itself(about: Subject, agent: User) -> None:
    now = timezone.now()
    change(about, Wanted(State.MUTED, 0, muted_until=now + DAY, reason="known"), agent, now)
    standing = Standing.objects.get()

    assert (standing.now(now), standing.now(now + DAY)) == (State.MUTED, State.OPEN)
    assert services.muted_keys("group", now) == {about.key}
    assert services.muted_keys("group", now + DAY) == frozenset()


def test_a_mute_is_not_for_ever(about: Subject, agent: User) -> None:
    now = timezone.now()
    with pytest.raises(Refused):
        change(about, Wanted(State.MUTED, 0, None, now + 91 * DAY, "known"), agent, now)


def test_a_muted_group_counts_in_no_alert(group: ErrorGroup, about: Subject, agent: User) -> None:
    at = ErrorEvent.objects.newest_first()[0].occurred_at
    rebuild_day(int(at.timestamp()) // 86400 * 1440)
    now = at + timedelta(minutes=10)
    view = SavedView.objects.create(
        name="All", slug="all", kind="error", query="", scope=Scope.MINE, owner=agent
    )
    alert = Alert.objects.create(
        view=view, owner=agent, measure=Measure.COUNT, threshold=0, window=60, pause=60
    )
    before, _ = see(alert, now)
    change(about, Wanted(State.MUTED, 0, None, now + DAY, "known"), agent, now)
    during, _ = see(alert, now)

    assert before
    assert during
    assert (before.number, during.number) == (2, 0)


def test_a_muted_incident_is_in_no_banner(group: ErrorGroup, agent: User) -> None:
    incident = an_incident()
    incidents.kept.forget()
    about = subjects.of_incident(incident)
    assert [each.incident for each in going_on(agent)] == [incident]

    now = timezone.now()
    change(about, Wanted(State.MUTED, 0, None, now + DAY, "known"), agent, now)

    assert going_on(agent) == []


def test_a_solved_group_that_comes_back_opens_and_tells_whose_it_is_once(
    group: ErrorGroup, about: Subject, agent: User, lead: User, agent_client: Client
) -> None:
    solve(about, agent, assignee=lead)
    Notice.objects.all().delete()
    assert looking.look(timezone.now()) == 0

    later = timezone.now() - timedelta(minutes=1)
    ErrorEvent.objects.filter(pk=ErrorEvent.objects.newest_first()[0].pk).update(occurred_at=later)
    assert [looking.look(timezone.now()), looking.look(timezone.now())] == [1, 0]

    assert [(each.user, each.title) for each in Notice.objects.all()] == [
        (lead, "Errors alike came back")
    ]
    assert "Open, came back lead" in words(page(agent_client.get(about.href)))
    assert StandingStep.objects.latest("id").author is None


def test_what_is_nobodys_tells_who_solved_it(
    group: ErrorGroup, about: Subject, agent: User
) -> None:
    solve(about, agent)
    ErrorEvent.objects.update(occurred_at=timezone.now() - timedelta(minutes=1))

    looking.look(timezone.now())

    assert Notice.objects.get().user == agent


def test_who_may_not_see_it_any_more_is_not_told(
    group: ErrorGroup, about: Subject, agent: User
) -> None:
    solve(about, agent)
    now = timezone.now() - timedelta(minutes=1)
    ErrorEvent.objects.update(occurred_at=now, sub_account="northwind_b")
    agent.team = Team.objects.create(name="Other", sub_accounts=["northwind_a"])
    agent.save()

    assert looking.look(timezone.now()) == 1
    assert not Notice.objects.exists()


def test_a_solved_incident_comes_back_when_the_detector_sees_it_go_on(agent: User) -> None:
    incident = an_incident(ended_at=timezone.now())
    solve(subjects.of_incident(incident), agent)
    IncidentStep.objects.create(
        incident=incident, act=Act.RESUMED, made_at=timezone.now() - 2 * DAY
    )
    assert looking.look(timezone.now()) == 0

    IncidentStep.objects.create(incident=incident, act=Act.RESUMED)
    assert looking.look(timezone.now()) == 1
    assert Notice.objects.get().title == "An incident came back"


def test_the_list_of_incidents_says_how_they_stand(agent_client: Client, agent: User) -> None:
    about = subjects.of_incident(an_incident())
    agent_client.post("/stand", form(about, state="waiting", take="yes"))

    assert "Waiting for 8x8, agent" in words(page(agent_client.get("/incidents/"))).replace(
        " ,", ","
    )
    assert errors(agent_client.get(about.href)) == []
