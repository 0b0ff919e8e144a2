"""What is answered is on disk: the settings of real connections that promise it."""

import json

import pytest

from support_portal.core.sqlite import has_wal_reset_race
from tests.own import OwnStack

FULL = 2
ASK = """
import json
import django; django.setup()
from django.db import connection
def ask(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]
"""
ASK_SQLITE = f"""{ASK}
version = connection.Database.sqlite_version_info
print(json.dumps([ask("PRAGMA synchronous"), ask("PRAGMA journal_mode"), version]))
"""
ASK_POSTGRESQL = f"""{ASK}
print(json.dumps([ask("SHOW synchronous_commit"), ask("SHOW fsync"), ask("SHOW full_page_writes")]))
"""


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["sqlite"], indirect=True)
def test_sqlite_waits_for_the_disk_with_a_journal_that_is_safe_in_its_version(
    portal: OwnStack,
) -> None:
    synchronous, journal, version = json.loads(portal.run(ASK_SQLITE))

    assert synchronous == FULL
    assert journal in {"wal", "delete"}
    assert journal == "delete" or not has_wal_reset_race(tuple(version))


@pytest.mark.faults
@pytest.mark.parametrize("portal", ["postgresql-redis"], indirect=True)
def test_postgresql_waits_for_the_disk(portal: OwnStack) -> None:
    assert json.loads(portal.run(ASK_POSTGRESQL)) == ["on", "on", "on"]
