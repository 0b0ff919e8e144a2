"""What the pages cost that are asked for most, beside few rows: time, processor time and queries.

Run by hand:  python -m tests.benchmarks.cost --database postgresql|sqlite [--profile "error page"]

It takes half a minute, so it can be run before and after a change; lookup.py measures among millions.
"""

import argparse
import cProfile
import importlib
import os
import pstats
import statistics
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import django

from tests.benchmarks import lookup
from tests.benchmarks.pages import WARM, Goal, Request, ask, queries, signed_in
from tests.stack import DATABASES, stack
from tests.traffic import Traffic

ASKED = ("error page", "message page", "one errorId, held", "one id, not held")
LISTS = (
    Goal("list of errors", lambda _: _again("GET /errors/"), 50, 100),
    Goal("first page", lambda _: _again("GET /"), 25, 100),
)
PROFILED = 60  # lines
SEEDS = 5_000  # events
BODIES = (1, 20)  # events a delivery


def main() -> None:
    """Measure each page after some that are not counted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="postgresql")
    parser.add_argument("--requests", type=int, default=150, help="of each kind")
    parser.add_argument("--profile", default="", help="a page whose functions are listed")
    parser.add_argument("--queries", default="", help="a page whose queries are listed")
    options = parser.parse_args()
    goals = [*(goal for goal in lookup.GOALS if goal.name in ASKED), *LISTS]
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        os.environ.update(portal.environment)
        django.setup()
        client = signed_in()
        drain()
        for goal in goals:
            asked = goal.requests(portal)
            for request in islice(asked, WARM):
                ask(client, request)
            sys.stdout.write(_line(goal, client, list(islice(asked, options.requests))))
            if goal.name == options.queries:
                sys.stdout.writelines(f"  {sql[:300]}\n" for sql in queries(client, next(asked)))
            if goal.name == options.profile:
                _profile(client, list(islice(asked, options.requests)))


def drain() -> None:
    """Record some thousand events in the way of all events."""
    services = importlib.import_module("support_portal.ingest.services")
    for body in Traffic(0, following=0.6).bodies(SEEDS, BODIES):
        services.receive(body.bytes, source="api")
    while services.drain().more:
        pass


def _line(goal: Goal, client: Any, requests: list[Request]) -> str:
    began = time.process_time()
    took = [ask(client, request) for request in requests]
    processor = (time.process_time() - began) * 1_000 / len(requests)
    number = len(queries(client, requests[0]))
    return (
        f"{goal.name:<24} p50 {statistics.median(took):6.1f} ms  p99"
        f" {statistics.quantiles(took, n=100)[98]:6.1f} ms  processor {processor:6.1f} ms"
        f"  {number} queries\n"
    )


def _profile(client: Any, requests: list[Request]) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for request in requests:
        ask(client, request)
    profile.disable()
    figures = pstats.Stats(profile)
    for order in ("tottime", "cumulative"):
        figures.sort_stats(order).print_stats(PROFILED)


def _again(request: str) -> Any:
    while True:
        yield request, {}


if __name__ == "__main__":
    main()
