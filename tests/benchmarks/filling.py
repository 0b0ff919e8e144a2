"""Millions of stored rows, made by the database from a few thousand that came through the intake.

Every copy has ids of its own, the same in all tables, so that a message keeps its receipts, and lies
some time before the one it was made of.  Indexes are built afterwards, by sorting, and so are keys where
the database can do that; SQLite holds theirs in memory meanwhile.
"""

import contextlib
import hashlib
import secrets
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.stack import Stack

TABLES = ("events_errorevent", "events_message", "events_deliveryreceipt")
IDS = frozenset({"error_id", "umid", "batch_id"})
TIMES = frozenset({"occurred_at", "state_at", "first_at", "last_at", "requested_at", "received_at"})
OWN_WORDS = frozenset({"client_message_id", "client_batch_id"})
DAY = 86_400  # seconds
# Else all receipts of weeks before would lie in the partition for times without one of their own.
MAKE_ROOM = """
import django; django.setup()
from datetime import timedelta
from django.db.models import Max, Min
from support_portal.core.partitions import is_parted, make, mondays
from support_portal.events.models import DeliveryReceipt
from support_portal.events.storage import RECEIPTS
told = DeliveryReceipt.objects.aggregate(first=Min("occurred_at"), last=Max("occurred_at"))
if is_parted(RECEIPTS):
    make(RECEIPTS, mondays(told["first"] - timedelta(days={days}), told["last"]))
"""
_ID = {"postgresql": "md5({0}::text || '{1}' || n)::uuid", "sqlite": "fresh({0}, '{1}' || n)"}
_TIME = {
    "postgresql": "{0} - n * {1} * interval '1 second'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', {0}, '-' || (n * {1}) || ' seconds') || '001'",
}
_WORD = "CASE WHEN {0} = '' THEN '' ELSE {0} || '-' || n END"
_NUMBERS = {
    "postgresql": "generate_series(1, {0}) AS n",
    "sqlite": (
        "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {0}) SELECT n FROM c)"
    ),
}


def fill(portal: Stack, copies: Mapping[str, int], *, days: int = 60) -> None:
    """Copy the rows of each table so many times, spread over the ``days`` before them."""
    portal.run(MAKE_ROOM.format(days=days))
    connection = portal.database.connect()
    salt = secrets.token_hex(4)  # copies of copies have other ids
    if portal.database.name == "sqlite":
        connection.create_function("fresh", 2, _fresh, deterministic=True)
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -4000000")
    for table, number in copies.items():
        sys.stderr.write(f"\r{table}: {number:,} copies … ")
        with _without_indexes(portal, connection, table):
            connection.execute(f"CREATE TEMPORARY TABLE seed_{table} AS SELECT * FROM {table}")
            connection.execute(_copying(portal, table, number, salt, days * DAY // number))
            connection.execute(f"DROP TABLE seed_{table}")
    if portal.database.name == "postgresql":
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    connection.close()
    sys.stderr.write("\n")


def stored(portal: Stack) -> int:
    """Return how many rows there are in all."""
    return sum(portal.count(table) for table in TABLES)


def _copying(portal: Stack, table: str, number: int, salt: str, step: int) -> str:
    vendor = portal.database.name
    columns = _columns(portal, table)
    values = ", ".join(_value(vendor, column, max(1, step), salt) for column in columns)
    numbers = _NUMBERS[vendor].format(number)
    # Oldest first: so rows that came together lie together, as in a portal that took them in.
    return (
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" SELECT {values} FROM (SELECT n FROM {numbers} ORDER BY n DESC) CROSS JOIN seed_{table}"
    )


def _value(vendor: str, column: str, step: int, salt: str) -> str:
    if column in IDS:
        return _ID[vendor].format(column, salt)
    if column in TIMES:
        return _TIME[vendor].format(column, step)
    return _WORD.format(column) if column in OWN_WORDS else column


def _fresh(identifier: str | None, number: str) -> str | None:
    if identifier is None:
        return None
    return hashlib.md5(f"{identifier}{number}".encode(), usedforsecurity=False).hexdigest()


@contextlib.contextmanager
def _without_indexes(portal: Stack, connection: Any, table: str) -> Iterator[None]:
    """Take away every index that can be built again, and build them in the end."""
    made = _indexes_of(portal, connection, table)
    for away, _ in made:
        connection.execute(away)
    yield
    for _, again in reversed(made):
        connection.execute(again)


def _indexes_of(portal: Stack, connection: Any, table: str) -> list[tuple[str, str]]:
    """Return for each index the statements that remove and make it."""
    if portal.database.name == "sqlite":
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?",
            [table],
        )
        return [(f'DROP INDEX "{name}"', made) for name, made in rows.fetchall()]
    keys = connection.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        f" WHERE conrelid = '{table}'::regclass AND contype = 'p'"
    ).fetchall()
    indexes = connection.execute(
        f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{table}'"
    ).fetchall()
    named = {name for name, _ in keys}
    return [
        *((f'DROP INDEX "{name}"', made) for name, made in indexes if name not in named),
        *(
            (
                f'ALTER TABLE {table} DROP CONSTRAINT "{name}"',
                f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {made}',
            )
            for name, made in keys
        ),
    ]


def _columns(portal: Stack, table: str) -> list[str]:
    if portal.database.name == "sqlite":
        return [row[1] for row in portal.database.query(f"PRAGMA table_info({table})")]
    return [
        row[0]
        for row in portal.database.query(
            "SELECT attname FROM pg_attribute WHERE attrelid = '"
            f"{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
    ]
