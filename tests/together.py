"""Calls in threads, each with a connection of its own that it closes, however it ends."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, connections

Answer = TypeVar("Answer")
SECONDS = 30.0
many_writers = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)


def in_a_thread(call: Callable[[], Answer]) -> Answer:
    """Call it, and leave no connection behind."""
    try:
        return call()
    finally:
        connections.close_all()


def together(*calls: Callable[[], Answer]) -> list[Answer]:
    """Make the calls at the same moment and return what they answer; raise what one of them raises."""
    ready = threading.Barrier(len(calls))

    def one(call: Callable[[], Answer]) -> Answer:
        ready.wait(SECONDS)
        return in_a_thread(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        made = [pool.submit(one, call) for call in calls]
        return [each.result(SECONDS) for each in made]
