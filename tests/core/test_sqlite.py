"""WAL only with a library that does not lose commits; commits are on disk when they return."""

import importlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from support_portal.core import sqlite


@pytest.mark.parametrize(
    ("version", "race"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), True),
        ((3, 53, 0), False),
        ((4, 0, 0), False),
    ],
)
def test_the_versions_with_the_wal_reset_race_are_known(version, race):
    assert sqlite.has_wal_reset_race(version) is race


def test_without_a_safe_library_there_is_no_wal():
    command = str(sqlite.options(safe_wal=False)["init_command"])

    assert command.startswith("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")


@pytest.mark.django_db
def test_a_commit_is_durable():
    if connection.vendor != "sqlite":
        setting = "SHOW synchronous_commit"
        expected: object = "on"
    else:
        setting, expected = "PRAGMA synchronous", 2
    with connection.cursor() as cursor:
        cursor.execute(setting)

        assert cursor.fetchone()[0] == expected


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """Return two connections to one file, the first of which is writing."""
    sqlite.install()
    driver = importlib.import_module("sqlite3")
    one, other = (driver.connect(tmp_path / "two.sqlite3", isolation_level=None) for _ in range(2))
    one.execute("CREATE TABLE kept (id INTEGER)")
    one.execute("BEGIN IMMEDIATE")
    yield one, other
    one.close()
    other.close()


def test_a_writer_begins_at_the_next_look_after_the_other_has_ended(
    writers: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = writers
    looks: list[float] = []

    def wait(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            one.execute("COMMIT")

    monkeypatch.setattr(time, "sleep", wait)
    sqlite.begin(other)

    assert looks == [sqlite.NEXT_LOOK] * 3
    assert other.in_transaction


def test_a_writer_gives_up_in_the_end_and_the_connection_waits_as_before(
    writers: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = writers
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + 1))

    with pytest.raises(importlib.import_module("sqlite3").OperationalError, match="locked"):
        sqlite.begin(other)

    assert now[0] == sqlite.PATIENCE
    assert other.execute("PRAGMA busy_timeout").fetchone() == (sqlite.PATIENCE * 1000,)


def open_file(folder: Path, journal: str) -> Any:
    database = sqlite3.connect(folder / "some.sqlite3", isolation_level=None)
    database.execute(f"PRAGMA journal_mode = {journal}")
    database.execute("PRAGMA synchronous = FULL")
    return database


def synchronous(database: Any) -> int:
    return int(database.execute("PRAGMA synchronous").fetchone()[0])


@pytest.mark.parametrize(("journal", "within"), [("WAL", 1), ("DELETE", 2)])
def test_only_a_log_is_written_without_waiting_and_only_meanwhile(
    journal: str, within: int, tmp_path: Path
) -> None:
    database = open_file(tmp_path, journal)

    with sqlite.not_waiting_for_disk(database):
        meanwhile = synchronous(database)

    assert (meanwhile, synchronous(database)) == (within, 2)


def test_a_transaction_that_goes_wrong_leaves_a_connection_that_waits(tmp_path: Path) -> None:
    database = open_file(tmp_path, "WAL")

    def fail() -> None:
        with sqlite.not_waiting_for_disk(database):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert synchronous(database) == 2


def test_within_a_transaction_nothing_changes(tmp_path: Path) -> None:
    database = open_file(tmp_path, "WAL")
    database.execute("BEGIN")

    with sqlite.not_waiting_for_disk(database):
        assert synchronous(database) == 2


def test_a_connection_may_be_closed_meanwhile(tmp_path: Path) -> None:
    database = open_file(tmp_path, "WAL")

    with sqlite.not_waiting_for_disk(database):
        database.close()
