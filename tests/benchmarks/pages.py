"""Asking the whole site for pages, session and template included, without a web server."""

import importlib
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.benchmarks import table

WARM = 20
ROW = b'name="row"'  # the box of each row of a list

Request = tuple[str, dict[str, str]]  # method and path, form


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked again and again, and how long it may take in milliseconds."""

    name: str
    requests: Callable[[Any], Iterator[Request]]  # given where the stored ids are drawn from
    median: float
    worst: float  # of a hundred
    share: float = 1.0  # of the requests of a run
    ratio: float | None = None  # times what the same takes beside few rows, at most
    first: str = ""  # the goal of the first page, where this one lies far behind it


@dataclass(frozen=True, slots=True)
class Measured:
    """How many milliseconds requests took, and how many rows the last one showed."""

    times: list[float]
    rows: int

    @property
    def median(self) -> float:
        """Return what half of the requests took at most."""
        return statistics.median(self.times)


def line(goal: Goal, after: Measured, before: Measured, first: Measured | None) -> table.Line:
    """Return what is told of a goal; ``before`` is the same beside few rows.

    Pages that show fewer rows there have less to draw: then the ratio says so, and is not judged.
    """
    worst = table.worst_of_a_hundred(after.times)
    ratio, depth = after.median / before.median, after.median / first.median if first else 0.0
    alike = after.rows == before.rows
    reached = {
        "median": after.median <= goal.median,
        "worst": worst <= goal.worst,
        "depth": depth <= table.DEPTH,
        "ratio": goal.ratio is None or not alike or ratio <= goal.ratio,
    }
    return table.Line(
        goal.name,
        f"≤ {goal.median:,.0f} ms, ≤ {goal.worst:,.0f} ms",
        table.milliseconds(after.median),
        table.milliseconds(worst),
        f"{depth:.2f}" if first else "",
        f"{ratio:.2f}" + ("" if alike else f" ({before.rows} of {after.rows} rows)"),
        tuple(name for name, good in reached.items() if not good),
    )


def measured(goal: Goal, client: Any, asked: Iterator[Request], number: int) -> Measured:
    """Ask for a goal so many times, after some that are not counted."""
    for request in islice(asked, WARM):
        ask(client, request)
    number = max(WARM, int(number * goal.share))
    times = [ask(client, request) for request in islice(asked, number)]
    return Measured(times, _rows(client, next(asked)))


def _rows(client: Any, request: Request) -> int:
    """Return how many rows a page shows."""
    method, path = request[0].split()
    return client.get(path).content.count(ROW) if method == "GET" else 0


def ask(client: Any, request: Request) -> float:
    """Ask for a page and return the milliseconds it took."""
    method, path = request[0].split()
    started = time.perf_counter()
    response = client.get(path) if method == "GET" else client.post(path, request[1])
    milliseconds = (time.perf_counter() - started) * 1_000
    if response.status_code not in ((200,) if method == "GET" else (200, 302)):
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
