"""The start page: what was looked at, what is unusual, and the last day."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Role, Team, User
from support_portal.browsing import looks
from support_portal.browsing.models import Look
from support_portal.dashboard import lately
from support_portal.ingest.services import drain, receive
from tests.conftest import ClientFor
from tests.dashboard.parts import part, said
from tests.dashboard.reading import page
from tests.dashboard.sending import ERROR_ID, UMID, a_receipt, an_error, sent
from tests.dashboard.test_incidents import an_incident

pytestmark = pytest.mark.django_db
ERROR = (
    b'{"code": 1002, "message": "Invalid MSISDN: +12025550147",'
    b' "errorId": "0f7b86de-6748-43dc-a22d-5f5a0bd4f7f5", "timestamp": "2026-07-20T09:33:00Z"}'
)


def recent(html: str) -> str:
    return part(html, r'id="recent">(.*?)</section>')


def seen(person: User, number: int, *, minutes: int = 0) -> looks.Seen:
    at = timezone.now() + timedelta(minutes=minutes)
    return looks.Seen(person.pk, "error", UUID(int=number), at)


@pytest.mark.parametrize(
    "address", ["/", "/errors/", "/errors/0f7b86de-6748-43dc-a22d-5f5a0bd4f7f5/"]
)
def test_a_number_in_an_error_text_is_masked(agent_client: Client, address: str) -> None:
    receive(ERROR, source="api")
    drain()

    html = page(agent_client.get(address))

    assert ("+1••••••0147" in html, "2025550147" in html) == (True, False)


def test_what_one_looked_at_stands_under_recent(agent_client: Client) -> None:
    sent(an_error(), a_receipt(state="undelivered"))
    before = recent(page(agent_client.get("/")))
    agent_client.get(f"/errors/{ERROR_ID}/")
    agent_client.get(f"/messages/{UMID}/")

    after = recent(page(agent_client.get("/")))

    assert (ERROR_ID in before, ERROR_ID in after, UMID in after) == (False, True, True)
    assert "Last errors" not in page(agent_client.get("/"))


def test_what_is_not_held_or_not_for_one_is_not_remembered(agent_client: Client) -> None:
    agent_client.get(f"/errors/{ERROR_ID}/")

    assert not Look.objects.exists()


def test_the_team_sees_what_its_others_looked_at_as_far_as_it_may(
    agent_client: Client, lead: User, client_for: ClientFor
) -> None:
    sent(an_error(subAccountId="northwind_a"))
    agent_client.get(f"/errors/{ERROR_ID}/")
    other = Team.objects.create(name="Other", sub_accounts=["northwind_b"])
    stranger = client_for(User.objects.create_user("other", role=Role.AGENT, team=other))

    ours = recent(page(client_for(lead).get("/?recent=team")))
    theirs = recent(page(stranger.get("/?recent=team")))

    assert (ERROR_ID in ours, "agent" in ours, ERROR_ID in theirs) == (True, True, False)


def test_who_loses_a_sub_account_loses_it_under_recent(
    agent: User, agent_client: Client, team: Team
) -> None:
    sent(an_error(subAccountId="northwind_a"))
    agent_client.get(f"/errors/{ERROR_ID}/")
    Team.objects.filter(pk=team.pk).update(all_sub_accounts=False, sub_accounts=["northwind_b"])

    assert ERROR_ID not in page(agent_client.get("/"))


def test_what_is_pinned_stays_on_top(agent: User, agent_client: Client) -> None:
    sent(an_error(1), an_error(2))
    first, second = ERROR_ID, ERROR_ID[:-1] + "2"
    looks.write(looks.Seen(agent.pk, "error", UUID(first), timezone.now()))
    looks.write(looks.Seen(agent.pk, "error", UUID(second), timezone.now() + timedelta(minutes=1)))
    look = Look.objects.get(key=first)

    agent_client.post(f"/recent/{look.pk}/pin", {"pinned": "yes"})
    pinned = recent(page(agent_client.get("/")))
    agent_client.post(f"/recent/{look.pk}/pin", {"pinned": "no"})
    let_go = recent(page(agent_client.get("/")))

    assert pinned.index(first) < pinned.index(second)
    assert let_go.index(second) < let_go.index(first)


def test_nobody_pins_for_others(agent_client: Client, lead: User) -> None:
    looks.write(seen(lead, 1))

    agent_client.post(f"/recent/{Look.objects.get().pk}/pin", {"pinned": "yes"})

    assert not Look.objects.get().pinned
    assert agent_client.post("/recent/999999999999999999999999/pin", {}).status_code == 404


def test_only_so_many_looks_are_kept(agent: User) -> None:
    Look.objects.bulk_create(_look(agent, number, pinned=number == 0) for number in range(203))
    for number in (203, 204):
        looks.write(seen(agent, number, minutes=number))

    kept = {look.key.int for look in Look.objects.all()}

    assert kept == {0, *range(205 - looks.MOST, 205)}


def _look(person: User, number: int, *, pinned: bool) -> Look:
    told = seen(person, number, minutes=number)
    return Look(user=person, kind=told.kind, key=told.key, at=told.at, pinned=pinned)


def test_the_same_page_again_is_the_same_look(agent: User, django_assert_num_queries: Any) -> None:
    looks.write(seen(agent, 1))
    before = Look.objects.get().at

    looks.write(seen(agent, 1, minutes=5))
    with django_assert_num_queries(1):
        looks.write(seen(agent, 1, minutes=5))

    assert Look.objects.get().at - before >= timedelta(minutes=5)


def test_a_look_that_cannot_be_written_breaks_no_page(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(an_error())

    def refuse(seen: looks.Seen) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(looks, "write", refuse)

    assert agent_client.get(f"/errors/{ERROR_ID}/").status_code == 200


def test_incidents_and_what_is_not_known_yet_are_said(agent_client: Client) -> None:
    before = page(agent_client.get("/"))
    an_incident()
    after = page(agent_client.get("/"))

    assert "Nothing unusual was found." in before
    assert "not known yet" in said(before, r'id="lately">(.*?)</section>')
    assert "API 1300 on northwind_a" in said(after, r'id="incidents-card">(.*?)</section>')
    assert after.count("<strong>Unusual:") == 1


def test_messages_that_failed_elsewhere_are_listed_without_the_channels_above() -> None:
    assert lately._list("Failed elsewhere", timezone.now()).startswith(
        "/messages/?not_channel=sms&not_channel=whatsapp&state=failed"
    )


@pytest.mark.parametrize("many", [1, 30])
def test_any_number_of_looks_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_num_queries: Any
) -> None:
    sent(*(an_error(number) for number in range(1, many + 1)))
    for number in range(1, many + 1):
        key = UUID(f"1cc1eda1-f5dd-ea11-8288-{number:012x}")
        looks.write(looks.Seen(agent.pk, "error", key, timezone.now()))

    with django_assert_num_queries(12):
        agent_client.get("/")
