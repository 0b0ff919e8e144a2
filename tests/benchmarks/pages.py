"""Asking the whole site for pages, session and template included, without a web server."""

import importlib
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

WARM = 20

Request = tuple[str, dict[str, str]]  # method and path, form


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked again and again, and how long it may take in milliseconds."""

    name: str
    requests: Callable[[Any], Iterator[Request]]  # given where the stored ids are drawn from
    median: float
    worst: float  # of a hundred
    share: float = 1.0  # of the requests of a run


def line(goal: Goal, before: list[float], after: list[float]) -> str:
    """Return what is printed of a goal, with the ratio of both medians."""
    median, worst = statistics.median(after), statistics.quantiles(after, n=100)[98]
    ratio = median / statistics.median(before)
    good = median <= goal.median and worst <= goal.worst
    return (
        f"{'ok  ' if good else 'SLOW'} {goal.name:<24} p50 {median:7.1f} ms  p99 {worst:7.1f} ms"
        f"  ratio {ratio:.2f}\n"
    )


def times(goal: Goal, client: Any, asked: Iterator[Request], number: int) -> list[float]:
    """Return how many milliseconds each request took."""
    for request in islice(asked, WARM):
        ask(client, request)
    return [ask(client, request) for request in islice(asked, max(WARM, int(number * goal.share)))]


def ask(client: Any, request: Request) -> float:
    """Ask for a page and return the milliseconds it took."""
    method, path = request[0].split()
    started = time.perf_counter()
    response = client.get(path) if method == "GET" else client.post(path, request[1])
    milliseconds = (time.perf_counter() - started) * 1_000
    if response.status_code not in (200, 302):
        raise RuntimeError(f"{request[0]} was answered with {response.status_code}")
    return milliseconds


def queries(client: Any, request: Request) -> list[str]:
    """Return the questions to the database that a page asks."""
    capture = importlib.import_module("django.test.utils").CaptureQueriesContext
    with capture(importlib.import_module("django.db").connection) as captured:
        ask(client, request)
    return [query["sql"] for query in captured.captured_queries]


def signed_in() -> Any:
    """Return a client of somebody who may see everything."""
    users = importlib.import_module("support_portal.accounts.models").User  # needs the settings
    client = importlib.import_module("django.test").Client(headers={"host": "localhost"})
    person = users.objects.create_superuser(
        f"benchmark-{secrets.token_hex(4)}", "", secrets.token_urlsafe()
    )
    client.force_login(person, backend="support_portal.accounts.backends.PasswordBackend")
    return client
