"""Queries that are given up when they take too long: nobody waits for a page that reads everything."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection, transaction

STEPS = 20_000  # of SQLite's machine between two looks at the clock: some 0.2 ms
_GIVEN_UP = ("canceling statement due to statement timeout", "interrupted")


class TookTooLong(Exception):
    """A query was given up."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Give up queries inside that take longer than ``seconds``; TookTooLong is raised then.

    On PostgreSQL each query has the time for itself, on SQLite all of them together.
    """
    try:
        with _postgresql(seconds) if connection.vendor == "postgresql" else _sqlite(seconds):
            yield
    except OperationalError as error:
        if any(words in str(error) for words in _GIVEN_UP):
            raise TookTooLong from error
        raise


@contextmanager
def _postgresql(seconds: float) -> Iterator[None]:
    """Set the timeout for a transaction: whatever happens, it ends with it."""
    within = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")  # takes no parameter
        yield
        if within:  # what is around goes on
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")


@contextmanager
def _sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    held: Any = connection.connection
    until = time.monotonic() + seconds
    held.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    finally:
        held.set_progress_handler(None, 0)
