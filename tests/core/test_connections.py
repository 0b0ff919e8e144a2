"""A connection that broke is replaced, one that works is kept."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler

from support_portal.core import connections
from support_portal.core.connections import drop_broken
from support_portal.ingest import doors


def number_of_connection():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def break_connection():
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to lose")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_replaced_and_one_that_works_is_kept():
    first = number_of_connection()
    drop_broken()
    kept = number_of_connection()
    break_connection()
    drop_broken()

    replaced = number_of_connection()

    assert [kept == first, replaced == first] == [True, False]


@pytest.mark.skipif(connection.vendor == "postgresql", reason="the file is SQLite's")
@pytest.mark.django_db
def test_a_file_stays_open_from_one_request_to_the_next(tmp_path: Path) -> None:
    portal = settings.DATABASES["default"] | {"NAME": tmp_path / "portal.sqlite3"}
    of_a_thread = ConnectionHandler({"default": portal})["default"]
    of_a_thread.ensure_connection()
    opened = of_a_thread.connection

    of_a_thread.close_if_unusable_or_obsolete()  # what Django does before and after a request

    assert opened is not None
    assert of_a_thread.connection is opened
    of_a_thread.close()


def at_the_door() -> None:
    """Let the site answer a request."""
    doors.in_front_of(lambda *_: [])({"PATH_INFO": "/"}, None)


@pytest.mark.skipif(connection.vendor == "postgresql", reason="the file is SQLite's")
@pytest.mark.parametrize("look", [drop_broken, at_the_door])
@pytest.mark.django_db
def test_a_file_that_was_opened_while_it_took_no_writes_is_opened_anew(
    look: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = settings.DATABASES["default"] | {"NAME": tmp_path / "portal.sqlite3"}
    handler = ConnectionHandler({"default": portal})
    monkeypatch.setattr(connections, "connections", handler)
    of_a_thread = handler["default"]
    with of_a_thread.cursor() as cursor:
        cursor.execute("CREATE TABLE some (number integer)")
        cursor.execute("PRAGMA query_only = ON")  # as a file is whose disk took no writes

    def write() -> int:
        with suppress(OperationalError), of_a_thread.cursor() as cursor:
            return int(cursor.execute("INSERT INTO some VALUES (1)").rowcount)
        return 0

    assert write() == 0
    look()

    assert write() == 1
    of_a_thread.close()
