"""The doors in front of the site give the answers that the site behind them gives."""

import gzip
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from support_portal.accounts.services import issue_token
from support_portal.ingest import doors
from support_portal.ingest.models import Delivery
from tests.ingest.conftest import HOOK
from tests.ingest.sent import encoded, error

BODY = encoded(error())
EVENTS = "/api/v1/events"
Answer = tuple[str, dict[str, str], bytes]
SITE: Answer = ("200 OK", {}, b"the site")


def site(environ: doors.Environ, start_response: Callable[..., object]) -> list[bytes]:
    start_response(SITE[0], [])
    return [SITE[2]]


def through_the_door(path: str, body: bytes = BODY, method: str = "POST", **extra: Any) -> Answer:
    request = RequestFactory().generic(method, path, body, "application/json", **extra)
    started: list[Any] = []
    content = doors.in_front_of(site)(request.environ, lambda *told: started.extend(told))
    return started[0], dict(started[1]), b"".join(content)


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (EVENTS, {}),
        (EVENTS, {"HTTP_AUTHORIZATION": "Bearer wrong"}),
        (EVENTS, {"body": b"\xff\xfe"}),
        (EVENTS, {"method": "GET"}),
        (EVENTS, {"body": gzip.compress(BODY), "HTTP_CONTENT_ENCODING": "gzip"}),
        (EVENTS, {"body": b"no", "HTTP_CONTENT_ENCODING": "gzip"}),
        (EVENTS, {"body": BODY, "HTTP_CONTENT_ENCODING": "br"}),
        (HOOK, {}),
        (HOOK.removesuffix("/"), {}),
        (HOOK, {"body": b""}),
        ("/hooks/8x8/wrong/", {}),
    ],
)
def test_the_door_answers_as_the_site_does(hook, path, sent):
    secret = "a-token-of-the-tests"
    issue_token(name="door", scopes=["events:write"], secret=secret)
    sent = {"HTTP_AUTHORIZATION": f"Bearer {secret}", "body": BODY, "method": "POST"} | sent
    body, method = sent.pop("body"), sent.pop("method")

    behind = Client().generic(method, path, body, "application/json", **sent)
    status, told, content = through_the_door(path, body, method, **sent)

    assert status == f"{behind.status_code} {behind.reason_phrase}"
    assert told["Content-Type"] == behind["Content-Type"]
    assert told["X-Request-ID"].startswith("r-")
    assert told.get("Allow") == behind.get("Allow")
    assert told.get("WWW-Authenticate") == behind.get("WWW-Authenticate")
    assert len(content) == int(told["Content-Length"])
    if behind.status_code >= 400:
        assert content == behind.content
        assert Delivery.objects.count() == 0
    else:
        assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    "path", ["/", "/hooks/8x8/", "/hooks/8x8/a/b/", "/api/v1/events/", "/api/v1/lookup", "/errors/"]
)
def test_everything_else_is_left_to_the_site(path):
    assert through_the_door(path) == SITE


def test_a_key_that_is_no_text_is_refused_and_not_a_crash(db):
    request = RequestFactory().post(HOOK, BODY, "application/json")
    environ = request.environ | {
        "PATH_INFO": "/hooks/8x8/\xff\x00\r\n/",
        "wsgi.input": io.BytesIO(BODY),
    }
    started: list[Any] = []

    doors.in_front_of(site)(environ, lambda *told: started.extend(told))

    assert started[0] == "401 Unauthorized"
