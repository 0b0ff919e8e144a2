"""Who else is at a record: told to those who may see it, for as long as it is so."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import Role, Team, User
from support_portal.events.models import ErrorEvent
from support_portal.inquiries.freezing import Wanted
from support_portal.inquiries.models import Inquiry
from support_portal.inquiries.services import start
from support_portal.teamwork import presence
from support_portal.teamwork.models import Presence
from tests.conftest import ClientFor
from tests.dashboard.sending import ERROR_ID, HOSTILE, UMID, a_receipt, an_error, sent
from tests.dashboard.test_incidents import an_incident

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = {"kind": "error", "key": ERROR_ID}


@pytest.fixture(autouse=True)
def _records(db: None) -> None:
    sent(an_error(subAccountId="northwind_a"), a_receipt())


def lines(client: Client, **changes: Any) -> list[str]:
    found: list[str] = json.loads(client.post("/presence", HERE | changes).content)["lines"]
    return found


def drafted_by(author: User) -> Inquiry:
    return start(author, [Wanted("error_id", UUID(ERROR_ID))])


def test_colleagues_see_each_other_and_not_themselves(
    agent_client: Client, lead: User, client_for: ClientFor
) -> None:
    other = client_for(lead)

    assert lines(agent_client) == []
    assert lines(other, doing="writing") == ["agent is looking at this"]
    assert lines(agent_client) == ["lead is writing a comment"]
    assert lines(agent_client, kind="message", key=UMID) == []


def test_every_kind_of_record_has_it(agent: User, agent_client: Client) -> None:
    number = drafted_by(agent).pk
    pages = (f"/errors/{ERROR_ID}/", f"/messages/{UMID}/", f"/inquiries/{number}/")
    for address in pages:
        assert b"data-presence" in agent_client.get(address).content


def test_who_left_is_gone_at_once_and_who_fell_silent_within_half_a_minute(
    agent_client: Client, lead: User, client_for: ClientFor
) -> None:
    other = client_for(lead)
    with time_machine.travel(NOW, tick=False):
        lines(other)
        assert lines(agent_client) == ["lead is looking at this"]
        assert other.post("/presence", HERE | {"doing": "left"}).status_code == 204
        assert lines(agent_client) == []
        lines(other)
    # The page asks every ten seconds, so what is over after twenty is not seen after thirty.
    with time_machine.travel(NOW + timedelta(seconds=12), tick=False):
        assert lines(agent_client) == ["lead is looking at this"]
    with time_machine.travel(NOW + timedelta(seconds=20), tick=False):
        assert lines(agent_client) == []


def test_who_drafts_an_inquiry_is_seen_on_its_evidence_by_those_who_may_see_it(
    agent_client: Client, lead: User, client_for: ClientFor
) -> None:
    inquiry, other = drafted_by(lead), client_for(lead)
    lines(other, kind="inquiry", key=inquiry.pk, doing="drafting")

    assert lines(agent_client) == ["lead is drafting an inquiry"]
    assert lines(agent_client, kind="message", key=UMID) == []
    assert lines(agent_client, kind="inquiry", key=inquiry.pk) == ["lead is drafting an inquiry"]


def test_of_an_inquiry_that_one_may_not_see_nothing_is_said(
    lead: User, client_for: ClientFor
) -> None:
    sent(an_error(5, subAccountId="northwind_b"))
    hidden = UUID("1cc1eda1-f5dd-ea11-8288-000000000005")
    inquiry = start(lead, [Wanted("error_id", UUID(ERROR_ID)), Wanted("error_id", hidden)])
    team = Team.objects.create(name="A", sub_accounts=["northwind_a"])
    reader = client_for(User.objects.create_user("reader", role=Role.AGENT, team=team))
    lines(client_for(lead), kind="inquiry", key=inquiry.pk, doing="drafting")

    assert lines(reader) == []
    named = {"kind": "inquiry", "key": inquiry.pk}
    assert reader.post("/presence", named).status_code == 404


@pytest.mark.parametrize(
    "named",
    [{}, {"kind": "error", "key": "0" * 32}, {"kind": HOSTILE, "key": HOSTILE}, {"kind": "code"}],
)
def test_what_is_not_here_has_nobody(named: dict[str, str], agent_client: Client) -> None:
    assert agent_client.post("/presence", named).status_code == 404


def test_nobody_claims_what_they_may_not_do(
    viewer: User, agent_client: Client, client_for: ClientFor
) -> None:
    for doing in ("writing", "drafting", HOSTILE, "left\x00"):
        lines(client_for(viewer), doing=doing)
        assert lines(agent_client) == ["viewer is looking at this"]


def test_a_beat_that_cannot_be_written_is_dropped(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "_UPSERT", "INSERT INTO nowhere VALUES (%s, %s, %s, %s, %s)")

    assert lines(agent_client) == []
    assert not Presence.objects.exists()


def test_a_beat_is_one_row_however_often(
    agent_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    lines(agent_client)
    with django_assert_max_num_queries(12):
        lines(agent_client, doing="writing")

    assert Presence.objects.values_list("doing", flat=True).get() == "writing"


def test_what_is_long_over_is_forgotten(agent_client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        lines(agent_client)

    presence.forget(NOW + timedelta(minutes=9))
    assert Presence.objects.count() == 1
    presence.forget(NOW + timedelta(minutes=11))
    assert Presence.objects.count() == 0


def test_presence_needs_the_token_of_a_form_and_somebody_signed_in(agent: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/presence", HERE).status_code in (302, 403)
    client.force_login(agent, backend="support_portal.accounts.backends.PasswordBackend")
    assert client.post("/presence", HERE).status_code == 403


def test_who_drafts_an_inquiry_is_seen_on_its_group_and_its_incident(
    agent_client: Client, lead: User, client_for: ClientFor
) -> None:
    inquiry, other = drafted_by(lead), client_for(lead)
    error = ErrorEvent.objects.get(pk=ERROR_ID)
    during = {"began_at": error.occurred_at, "over_at": error.occurred_at + timedelta(hours=1)}
    incident = an_incident(sub_account=error.sub_account, code=error.code, **during)
    before = an_incident(
        sub_account=error.sub_account, code=error.code, began_at=during["over_at"], over_at=NOW
    )
    lines(other, kind="inquiry", key=inquiry.pk, doing="drafting")

    drafting = ["lead is drafting an inquiry"]
    assert lines(agent_client, kind="group", key=error.group_id) == drafting
    assert lines(agent_client, kind="incident", key=str(incident.id)) == drafting
    assert lines(agent_client, kind="incident", key=str(before.id)) == []


def test_no_number_of_drafts_hides_who_is_here(
    agent: User, lead: User, agent_client: Client, client_for: ClientFor
) -> None:
    lines(client_for(lead))
    now = int(Presence.objects.get().at)
    first = User.objects.create_user("a", first_name="Aaron", role=Role.AGENT)
    Presence.objects.bulk_create(
        Presence(kind="inquiry", key=str(number), user=first, doing="drafting", at=now)
        for number in range(presence.MOST)
    )

    assert lines(agent_client) == ["lead is looking at this"]
