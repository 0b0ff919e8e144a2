"""The two doors of the intake, as a machine sees them."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from support_portal.accounts.services import issue_hook_key, issue_token

Post = Callable[..., HttpResponse]
HOOK = "/hooks/8x8/a-key-of-the-tests/"


@pytest.fixture
def api(db: None) -> Post:
    """Return a function that posts a body to the API with a token that may send."""
    _, secret = issue_token(name="our-sender", scopes=["events:write"])
    client = Client(headers={"Authorization": f"Bearer {secret}"}, raise_request_exception=False)

    def post(body: bytes, content_type: str = "application/json", **more: str) -> HttpResponse:
        return client.post("/api/v1/events", body, content_type, headers=more)

    return post


@pytest.fixture
def hook(db: None) -> Post:
    """Return a function that posts a body to a webhook address, as 8x8 does."""
    issue_hook_key(name="8x8", secret="a-key-of-the-tests")
    client = Client(raise_request_exception=False)

    def post(body: bytes, content_type: str = "application/json", **more: str) -> HttpResponse:
        return client.post(HOOK, body, content_type, headers=more)

    return post
