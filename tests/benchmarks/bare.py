"""The least that "kept before it is answered" can cost: one durable row a request, nothing else.

Both applications are served by the same web server as the portal, with as many threads: ``view``
is the least that a Django project can do, ``application`` the same with no framework at all.
"""

import functools
import os
import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.stack import PostgresqlDatabase, SqliteDatabase

DATABASE = "BENCHMARK_DATABASE"  # a libpq URL, or the file of an SQLite database
TABLE = "benchmark_bare"
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
    return [b"kept\n"]


def view(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Do the same in a Django view, with no middleware and the portal's own database settings."""
    answer: Iterable[bytes] = _django()(environ, start_response)
    return answer


@functools.cache
def _django() -> Callable[..., Any]:
    databases = import_module("support_portal.settings.base").DATABASES
    databases["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=False)
    settings.configure(DATABASES=databases, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])
    return get_wsgi_application()


def _keep(request: HttpRequest, **_: object) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (body) VALUES (%s)", (request.body,))
    return HttpResponse(b"kept\n", status=202)


urlpatterns = [path("<path:any>", _keep)]
_thread = threading.local()


def _opened() -> tuple[Any, str]:
    """Return a connection with its statement, one for each thread that serves."""
    target = os.environ[DATABASE]
    if target.startswith("postgresql://"):
        return PostgresqlDatabase.open(target), f"INSERT INTO {TABLE} (body) VALUES (%s)"
    database = SqliteDatabase(Path(target).parent)
    return database.connect(), f"INSERT INTO {TABLE} (body) VALUES (?)"
