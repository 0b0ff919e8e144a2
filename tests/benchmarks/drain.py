"""Where the time of a drain goes.

Run by hand:  python -m tests.benchmarks.drain --database sqlite|postgresql [--profile]

Every other run goes without the counts of ``insights``, to tell what they cost.
"""

import argparse
import contextlib
import cProfile
import importlib
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import django

from tests.benchmarks import raw
from tests.stack import DATABASES, Stack, stack
from tests.traffic import Traffic

FUNCTIONS = 40


def main() -> None:
    """Drain the same bodies a few times and say how long that took, and where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="sqlite")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--bodies", type=int, default=20)
    parser.add_argument("--size", type=int, default=1_000, help="events a body")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        os.environ.update(portal.environment)
        django.setup()
        drain_bodies = partial(_drain, portal, bodies=options.bodies, size=options.size)
        drain_bodies(0)
        if options.profile:
            with cProfile.Profile() as profile:
                drain_bodies(1)
            pstats.Stats(profile).sort_stats("tottime").print_stats(FUNCTIONS)
            return
        runs, bare = [], []
        for seed in range(1, options.runs + 1):
            runs.append(drain_bodies(seed))
            with _without_counts():
                bare.append(drain_bodies(seed)[0])
        drain_bodies(0)
        seconds, computing = (statistics.median(figures) for figures in zip(*runs, strict=True))
        events = options.bodies * options.size
        rows = raw.stored_rows(portal.database)
        raw.empty(portal.database)
        limit = raw.seconds_to_insert(portal.database, rows)
        sys.stdout.write(
            f"{options.database}: drain {events / seconds:,.0f} events/s, {computing / events * 1e6:.1f}"
            f" us of this process an event (medians of {options.runs}), raw {events / limit:,.0f} events/s;"
            f" counting costs {seconds / statistics.median(bare) - 1:.1%} of the time\n"
        )


@contextlib.contextmanager
def _without_counts() -> Iterator[None]:
    counting = importlib.import_module("support_portal.insights.counting")
    signal = importlib.import_module("support_portal.events.signals").tallied
    signal.disconnect(dispatch_uid="insights.counting")
    yield
    counting.connect()


def _drain(portal: Stack, seed: int, *, bodies: int, size: int) -> tuple[float, float]:
    """Return how long ``bodies`` of ``size`` new events take, by the clock and in this process."""
    services = importlib.import_module("support_portal.ingest.services")  # needs the settings
    raw.empty(portal.database)
    traffic = Traffic(seed, repeats=0.02, nonsense=0.01)
    for body in traffic.bodies(bodies * size, [size]):
        services.receive(body.bytes, source="api")
    started, computed = time.perf_counter(), time.process_time()
    while services.drain().more:
        pass
    return time.perf_counter() - started, time.process_time() - computed


if __name__ == "__main__":
    main()
