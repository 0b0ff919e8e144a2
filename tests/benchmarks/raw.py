"""The limit of the database: rows the portal has stored, inserted again by plain driver calls."""

import time
from collections.abc import Sequence
from typing import Any

from psycopg.types.string import BytesBinaryDumper

from tests.stack import PostgresqlDatabase, SqliteDatabase

TABLES = ("events_errorevent", "events_deliveryreceipt", "events_message")
INBOX = ("ingest_delivery", "ingest_quarantineentry", "events_errorvariant")
BATCH = 1_000  # events a transaction

Database = SqliteDatabase | PostgresqlDatabase
Rows = dict[str, list[tuple[Any, ...]]]


def stored_rows(database: Database) -> Rows:
    """Return every row of the tables that events end in."""
    return {table: database.query(f"SELECT * FROM {table}") for table in TABLES}


def empty(database: Database) -> None:
    """Remove every event and delivery."""
    connection = database.connect()
    if database.name == "postgresql":
        connection.execute(f"TRUNCATE {', '.join((*TABLES, *INBOX))}")
    else:
        for table in (*TABLES, *INBOX):
            connection.execute(f"DELETE FROM {table}")
    connection.close()


def seconds_to_insert(database: Database, rows: Rows) -> float:
    """Insert ``rows`` in idempotent form, BATCH events a durable transaction."""
    events = len(rows["events_errorevent"]) + len(rows["events_deliveryreceipt"])
    slices = max(1, -(-events // BATCH))
    insert = _copy if database.name == "postgresql" else _execute_many
    connection = database.connect()
    started = time.perf_counter()
    for number in range(slices):
        connection.execute("BEGIN")
        for table, all_rows in rows.items():
            insert(connection, table, _slice(all_rows, number, slices))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def _slice(rows: Sequence[tuple[Any, ...]], number: int, slices: int) -> Sequence[tuple[Any, ...]]:
    return rows[number * len(rows) // slices : (number + 1) * len(rows) // slices]


def _copy(connection: Any, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    stage = f"stage_{table}"
    connection.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {stage} (LIKE {table}) ON COMMIT DELETE ROWS"
    )
    types = [
        name
        for (name,) in connection.execute(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [table],
        )
    ]
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {stage} FROM STDIN (FORMAT BINARY)") as copy:
            cursor.adapters.register_dumper(bytes, BytesBinaryDumper)  # as the portal does
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} SELECT * FROM {stage} ON CONFLICT DO NOTHING")


def _execute_many(connection: Any, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)
