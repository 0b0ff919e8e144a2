"""Insert a few rows and have them on disk, at the least cost that the database allows.

A webhook waits for this.  On PostgreSQL a cursor spends more time on a row than the server does, so
rows go to libpq as they stand on the wire, all of them in one prepared statement, which is a
transaction by itself.  On SQLite three statements go past the layers of Django.
"""

import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import ExecStatus, Format

from support_portal.core import sqlite
from support_portal.core.bulk import converted

Row = Sequence[Any]
ROWS = 16  # a statement; each number of rows is prepared by itself
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL's
MICROSECOND = timedelta(microseconds=1)
INTEGER, LONG = struct.Struct("!i"), struct.Struct("!q")


def _uuid(value: UUID) -> bytes:
    return value.int.to_bytes(16)


def _moment(value: datetime) -> bytes:
    return LONG.pack((value - EPOCH) // MICROSECOND)


ENCODERS: "dict[type[models.Field[Any, Any]], Callable[[Any], bytes]]" = {
    models.CharField: str.encode,
    models.TextField: str.encode,
    models.IntegerField: INTEGER.pack,
    models.BigIntegerField: LONG.pack,
    models.BinaryField: bytes,
    models.UUIDField: _uuid,
    models.DateTimeField: _moment,
}


class Insertion:
    """How rows of some fields of a model are inserted; fields that are not named take defaults."""

    def __init__(self, model: type[models.Model], fields: Sequence[str]) -> None:
        by_name = {column.name: column for column in model._meta.concrete_fields}
        others = [column for name, column in by_name.items() if name not in fields]
        if any(callable(column.default) and column.has_default() for column in others):
            raise ValueError("what is made anew for every row has to be named")
        self.columns = [by_name[name] for name in fields]
        self.encoders = [ENCODERS[type(column)] for column in self.columns]
        self._rest = [_literal(column.get_default()) for column in others]
        quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
        names = ", ".join(quote(str(column.column)) for column in (*self.columns, *others))
        self._head = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 - names
        self.name = f"insert {model._meta.label} {len(fields)}"
        self.with_marks = self._statement(["?" for _ in fields])
        self.for_cursor = self._statement(["%s" for _ in fields])

    def numbered(self, rows: int) -> bytes:
        """Return the statement for ``rows`` rows, as PostgreSQL counts their values."""
        places = [f"${place + 1}" for place in range(rows * len(self.columns))]
        return self._statement(places).encode()

    def on_the_wire(self, row: Row) -> list[bytes | None]:
        """Return the values as PostgreSQL takes them in binary; OverflowError when one is too large."""
        try:
            return [
                None if value is None else encode(value)
                for encode, value in zip(self.encoders, row, strict=True)
            ]
        except struct.error as error:
            raise OverflowError(str(error)) from None

    def _statement(self, marks: Sequence[str]) -> str:
        width = len(self.columns)
        rows = (marks[start : start + width] for start in range(0, len(marks), width))
        values = ", ".join(f"({', '.join([*row, *self._rest])})" for row in rows)
        return f"{self._head}{values} ON CONFLICT DO NOTHING"


def insert_once(model: type[models.Model], fields: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert ``rows``; one whose key is there already is left alone.

    In a transaction of the caller they are part of it.  Otherwise they are on disk when this
    returns, and when it fails they can be inserted again.
    """
    real = connections[DEFAULT_DB_ALIAS]
    insertion = _insertion(model, fields)
    if real.in_atomic_block:
        _insert_by_cursor(real, insertion, rows)
    elif real.vendor == "postgresql":
        for start in range(0, len(rows), ROWS):
            _insert_in_postgresql(real, insertion, rows[start : start + ROWS])
    else:
        _insert_in_sqlite(real, insertion, rows)


@cache
def _insertion(model: type[models.Model], fields: tuple[str, ...]) -> Insertion:
    return Insertion(model, fields)


def _literal(default: int | str | None) -> str:
    """Return a default of ours as it stands in a statement."""
    if default is None:
        return "NULL"
    return str(default) if isinstance(default, int) else f"'{default}'"


def _insert_by_cursor(real: BaseDatabaseWrapper, insertion: Insertion, rows: Sequence[Row]) -> None:
    with real.cursor() as cursor:
        cursor.executemany(insertion.for_cursor, converted(insertion.columns, rows))


def _insert_in_sqlite(real: BaseDatabaseWrapper, insertion: Insertion, rows: Sequence[Row]) -> None:
    values = converted(insertion.columns, rows)
    real.ensure_connection()
    database = real.connection
    with real.wrap_database_errors:
        sqlite.begin(database)
        try:
            database.executemany(insertion.with_marks, values)
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")


# The names of what each connection has prepared.
_prepared: "WeakKeyDictionary[psycopg.Connection[Any], set[bytes]]" = WeakKeyDictionary()


def _insert_in_postgresql(
    real: BaseDatabaseWrapper, insertion: Insertion, rows: Sequence[Row]
) -> None:
    values = [value for row in rows for value in insertion.on_the_wire(row)]
    real.ensure_connection()
    with real.wrap_database_errors:
        pipe, prepared = real.connection.pgconn, _prepared.setdefault(real.connection, set())
        name = f"{insertion.name} {len(rows)}".encode()
        if name not in prepared:
            pipe.prepare(name, insertion.numbered(len(rows)))
            prepared.add(name)
        result = pipe.exec_prepared(name, values, [Format.BINARY] * len(values))
    if result.status != ExecStatus.COMMAND_OK:
        # The statement or the connection is gone, or a row is refused: ask again in the way that
        # says what is wrong.
        prepared.clear()
        _insert_by_cursor(real, insertion, rows)


class _Here(threading.local):
    """Whether the transaction under way in this thread is to be on disk when it ends."""

    waits = False


_here = _Here()


@contextmanager
def kept_soon() -> Iterator[None]:
    """Make a transaction that is on disk soon, and not yet when this returns.

    A server that loses its last moment loses it as a whole, with all that came after it, so it is
    for what nobody misses, and for what is done again where its trace is gone.  The disk takes longer
    than all else in a small transaction, and whoever waits for a webhook waits for the same disk.
    Within a transaction of the caller nothing changes: it waits for all that is in it.
    """
    real = connections[DEFAULT_DB_ALIAS]
    real.ensure_connection()
    on_sqlite, nested = real.vendor == "sqlite", real.in_atomic_block
    hurry = sqlite.not_waiting_for_disk(real.connection) if on_sqlite else nullcontext()
    if not nested:
        _here.waits = False
    with hurry, transaction.atomic():
        yield
        if not (on_sqlite or nested or _here.waits or real.needs_rollback):
            with real.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO OFF")


def wait_for_disk() -> None:
    """Let the transaction under way be on disk when it ends, for this process remembers what it made.

    A server of PostgreSQL may end and come back without us.  With SQLite only the machine could lose
    what was committed, and it would take this process along.
    """
    _here.waits = True
