"""Tokens over their quota are told when to come again; 8x8 never is."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.admission import register
from support_portal.accounts.models import ApiToken
from support_portal.accounts.services import issue_token
from support_portal.ingest.models import Delivery
from tests.ingest.sent import encoded, error

pytestmark = pytest.mark.django_db
BODY = encoded(error())
AT = datetime(2026, 7, 23, 12, 0, 18, 400_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def standing_clock():
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def limit(**quota):
    ApiToken.objects.update(**quota)
    register.forget()


def test_over_its_quota_a_token_is_told_to_come_in_the_next_minute(api, standing_clock):
    limit(requests_a_minute=2)

    answers = [api(BODY) for _ in range(3)]
    standing_clock.shift(int(answers[2]["Retry-After"]))
    after = api(BODY)

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[2]["Content-Type"] == "application/problem+json"
    assert answers[2]["Retry-After"] == "42"
    assert answers[2].json() == {
        "type": "about:blank",
        "title": "Too many requests",
        "status": 429,
        "detail": "This token may send 2 requests a minute, and these are used up.",
    }
    assert after.status_code == 202
    assert Delivery.objects.count() == 3


def test_bytes_are_counted_as_they_are_kept(api):
    limit(bytes_a_minute=len(BODY) + 1)

    answers = [api(BODY) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert "bytes a minute" in answers[2].json()["detail"]


def test_a_call_over_the_quota_costs_no_query(api, django_assert_num_queries):
    limit(requests_a_minute=1)
    api(BODY)

    with django_assert_num_queries(0):
        assert api(BODY).status_code == 429


def test_reading_counts_too():
    _, secret = issue_token(name="reader", scopes=["records:read"])
    limit(requests_a_minute=1)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    answers = [client.get("/api/v1/codes/api_error/1300").status_code for _ in range(2)]

    assert answers == [200, 429]


def test_a_token_without_the_scope_uses_nothing_up():
    _, secret = issue_token(name="reader", scopes=["records:read"])
    limit(requests_a_minute=1)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    refused = client.post("/api/v1/events", BODY, "application/json").status_code

    assert refused == 403
    assert client.get("/api/v1/codes/api_error/1300").status_code == 200


def test_a_webhook_of_8x8_has_no_quota(hook, settings):
    settings.TOKEN_REQUESTS_A_MINUTE = settings.TOKEN_BYTES_A_MINUTE = 1

    assert {hook(BODY).status_code for _ in range(20)} == {200}
