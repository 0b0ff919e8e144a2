"""The doors: who is admitted, what is answered, and what is kept."""

import hashlib
import os
import threading
from datetime import UTC, datetime

import pytest
from amqp import ResourceError
from celery import Celery, _state
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from kombu.transport import TRANSPORT_ALIASES, memory

from support_portal.accounts.models import ApiToken, HookKey
from support_portal.accounts.services import issue_hook_key, issue_token
from support_portal.core import sealing
from support_portal.ingest import doorbell
from support_portal.ingest.models import Delivery
from tests.ingest.conftest import HOOK
from tests.ingest.sent import encoded, error, receipt

EVENTS = "/api/v1/events"
BODY = encoded(error())
PAST = datetime(2026, 1, 1, tzinfo=UTC)


def told(response):
    """Return status and problem of a refusal, which must be problem+json and say what is wrong."""
    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == response.status_code
    assert problem["detail"].endswith(".")
    return response.status_code


def send(secret, body=BODY, **more):
    return Client().post(
        EVENTS, body, "application/json", headers={"Authorization": f"Bearer {secret}"} | more
    )


def test_what_our_services_send_is_kept_sealed_and_as_it_came(api):
    response = api(BODY)

    delivery = Delivery.objects.get()
    assert response.status_code == 202
    assert response.json() == {"delivery": str(delivery.id)}
    assert sealing.unseal(delivery.body) == BODY
    assert BODY not in bytes(delivery.body)
    assert (delivery.source, delivery.sender) == ("api", "our-sender")
    assert (delivery.content_type, delivery.size) == ("application/json", len(BODY))


def test_what_8x8_posts_is_kept_and_answered_with_200(hook):
    body = encoded(receipt())

    response = hook(body)

    delivery = Delivery.objects.get()
    assert response.status_code == 200
    assert response.json() == {"delivery": str(delivery.id)}
    assert sealing.unseal(delivery.body) == body
    assert (delivery.source, delivery.sender) == ("hook", "8x8")


def test_a_hook_without_its_last_slash_takes_the_body_too(hook):
    response = Client().post(HOOK.rstrip("/"), BODY, "application/json")

    assert response.status_code == 200
    assert Delivery.objects.get().size == len(BODY)


def test_the_doors_ask_nothing_and_write_once_for_any_body_once_the_senders_were_seen(
    api, hook, django_assert_num_queries
):
    many = encoded([error(number) for number in range(50)])
    api(BODY)

    for body in (BODY, many):
        with django_assert_num_queries(1):
            api(body)
        with django_assert_num_queries(1):
            hook(body)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic dXNlcjpwYXNz", "wrong", "Bearer é", "\x00"],
)
def test_a_call_without_a_known_token_is_refused(authorization):
    issue_token(name="our-sender", scopes=["events:write"])

    response = Client().post(
        EVENTS, BODY, "application/json", headers={"Authorization": authorization}
    )

    assert told(response) == 401
    assert response["WWW-Authenticate"].startswith("Bearer ")
    assert Delivery.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"expires_at": PAST}, {"revoked_at": PAST}])
def test_an_expired_or_revoked_token_is_refused(change):
    _, secret = issue_token(name="our-sender", scopes=["events:write"])
    ApiToken.objects.update(**change)

    assert told(send(secret)) == 401
    assert Delivery.objects.count() == 0


@pytest.mark.django_db
def test_a_token_that_expires_later_is_taken_in_any_case_of_bearer():
    later = timezone.now().replace(year=2100, month=1, day=1)
    _, secret = issue_token(name="our-sender", scopes=["events:write"], expires_at=later)

    response = Client().post(
        EVENTS, BODY, "application/json", headers={"Authorization": f"bEARER  {secret} "}
    )

    assert response.status_code == 202


@pytest.mark.django_db
def test_a_token_that_may_only_read_cannot_send():
    _, secret = issue_token(name="reader", scopes=["records:read"])

    response = send(secret)

    assert told(response) == 403
    assert response.json()["detail"] == "This token lacks the scope events:write."


@pytest.mark.django_db
def test_a_token_is_no_hook_key_and_a_hook_key_is_no_token():
    _, token = issue_token(name="our-sender", scopes=["events:write"])
    _, key = issue_hook_key(name="8x8")

    assert told(send(key)) == 401
    assert told(Client().post(f"/hooks/8x8/{token}/", BODY, "application/json")) == 401


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["wrong", "%00", "%ff%fe", "é", "x" * 3000])
def test_an_unknown_hook_key_is_refused(key):
    response = Client().post(f"/hooks/8x8/{key}/", BODY, "application/json")

    assert told(response) == 401
    assert Delivery.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"expires_at": PAST}, {"revoked_at": PAST}])
def test_an_expired_or_revoked_hook_key_is_refused(hook, change):
    HookKey.objects.update(**change)

    assert told(hook(BODY)) == 401


