"""A machine that may read, and records to read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from support_portal.accounts.services import issue_token

Ask = Callable[..., HttpResponse]


@pytest.fixture
def reader(db: None) -> Client:
    """Return a client with a token that may read, and was seen: its calls cost no query for it."""
    _, secret = issue_token(name="reader", scopes=["records:read"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    client.get("/api/v1/codes/api_error/1300")
    return client


@pytest.fixture
def look_up(reader: Client) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function that posts a text to the paste engine and returns the items."""

    def ask(text: str) -> list[dict[str, Any]]:
        response = reader.post("/api/v1/lookup", {"text": text}, "application/json")
        assert response.status_code == 200
        items: list[dict[str, Any]] = response.json()["items"]
        return items

    return ask
