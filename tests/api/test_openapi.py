"""The OpenAPI document tells the truth: about every address, and about every answer."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import URLPattern, get_resolver
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from support_portal.accounts.services import SCOPES, issue_token
from support_portal.api.openapi import description
from support_portal.ingest.doors import in_front_of
from tests.events.arrived import ERROR_ID, UMID, a_receipt, an_error, record

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
]
UNDECLARED = {"/api/v1/openapi.json", "/api/docs", "/api/{rest}", "/hooks/8x8/{key}"}


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context: Any, value: Any) -> bytes:
    """Write a value as one line."""
    return json.dumps(value).encode() + b"\n"


API = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", in_front_of(get_wsgi_application()))


@pytest.fixture(autouse=True)
def _one_transaction() -> Iterator[None]:
    """Keep the connection between requests, as Django's own client does: it holds the records."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(db: None) -> str:
    """Return the secret of a token that may do everything, beside some records."""
    record(an_error(umid=UMID), a_receipt("undelivered", error_code=46))
    _, secret = issue_token(name="examiner", scopes=SCOPES)
    return secret


@API.parametrize()
@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_call_answers_as_it_is_described(case: Any, token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)


def test_every_address_for_machines_is_described() -> None:
    patterns = [
        pattern
        for include in get_resolver().url_patterns
        for pattern in getattr(include, "url_patterns", [])
        if isinstance(pattern, URLPattern)
    ]
    written = {
        "/" + str(pattern.pattern).replace("<str:", "{").replace("<path:", "{").replace(">", "}")
        for pattern in patterns
    }
    machines = {
        path for path in written if path.startswith(("/api/", "/hooks/", "/healthz", "/readyz"))
    }

    assert machines - UNDECLARED == set(description()["paths"])


def test_the_document_needs_no_token_and_names_no_host(client: Client) -> None:
    response = client.get("/api/v1/openapi.json")

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert "://" not in response.content.decode()
    assert json.loads(response.content)["openapi"] == "3.1.0"


@pytest.mark.parametrize("path", [f"/api/v1/errors/{ERROR_ID}", f"/api/v1/messages/{UMID}"])
def test_what_is_held_answers_as_it_is_described(path: str, token: str) -> None:
    template = path.rsplit("/", 1)[0] + ("/{error_id}" if "errors" in path else "/{umid}")
    operation = API[template]["GET"]
    name = operation.path_parameters.items[0].name if operation.path_parameters else ""

    case = operation.Case(path_parameters={name: path.rsplit("/", 1)[1]})
    response = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

    assert response.status_code == 200


def test_people_read_of_every_call_and_shape(agent_client: Client) -> None:
    page = agent_client.get("/api/docs").content.decode()

    for path, operations in description()["paths"].items():
        assert all(f"{method.upper()} {path}" in page for method in operations)
    assert all(f'id="{name}"' in page for name in description()["components"]["schemas"])
    assert "://" not in page