@pytest.mark.django_db
def test_a_hook_with_an_agreed_authorization_takes_only_that():
    issue_hook_key(name="8x8", secret="a-key-of-the-tests", authorization="Basic bm9ydGg6d2luZA==")

    answers = [
        Client().post(HOOK, BODY, "application/json", headers=headers).status_code
        for headers in (
            {},
            {"Authorization": ""},
            {"Authorization": "Basic other"},
            {"Authorization": "Basic bm9ydGg6d2luZA=="},
        )
    ]

    assert answers == [401, 401, 401, 200]
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_secrets_are_stored_as_digests_only():
    token, secret = issue_token(name="our-sender", scopes=["events:write"])

    assert bytes(token.digest) == hashlib.sha256(secret.encode()).digest()
    assert token.hint == secret[:8]


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options", "trace"])
@pytest.mark.parametrize("door", [EVENTS, HOOK])
def test_only_post_is_taken(api, hook, method, door):
    response = getattr(Client(), method)(door)

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 202),
        ("application/json; charset=utf-8", 202),
        ("application/x-ndjson", 202),
        ("text/plain", 202),
        ("application/x-www-form-urlencoded", 202),  # what curl says when told nothing
        ("", 202),
        ("nonsense", 415),
        ("image/png", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_the_api_takes_text_and_says_so_otherwise(api, content_type, status):
    assert api(BODY, content_type).status_code == status


@pytest.mark.parametrize("content_type", ["", "nonsense", "image/png", "text/xml", "a" * 5000])
def test_a_hook_takes_any_content_type(hook, content_type):
    assert hook(BODY, content_type).status_code == 200
    assert Delivery.objects.get().content_type == content_type[:100]


def test_a_content_type_that_no_column_holds_does_not_refuse_the_body(hook):
    assert hook(BODY, "text/\x00plain").status_code == 200


@pytest.mark.parametrize("body", [b"", b" \n\t", b"\xff\xfe\xfd", b"\x00\x00", b"\xef\xbb\xbf"])
def test_a_body_without_text_is_refused_by_the_api_and_kept_by_the_hook(api, hook, body):
    assert told(api(body)) == 400
    assert hook(body).status_code == 200
    assert [kept.source for kept in Delivery.objects.all()] == ["hook"]


def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_kept(api, hook, settings):
    settings.INTAKE_BODY_LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    longest = BODY + b" " * (2000 - len(BODY))

    assert told(api(longest + b" ")) == 413
    assert told(hook(longest + b" ")) == 413
    assert api(longest).status_code == 202
    assert hook(longest).status_code == 200


def test_fifty_megabytes_are_refused(api, hook):
    body = b"[" + b'{"code":1300},' * (50 * 2**20 // 14) + b"{}]"

    assert told(api(body)) == 413
    assert told(hook(body)) == 413
    assert Delivery.objects.count() == 0


def test_ten_megabytes_are_kept(api):
    body = os.urandom(5 * 2**20).hex().encode()

    assert api(body).status_code == 202


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "x" * 500, "é"])
def test_another_content_encoding_is_refused_by_name(api, hook, encoding):
    assert told(api(BODY, **{"Content-Encoding": encoding})) == 415
    assert told(hook(BODY, **{"Content-Encoding": encoding})) == 415


def test_a_database_that_does_not_answer_is_said_before_anything_is_promised(api, hook):
    def refuse(*args):
        raise OperationalError("database or disk is full")

    with connection.execute_wrapper(refuse):
        answers = [api(BODY), hook(BODY)]

    assert [told(answer) for answer in answers] == [503, 503]
    assert [answer["Retry-After"] for answer in answers] == ["5", "5"]
    assert Delivery.objects.count() == 0


def settle():
    """Wait until no bell rings any more."""
    for thread in threading.enumerate():
        if thread.name == "doorbell":
            thread.join()


class FullChannel(memory.Channel):
    """Takes nothing."""

    def _put(self, *args, **kwargs):
        raise ResourceError("queue is full")


class Refusing(memory.Transport):
    """A broker that is there and takes nothing."""

    Channel = FullChannel


@pytest.fixture(params=["amqp://127.0.0.1:1//", "redis://127.0.0.1:1/0", "refusing://localhost"])
def broker_away(request, monkeypatch):
    monkeypatch.setattr(doorbell.doorbell, "_pause", lambda seconds: None)
    TRANSPORT_ALIASES["refusing"] = f"{__name__}:Refusing"
    usual = _state.default_app
    app = Celery("without a broker", broker=request.param, set_as_current=False)
    app.conf.broker_connection_timeout = 0.2
    app.conf.broker_transport_options = {"max_retries": 0}
    app.set_default()  # the bell rings in a thread of its own
    yield
    settle()
    app.close()
    usual.set_default()
    del TRANSPORT_ALIASES["refusing"]


@pytest.mark.usefixtures("broker_away")
def test_a_broker_that_is_away_costs_one_line_in_the_log_and_is_left_alone_for_a_while(caplog):
    pauses = []
    bell = doorbell.Doorbell(pauses.append)

    bell.ring()
    settle()

    told = [record for record in caplog.records if record.name == doorbell.__name__]
    assert [record.levelname for record in told] == ["WARNING"]
    assert told[0].message.startswith("the broker does not answer; the sweep will drain: ")
    assert pauses == [doorbell.AFTER_FAILURE]


@pytest.mark.usefixtures("broker_away")
def test_a_broker_that_is_away_does_not_refuse_what_is_sent(api, hook):
    assert api(BODY).status_code == 202
    assert hook(BODY).status_code == 200
    assert Delivery.objects.count() == 2
