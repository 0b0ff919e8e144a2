"""How long a draft of 1,000 errors takes, and the page of an inquiry with 1,000 pieces of evidence.

Run by hand:  python -m tests.benchmarks.inquiries --database postgresql|sqlite [--profile]
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
from pathlib import Path
from typing import Any

import django

from tests.benchmarks.cost import drain
from tests.benchmarks.pages import ask, queries, signed_in
from tests.stack import DATABASES, stack

PIECES = 1_000
MOST_STARTING, MOST_PAGE = 1_000, 100  # milliseconds
STARTS, REQUESTS = 5, 20
PROFILED = 45  # lines


def main() -> None:
    """Start drafts of the freshest errors, then show one again and again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="postgresql")
    parser.add_argument("--profile", action="store_true", help="list the functions of the page")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder,
        stack(Path(folder), database=options.database) as portal,
    ):
        os.environ.update(portal.environment)
        django.setup()
        client = signed_in()
        drain()
        chosen = {"do": "inquiry", "all": "1", "into": "new"}
        began = time.process_time()
        starts = [ask(client, ("POST /errors/selected/", chosen)) for _ in range(STARTS)]
        processor = (time.process_time() - began) * 1_000 / STARTS
        inquiry: Any = importlib.import_module("support_portal.inquiries.models").Inquiry
        pieces = inquiry.objects.latest("pk").evidence.count()
        sys.stdout.write(_line(f"draft of {pieces:,} errors", starts, processor, MOST_STARTING))
        request = (f"GET /inquiries/{inquiry.objects.latest('pk').pk}/", {})
        ask(client, request)
        began = time.process_time()
        pages = [ask(client, request) for _ in range(REQUESTS)]
        processor = (time.process_time() - began) * 1_000 / REQUESTS
        number = len(queries(client, request))
        sys.stdout.write(_line(f"its page, {number} queries", pages, processor, MOST_PAGE))
        if options.profile:
            profile = cProfile.Profile()
            profile.runcall(lambda: [ask(client, request) for _ in range(REQUESTS)])
            for order in ("tottime", "cumulative"):
                pstats.Stats(profile).sort_stats(order).print_stats(PROFILED)


def _line(name: str, took: list[float], processor: float, most: float) -> str:
    good = "ok  " if statistics.median(took) <= most else "SLOW"
    return (
        f"{good} {name:<28} p50 {statistics.median(took):7.1f} ms  worst {max(took):7.1f} ms"
        f"  processor {processor:6.1f} ms\n"
    )


if __name__ == "__main__":
    main()
