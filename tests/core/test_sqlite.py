"""WAL only with a library that does not lose commits; commits are on disk when they return."""

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
