"""Alive, and able to serve."""

from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection
from django.test import Client

from support_portal.core.ids import uuid7
from support_portal.core.sealing import seal
from support_portal.ingest import services
from support_portal.ingest.listening.models import Role, SignOfLife
from support_portal.ingest.models import Delivery


def test_a_process_that_lives_says_so_without_a_database():
    response = Client().get("/healthz")

    assert (response.status_code, response.content) == (200, b"alive\n")


@pytest.mark.django_db
def test_a_portal_that_keeps_up_is_ready():
    services.receive(b"nonsense", source="hook")
    services.drain()

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "reason": "",
        "pending": 0,
        "lag_seconds": 0.0,
        "quarantined": 1,
    }


@pytest.mark.django_db
def test_a_portal_whose_inbox_waits_since_long_is_not_ready():
    Delivery.objects.create(id=uuid7(1_700_000_000_000), source="hook", size=1, body=seal(b"x"))

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["reason"] == "the inbox is behind: is the worker running?"
    assert response.json()["pending"] == 1


@pytest.mark.django_db
def test_a_portal_without_its_database_is_not_ready():
    def refuse(*args):
        raise OperationalError("away")

    with connection.execute_wrapper(refuse):
        response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"ready": False, "reason": "the database does not answer"}


@pytest.mark.django_db
def test_a_portal_that_can_read_but_not_write_is_not_ready():
    long_ago = datetime(2026, 11, 23, 12, tzinfo=UTC)
    SignOfLife.objects.create(role=Role.WEB, name="one", began_at=long_ago, seen_at=long_ago)

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["reason"] == "nothing can be written since 2026-11-23T12:00:00+00:00"
