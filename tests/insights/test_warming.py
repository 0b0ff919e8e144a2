"""A web process reads the last day before anybody asks for it."""

from typing import Any

import pytest
from django.db import OperationalError

from support_portal.events.models import EVERYTHING
from support_portal.insights import lately, warming
from tests.insights.test_lately import NOW, count, hourly, is_error

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the connection of the test, which in a web process is that of the thread."""
    monkeypatch.setattr(warming.connection, "close", lambda: None)
    monkeypatch.setattr(warming.timezone, "now", lambda: NOW)
    lately.remembered.forget()


def test_the_first_page_asks_for_nothing(django_assert_num_queries: Any) -> None:
    count(hourly())

    warming.warm()

    with django_assert_num_queries(0):
        assert lately.day(EVERYTHING, NOW).line(is_error).number == 240


def test_without_a_database_the_process_starts_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(warming.lately, "day", refuse)

    warming.warm()

    assert caplog.messages == ["the last day was not read: the database is away"]
