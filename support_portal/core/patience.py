"""Queries that are given up when they take too long: nobody waits for a page that reads everything."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction

STEPS = 20_000  # of SQLite's machine between two looks at the clock: some 0.2 ms
CANCELED = "57014"  # what PostgreSQL says of it in every language
INTERRUPTED = "interrupted"  # what SQLite says


class TookTooLong(Exception):
    """A query was given up."""


class Limit(NamedTuple):
    """How long queries may take, and until when on the monotonic clock."""

    seconds: float
    until: float


_limit: ContextVar[Limit | None] = ContextVar("limit", default=None)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Give up queries inside that take longer than ``seconds``; TookTooLong is raised then.

    On PostgreSQL each query has the time for itself, on SQLite all of them together.  Inside another
    limit this one holds, and afterwards the other again.
    """
    outer, until = _limit.get(), Limit(seconds, time.monotonic() + seconds)
    token = _limit.set(until)
    try:
        with (
            _postgresql(until, outer)
            if connection.vendor == "postgresql"
            else _sqlite(until, outer)
        ):
            yield
    except OperationalError as error:
        if _is_given_up(error):
            raise TookTooLong from error
        raise
    finally:
        _limit.reset(token)


def _is_given_up(error: OperationalError) -> bool:
    if connection.vendor == "postgresql":
        return getattr(error.__cause__, "sqlstate", None) == CANCELED
    return INTERRUPTED in str(error)


@contextmanager
def _postgresql(limit: Limit, outer: Limit | None) -> Iterator[None]:
    """Set the timeout for a transaction: whatever happens, it ends with it."""
    within = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        _set_timeout(cursor, limit)
        yield
        if within:  # what is around goes on
            _set_timeout(cursor, outer)


def _set_timeout(cursor: Any, limit: Limit | None) -> None:
    value = str(int(limit.seconds * 1000)) if limit else "DEFAULT"
    cursor.execute(f"SET LOCAL statement_timeout = {value}")  # takes no parameter


@contextmanager
def _sqlite(limit: Limit, outer: Limit | None) -> Iterator[None]:
    _set_handler(limit)
    try:
        yield
    finally:
        _set_handler(outer)


def _set_handler(limit: Limit | None) -> None:
    connection.ensure_connection()
    held: Any = connection.connection
    if limit is None:
        held.set_progress_handler(None, 0)
    else:
        held.set_progress_handler(lambda: time.monotonic() > limit.until, STEPS)
