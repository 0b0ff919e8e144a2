"""The least that "kept before it is answered" can cost: one durable row a request, nothing else.

Served by the same web server as the portal, with no framework at all; ``bare_view`` is the least
that a Django project can do.  Their rates are what single requests are compared with.
"""

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.stack import PostgresqlDatabase, SqliteDatabase

DATABASE = "BENCHMARK_DATABASE"  # a libpq URL, or the file of an SQLite database
TABLE = "benchmark_bare"
KEPT = b"kept\n"
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def create_table(database: SqliteDatabase | PostgresqlDatabase) -> None:
    """Make the table that the bare application writes to."""
    kinds = {"sqlite": ("INTEGER", "BLOB"), "postgresql": ("BIGSERIAL", "BYTEA")}
    key, body = kinds[database.name]
    connection = database.connect()
    connection.execute(f"CREATE TABLE {TABLE} (id {key} PRIMARY KEY, body {body})")
    connection.close()


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Keep the body of the request and answer 202."""
    if not hasattr(_thread, "connection"):
        _thread.connection, _thread.statement = _opened()
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    _thread.connection.execute(_thread.statement, (body,))
    start_response("202 Accepted", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [KEPT]


_thread = threading.local()


def _opened() -> tuple[Any, str]:
    """Return a connection with its statement, one for each thread that serves."""
    target = os.environ[DATABASE]
    if target.startswith("postgresql://"):
        return PostgresqlDatabase.open(target), f"INSERT INTO {TABLE} (body) VALUES (%s)"
    database = SqliteDatabase(Path(target).parent)
    return database.connect(), f"INSERT INTO {TABLE} (body) VALUES (?)"
