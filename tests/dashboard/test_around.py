"""Answers, clicks, calls and events of the account, where an agent meets them."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from support_portal.accounts.models import Role, Team, User
from support_portal.payloads import AccountEvent, Happening
from tests.conftest import ClientFor
from tests.events.arrived import NUMBER, UMID, a_receipt, an_error, at, record

pytestmark = pytest.mark.django_db
ANSWER = UUID("782fe025-8d64-438d-bde9-b48e00a87500")
SESSION = UUID("b3006000-84fb-11f1-8288-d5a07c31be42")
CALL = UUID("b3012340-84fb-11f1-8288-d5a07c31be42")
HOSTILE = "<script>alert(1)</script>\u202etxt"


def an_answer(**more: Any) -> Happening:
    told: dict[str, Any] = {"about": UMID, "channel": "whatsapp", "person": NUMBER} | more
    return Happening(ANSWER, "inbound", at(60), content="button_reply", **told)


def a_pause(number: int = 0, **more: Any) -> AccountEvent:
    told: dict[str, Any] = {"template": "np_summer_rates", "status": "PAUSED"} | more
    event_id = UUID(int=number + 1)
    return AccountEvent(event_id, "template_status_update", at(number), "whatsapp", **told)


def page(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_message_shows_what_answers_it_and_the_answer_what_it_answers(
    agent_client: Client,
) -> None:
    record(a_receipt("read", channel="whatsapp"), an_answer())

    message, answer = (page(agent_client, "messages:detail", umid) for umid in (UMID, ANSWER))

    assert f'href="/messages/{ANSWER}/">Inbound message</a>' in message
    assert f'href="/messages/{UMID}/"' in answer
    assert "It answers our message" in answer
    assert NUMBER not in answer
    assert "+1••••••0147" in answer


def test_clicks_stand_in_the_timeline_without_a_page_of_their_own(agent_client: Client) -> None:
    record(a_receipt(), Happening(UMID, "click", at(5), mark="1", about=UMID, channel="sms"))

    shown = page(agent_client, "messages:detail", UMID)

    assert "<strong>Link clicked</strong>" in shown


def test_a_message_known_only_by_its_click_has_a_page(agent_client: Client) -> None:
    record(Happening(UMID, "click", at(5), mark="1", about=UMID, channel="sms"))

    assert "No receipt of this message has come in" in page(agent_client, "messages:detail", UMID)


def test_a_failed_call_is_decoded_in_its_own_table(agent_client: Client) -> None:
    record(
        Happening(
            SESSION, "voice_session", at(9), state="error", code=-2010, context="voice_error"
        ),
        Happening(CALL, "voice_call", at(8), about=SESSION, code=486, context="sip"),
    )

    shown = page(agent_client, "messages:detail", SESSION)

    assert 'href="/codes/voice_error/-2010/"' in shown
    assert f'href="/messages/{CALL}/">Call</a>' in shown
    assert 'href="/codes/sip/486/"' in shown


@pytest.mark.parametrize("pasted", [str(ANSWER), f"umid: {str(UMID).upper()}"])
def test_a_pasted_umid_leads_to_the_answer(pasted: str, agent_client: Client) -> None:
    record(an_answer())

    answer = agent_client.get(reverse("lookup"), {"q": pasted})

    assert (answer.status_code, answer["Location"]) == (302, f"/messages/{ANSWER}/")


def test_a_number_leads_to_what_it_sent_us(agent_client: Client) -> None:
    record(an_answer(), a_receipt("read", destination=NUMBER))

    answer = agent_client.get(reverse("lookup"), {"q": NUMBER})

    assert f'href="/messages/{ANSWER}/"' in answer.content.decode()


def test_what_belongs_to_another_team_is_not_shown(client_for: ClientFor) -> None:
    team = Team.objects.create(name="Other", sub_accounts=["another"])
    other = client_for(User.objects.create(username="layla", role=Role.AGENT, team=team))
    record(a_receipt("read"), an_answer(sub_account="northwind_uk_returns"))

    assert "Inbound message" not in page(other, "messages:detail", UMID)
    assert other.get(reverse("messages:detail", args=[ANSWER])).status_code == 404


def test_a_paused_template_stands_beside_the_failure_that_it_explains(
    agent_client: Client,
) -> None:
    record(
        a_pause(),
        a_receipt(
            "undelivered",
            seconds=3 * 3600,
            channel="whatsapp",
            context="chatapps_receipt",
            error_code=1035,
        ),
        an_error(code=3038, occurred_at=at(7200)),
    )

    message = page(agent_client, "messages:detail", UMID)
    error = page(agent_client, "errors:detail", an_error().error_id)
    code = page(agent_client, "codes:detail", "chatapps_dlr_whatsapp", 1035)

    assert "<bdi>np_summer_rates</bdi></strong> <bdi>paused</bdi>, 3 h before" in message
    assert "<bdi>paused</bdi>, 2 h before" in error
    assert "<bdi>np_summer_rates</bdi></strong> <bdi>paused</bdi><small>" in code


def test_a_code_that_no_event_explains_shows_none(agent_client: Client) -> None:
    record(a_pause(), a_receipt("undelivered", seconds=60, error_code=46))

    assert "May explain it" not in page(agent_client, "messages:detail", UMID)


def test_the_list_of_events_shows_foreign_names_as_text(agent_client: Client) -> None:
    record(a_pause(template=HOSTILE, reason=HOSTILE), a_pause(1, template="", account="NP"))

    shown = page(agent_client, "account_events")

    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "Account <strong><bdi>NP</bdi></strong>" in shown


def test_the_list_of_events_says_when_there_are_none(agent_client: Client) -> None:
    assert "No events of the account yet" in page(agent_client, "account_events")


@pytest.mark.parametrize("many", [1, 40])
def test_any_number_of_events_and_answers_takes_the_same_queries(
    many: int, agent_client: Client, django_assert_num_queries: Any
) -> None:
    record(*(a_pause(number) for number in range(many)))
    record(
        *(Happening(UUID(int=number), "inbound", at(number), about=UMID) for number in range(many))
    )

    with django_assert_num_queries(LIST_QUERIES):
        page(agent_client, "account_events")
    with django_assert_num_queries(PAGE_QUERIES):
        page(agent_client, "messages:detail", UUID(int=0))


LIST_QUERIES = 5
PAGE_QUERIES = 9
