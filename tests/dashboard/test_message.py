"""The page of one message."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Role, Team, User
from support_portal.comments.services import add_comment
from tests.conftest import ClientFor
from tests.dashboard.parts import said
from tests.dashboard.reading import page, words
from tests.dashboard.sending import HOSTILE, SHOWN, UMID, a_receipt, an_error, sent

ADDRESS = f"/messages/{UMID}/"


def told(html: str) -> list[str]:
    """Return what stands in the timeline, line by line, without its times."""
    lines = [words(line) for line in re.findall(r'<div class="what">(.*?)</div>', html, re.DOTALL)]
    return lines[1:]


def headline(html: str) -> str:
    """Return the answer."""
    return said(html, r'<p id="verdict".*?</p>')


def ago(**length: Any) -> str:
    """Return a moment before now as 8x8 writes it; what the page says depends on the age."""
    return (timezone.now() - timedelta(**length)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whatsapp(state: str, second: int, **more: Any) -> dict[str, Any]:
    """Return a receipt of the WhatsApp step of the same message."""
    status = {"state": state, "timestamp": f"2026-07-20T08:00:{second:02}Z"}
    return {
        "version": 9,
        "namespace": "ChatApps",
        "eventType": "outbound_message_status_changed",
        "payload": {
            "umid": UMID,
            "subAccountId": "northwind_parcel",
            "channel": "whatsapp",
            "user": {"msisdn": "+12025550147"},
            "status": status | more,
        },
    }


def test_a_failing_code_is_answered_in_the_table_of_its_receipt(agent_client: Client) -> None:
    sent(a_receipt(state="undelivered", errorCode=15, errorMessage="Unknown subscriber"))

    html = page(agent_client.get(ADDRESS))

    assert '<a class="plate" href="/codes/sms_dlr/15/">' in html
    assert "“<bdi>Unknown subscriber</bdi>”" in html
    assert "Undelivered SMS 15" in told(html)[2]


def test_a_fallback_is_told_lane_by_lane(agent_client: Client) -> None:
    sent(
        a_receipt(state="sent", timestamp="2026-07-20T08:00:31Z"),
        whatsapp("undelivered", 30, errorCode=1018),
        whatsapp("sent", 1),
    )

    html = page(agent_client.get(ADDRESS))

    assert [line.partition(" step")[0] for line in told(html)][:5] == [
        "20 Jul 2026",
        "WhatsApp",
        "Sent",
        "Undelivered WhatsApp 1018 Message rejected",
        "SMS",
    ]
    assert "SMS step 2 of 2, fallback" in told(html)


@pytest.mark.parametrize(
    ("state", "detail", "hours", "answer"),
    [
        ("delivered", "delivered_to_recipient", 1, "Nobody's problem: the message was delivered."),
        (
            "delivered",
            "delivered_to_operator",
            1,
            "Not known yet: the operator has it, the phone has not confirmed.",
        ),
        ("sent", "", 1, "Not known yet: the message is on its way and no final receipt has come."),
        (
            "sent",
            "",
            49,
            "It will not be known: no final receipt came, and the window has closed.",
        ),
        ("undelivered", "", 1, "It failed, and the receipt gives no code: the cause is not known."),
        (
            "expired",
            "",
            1,
            "Not known: the last receipt carries a state that we have no meaning for.",
        ),
    ],
)
def test_without_a_code_the_state_is_answered_in_honest_words(
    state: str, detail: str, hours: int, answer: str, agent_client: Client
) -> None:
    sent(a_receipt(state=state, detail=detail, timestamp=ago(hours=hours)))

    assert headline(page(agent_client.get(ADDRESS))) == answer


def test_a_missing_final_receipt_is_a_hollow_step_with_its_deadline(agent_client: Client) -> None:
    sent(a_receipt(timestamp="2026-07-20T08:00:00Z"))

    html = page(agent_client.get(ADDRESS))

    assert told(html)[-1] == (
        "Final receipt delivered to the phone, or undelivered "
        "It will not come any more: on SMS the 48 h window closed 22 Jul 2026, 08:00:00.00."
    )
    assert "No final receipt, window closed" in html


def test_late_negatives_are_pointed_out(agent_client: Client) -> None:
    sent(
        a_receipt(state="delivered", detail="delivered_to_operator"),
        a_receipt(state="undelivered", timestamp="2026-07-20T08:20:00Z"),
    )

    html = page(agent_client.get(ADDRESS))

    assert told(html)[3] == "Undelivered Late negative: the operator had accepted it first."


def test_a_receipt_from_the_future_is_a_matter_of_clocks(agent_client: Client) -> None:
    sent(a_receipt(timestamp="2099-01-01T00:00:00Z"))

    assert "Received before it happened" in page(agent_client.get(ADDRESS))


def test_the_same_receipt_is_counted_once_and_said_to_have_come_twice(agent_client: Client) -> None:
    sent(a_receipt(), a_receipt())

    html = page(agent_client.get(ADDRESS))

    lines = told(html)
    assert lines[:-1] == ["20 Jul 2026", "SMS", "Sent"]
    assert "2×" in html


def test_errors_that_point_here_and_comments_stand_in_the_same_line(
    agent: User, agent_client: Client
) -> None:
    sent(
        a_receipt(message={"clientMessageId": "NWP-447"}),
        an_error(1, umid=UMID),
        an_error(2, code=2000, clientMessageId="NWP-447"),
        an_error(3, clientMessageId="another"),
    )
    add_comment(kind="message", key=UMID, author=agent, body="hello")

    lines = told(page(agent_client.get(ADDRESS)))

    assert [" ".join(line.split()[:2]) for line in lines if "202" not in line] == [
        "API error",
        "API error",
        "SMS",
        "Sent",
        "Comment by",
    ]
    assert sorted(re.findall("joined by the same [a-z ]+", " ".join(lines))) == [
        "joined by the same client message id ",
        "joined by the same umid ",
    ]


def test_hostile_text_is_shown_as_text(agent_client: Client) -> None:
    sent(
        a_receipt(
            state=HOSTILE,
            detail=HOSTILE,
            errorMessage=HOSTILE,
            errorCode=7,
            message={
                "source": HOSTILE,
                "subAccountId": HOSTILE,
                "clientMessageId": HOSTILE,
                "clientBatchId": HOSTILE,
            },
        )
    )

    html = page(agent_client.get(ADDRESS))

    assert (HOSTILE in html, html.count(SHOWN) > 5) == (False, True)


def test_the_number_is_masked_everywhere(agent_client: Client) -> None:
    sent(whatsapp("read", 1))

    html = page(agent_client.get(ADDRESS))

    assert ("2025550147" in html, "+1••••••0147" in html) == (False, True)


def test_a_message_of_another_team_is_not_held(client_for: ClientFor, db: None) -> None:
    team = Team.objects.create(name="Other", sub_accounts=["another"])
    person = User.objects.create_user("other", role=Role.AGENT, team=team)
    sent(a_receipt())

    response = client_for(person).get(ADDRESS)

    assert (response.status_code, "Not held by us" in page(response)) == (404, True)


def test_a_umid_that_is_an_error_id_leads_to_the_error(agent_client: Client) -> None:
    sent(an_error())

    response = agent_client.get("/messages/1cc1eda1-f5dd-ea11-8288-000000000001/")

    assert response["Location"] == "/errors/1cc1eda1-f5dd-ea11-8288-000000000001/"


@pytest.mark.parametrize("many", [1, 500])
def test_any_number_of_receipts_and_comments_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_num_queries: Any
) -> None:
    sent(*many_receipts(many))
    for _ in range(many * 2 // 5):
        add_comment(kind="message", key=UMID, author=agent, body="hello")

    with django_assert_num_queries(QUERIES):
        response = agent_client.get(ADDRESS + "?steps=all")

    assert len(told(page(response))) >= many


def test_equal_steps_are_folded_until_somebody_asks_for_all(agent_client: Client) -> None:
    sent(*many_receipts(500))

    folded, whole = (page(agent_client.get(ADDRESS + query)) for query in ("", "?steps=all"))

    again = "Sent The same state was reported before, with another time."
    assert told(folded)[1:-1] == [
        "SMS",
        "Sent",
        again,
        "497 more that say the same Show all",
        again,
    ]
    assert f'href="{ADDRESS}?steps=all#story"' in folded
    assert f'href="{ADDRESS}?#story"' in whole
    assert told(whole)[1:-1] == ["SMS", "Sent", *[again] * 499]
    assert "Fold what says the same" in whole


def many_receipts(many: int) -> list[dict[str, Any]]:
    """Return receipts of one state, a second apart."""
    began = datetime(2026, 7, 20, 8, tzinfo=UTC)
    moments = [(began + timedelta(seconds=each)).isoformat() for each in range(many)]
    return [a_receipt(timestamp=moment) for moment in moments]


# Five of them after the answer: that it was looked at.
QUERIES = 18
