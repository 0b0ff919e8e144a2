"""Incidents on pages: the list, settling one, the banner, and the records that are part of one."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Role, Team, User
from support_portal.events.models import ErrorEvent
from support_portal.insights import incidents
from support_portal.insights.incidents import Doing, Overtaken, Refused
from support_portal.insights.models import Act, Incident, IncidentStep, State
from tests.conftest import ClientFor
from tests.dashboard.parts import said
from tests.dashboard.reading import links, page
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, an_error, sent

pytestmark = pytest.mark.django_db


def an_incident(**changes: Any) -> Incident:
    now = timezone.now().replace(second=0, microsecond=0)
    told: dict[str, Any] = {
        "kind": "error",
        "code": 1300,
        "sub_account": "northwind_a",
        "began_at": now - timedelta(minutes=37),
        "over_at": now,
        "records": 412,
        "usual": 37.4,
        "peak": 20,
    }
    incident = Incident.objects.create(**told | changes)
    incidents.kept.forget()
    return incident


def address(incident: Incident) -> str:
    return f"/incidents/{incident.id}/"


def settled(client: Client, incident: Incident, act: str, **more: Any) -> Any:
    told = {"act": act, "base": incident.version} | more
    return client.post(address(incident) + "settle", told, follow=True)


def test_an_empty_list_says_so(agent_client: Client) -> None:
    assert "No incident" in page(agent_client.get("/incidents/"))


def test_the_banner_says_what_is_unusual_with_numbers(agent_client: Client) -> None:
    an_incident()

    html = page(agent_client.get("/errors/"))

    assert said(html, r'<div class="note" data-s="warn" role="status">(.*?)</div>').startswith(
        "Unusual: API 1300 on northwind_a . 412 in 37 min, 11 times the usual, since"
    )


def test_the_banner_names_three_and_counts_the_others(agent_client: Client) -> None:
    for code in range(5):
        an_incident(code=code)

    html = page(agent_client.get("/errors/"))

    assert html.count("<strong>Unusual:") == 3
    assert "And 2 more." in html
    assert links(agent_client.get("/errors/"), "All incidents") == ["/incidents/"]


def test_what_is_over_or_closed_is_in_no_banner(agent_client: Client) -> None:
    an_incident(ended_at=timezone.now())
    an_incident(state=State.CLOSED)

    assert "<strong>Unusual:" not in page(agent_client.get("/errors/"))


def test_a_person_learns_nothing_of_the_sub_accounts_of_others(client_for: ClientFor) -> None:
    theirs = an_incident(sub_account="northwind_b", name="The b incident")
    everywhere = an_incident(sub_account="", records=987_654)
    team = Team.objects.create(name="A", sub_accounts=["northwind_a"])
    client = client_for(User.objects.create_user("a", role=Role.AGENT, team=team))

    listing, detail = page(client.get("/incidents/")), client.get(address(everywhere))

    assert client.get(address(theirs)).status_code == 404
    assert settled(client, theirs, "confirmed").status_code == 404
    for html in (listing, page(client.get("/errors/")), page(detail)):
        assert "northwind_b" not in html
        assert "The b incident" not in html
        assert "987,654" not in html


def test_many_incidents_of_others_do_not_crowd_out_ones_own(client_for: ClientFor) -> None:
    mine = an_incident(sub_account="northwind_a", began_at=timezone.now() - timedelta(hours=9))
    for code in range(incidents.MOST_SHOWN):
        an_incident(code=code, sub_account="northwind_b")
    team = Team.objects.create(name="A", sub_accounts=["northwind_a"])
    client = client_for(User.objects.create_user("a", role=Role.AGENT, team=team))

    html = page(client.get("/errors/"))

    assert html.count("<strong>Unusual:") == 1
    assert address(mine) in html


def test_a_part_does_not_tell_of_a_whole_that_is_not_ones_own(client_for: ClientFor) -> None:
    whole = an_incident(sub_account="northwind_b", records=987_654)
    at = timezone.datetime(2026, 7, 20, 8, tzinfo=timezone.get_default_timezone())  # type: ignore[attr-defined]
    span = {"began_at": at - timedelta(hours=9), "over_at": at + timedelta(hours=9)}
    part = an_incident(**span, state=State.MERGED, merged_into=whole)
    sent(an_error(subAccountId="northwind_a"))
    team = Team.objects.create(name="A", sub_accounts=["northwind_a"])
    client = client_for(User.objects.create_user("a", role=Role.AGENT, team=team))

    detail, record = page(client.get(address(part))), page(client.get(f"/errors/{ERROR_ID}/"))

    assert "Part of an incident: <bdi>API 1300 on northwind_a</bdi>" in record
    for html in (detail, record):
        assert "northwind_b" not in html
        assert "987,654" not in html


def test_an_agent_confirms_names_and_closes_with_a_reason(
    agent: User, agent_client: Client
) -> None:
    incident = an_incident()

    settled(agent_client, incident, "confirmed")
    incident.refresh_from_db()
    settled(agent_client, incident, "named", name=HOSTILE)
    incident.refresh_from_db()
    html = page(settled(agent_client, incident, "closed", why="8x8 mended it"))

    incident.refresh_from_db()
    assert (incident.state, incident.name, incident.version) == (State.CLOSED, HOSTILE, 4)
    assert (HOSTILE in html, SHOWN in html) == (False, True)
    assert [(step.act, step.author) for step in incident.steps.order_by("id")] == [
        ("confirmed", agent),
        ("named", agent),
        ("closed", agent),
    ]
    assert "8x8 mended it" in said(html, r'id="history">(.*?)</section>')


@pytest.mark.parametrize(
    ("act", "more", "fault"),
    [
        ("closed", {}, "Say why."),
        ("closed", {"why": "x" * 501}, "Up to 500 characters."),
        ("named", {"name": " "}, "Say what it is called."),
        ("named", {"name": "x" * 201}, "Up to 200 characters."),
        ("merged", {"into": "nonsense"}, "Choose the incident that it is part of."),
        (
            "merged",
            {"into": "01983c3a-0000-7000-8000-000000000001"},
            "That incident is closed or merged meanwhile. Choose another.",
        ),
    ],
)
def test_what_is_missing_is_said_beside_the_field(
    agent_client: Client, act: str, more: dict[str, str], fault: str
) -> None:
    incident = an_incident()
    an_incident(code=1002)

    response = settled(agent_client, incident, act, **more)

    assert response.status_code == 422
    assert said(page(response), r'role="alert">(.*?)</span>') == fault
    assert not IncidentStep.objects.exists()


def test_merging_makes_a_part_that_leads_to_the_whole(agent_client: Client) -> None:
    whole, part = an_incident(name="Outage"), an_incident(code=1002)
    smallest = an_incident(code=7, state=State.MERGED, merged_into=part)

    html = page(settled(agent_client, part, "merged", into=whole.id))

    smallest.refresh_from_db()
    assert smallest.merged_into == whole
    assert "API 1002 on northwind_a" in said(html, r'id="parts">(.*?)</section>')
    assert links(agent_client.get(address(part)), "Open") == [address(whole)]


def test_the_later_of_two_editors_changes_nothing_and_is_told(agent_client: Client) -> None:
    incident = an_incident()
    settled(agent_client, incident, "confirmed")

    html = page(settled(agent_client, incident, "closed", why="nothing"))

    incident.refresh_from_db()
    assert incident.state == State.CONFIRMED
    assert "Somebody was quicker." in html


@pytest.mark.parametrize("act", ["", "proposed", "nonsense"])
def test_an_unknown_act_is_not_found(agent_client: Client, act: str) -> None:
    assert settled(agent_client, an_incident(), act).status_code == 404


@pytest.mark.parametrize("base", ["", "-1", "x", "9" * 30])
def test_an_absurd_version_is_too_late(agent_client: Client, base: str) -> None:
    incident = an_incident()

    response = agent_client.post(
        address(incident) + "settle", {"act": "confirmed", "base": base}, follow=True
    )

    assert "Somebody was quicker." in page(response)


def test_a_viewer_may_look_and_not_settle(viewer: User, client_for: ClientFor) -> None:
    client, incident = client_for(viewer), an_incident()

    assert "What is it?" not in page(client.get(address(incident)))
    assert settled(client, incident, "confirmed").status_code == 403


def test_an_error_says_what_it_is_part_of(agent_client: Client) -> None:
    sent(an_error(subAccountId="northwind_a"))
    at = timezone.datetime(2026, 7, 20, 8, tzinfo=timezone.get_default_timezone())  # type: ignore[attr-defined]
    span = {"began_at": at - timedelta(hours=9), "over_at": at + timedelta(hours=9)}
    whole = an_incident(**span, name="Outage", ended_at=span["over_at"])
    an_incident(**span, code=1002)
    an_incident(**span, state=State.MERGED, merged_into=whole)

    html = page(agent_client.get(f"/errors/{ERROR_ID}/"))

    assert html.count("Part of an incident:") == 1
    assert "Outage" in html


@pytest.mark.parametrize(
    ("over", "goes_on", "told"),
    [(timedelta(0), False, 0), (timedelta(microseconds=1), False, 1), (timedelta(0), True, 1)],
)
def test_what_comes_when_an_incident_is_over_is_no_part_of_it(
    agent: User, over: timedelta, *, goes_on: bool, told: int
) -> None:
    sent(an_error(subAccountId="northwind_a"))
    error = ErrorEvent.objects.get(pk=ERROR_ID)
    over_at = error.occurred_at + over
    began_at = over_at - timedelta(hours=1)
    an_incident(began_at=began_at, over_at=over_at, ended_at=None if goes_on else over_at)

    assert len(incidents.of_error(error, agent)) == told


def test_comments_belong_to_the_incident(agent_client: Client) -> None:
    incident = an_incident()

    agent_client.post(address(incident) + "comments/", {"body": HOSTILE})
    html = page(agent_client.get(address(incident)))

    assert (HOSTILE in html, SHOWN in html) == (False, True)
    assert agent_client.post(address(incident) + "comments/", {"body": ""}).status_code == 422


@pytest.mark.parametrize("cursor", ["nonsense", "x" * 5000])
def test_a_forged_cursor_shows_the_newest(agent_client: Client, cursor: str) -> None:
    an_incident()

    assert "northwind_a" in page(
        agent_client.get("/incidents/", {"cursor": cursor, "show": "open"})
    )


@pytest.mark.parametrize("many", [1, 40])
def test_any_number_takes_the_same_queries(
    many: int, agent_client: Client, django_assert_num_queries: Any
) -> None:
    for code in range(many):
        an_incident(code=code)

    with django_assert_num_queries(6):
        agent_client.get("/incidents/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_who_merge_each_into_the_other_do_not_wait_for_each_other(agent: User) -> None:
    one, other = an_incident(), an_incident(code=1002)
    ready = threading.Barrier(2, timeout=20)
    ended: list[str] = []

    def merge(part: Incident, into: Incident) -> None:
        for _ in range(20):
            ready.wait()
            try:
                incidents.do(part.id, Doing(Act.MERGED, 1, agent, into=into.id))
            except (Refused, Overtaken) as late:
                ended.append(type(late).__name__)
            else:
                ended.append("merged")
            ready.wait()
            if part is one:
                Incident.objects.update(state=State.PROPOSED, version=1, merged_into=None)
            ready.wait()
        connection.close()

    threads = [threading.Thread(target=merge, args=args) for args in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ended.count("merged") == 20
    assert len(ended) == 40
