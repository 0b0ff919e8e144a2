"""The same requests beside tens of millions of rows and beside ten thousand errors.

The time is that of the whole site for one request, session and template included, without a web
server.  The large portal is the one that ``large`` made; the small one is made here, asked by a
process of its own, and removed.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.large import NAME, large
from tests.benchmarks.pages import Goal, line, signed_in, times
from tests.processes import PYTHON, REPOSITORY
from tests.stack import DATABASES

SMALL = 10_000


def measure(module: str, about: str | None, goals: Sequence[Goal]) -> None:
    """Print medians, 99th percentiles and ratios; ``module`` is the benchmark that has the goals."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--database", choices=sorted(DATABASES), default="postgresql")
    parser.add_argument("--requests", type=int, default=300, help="of each kind")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/portal-large"))
    parser.add_argument("--figures", action="store_true", help="print the times alone")
    parser.add_argument("--name", default=NAME)
    options = parser.parse_args()
    before = {} if options.figures else _small(module, options)
    with large(options.folder / options.database, options.database, options.name) as portal:
        client = signed_in()
        for goal in goals:
            after = times(goal, client, goal.requests(portal), options.requests)
            if options.figures:
                sys.stdout.write(f"{goal.name}\t{' '.join(map(str, after))}\n")
            else:
                sys.stdout.write(line(goal, before[goal.name], after))
                sys.stdout.flush()


def _small(module: str, options: argparse.Namespace) -> dict[str, list[float]]:
    """Return the times of each goal beside SMALL errors."""
    with tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder:
        shared = ["--database", options.database, "--folder", folder, "--name", "portal_small"]
        _run("large", *shared, "--errors", str(SMALL), "--receipts", str(3 * SMALL))
        told = _run(module, *shared, "--requests", str(options.requests), "--figures")
        _run("large", *shared, "--drop")
    rows = (row.split("\t") for row in told.splitlines())
    return {name: [float(figure) for figure in figures.split()] for name, figures in rows}


def _run(module: str, *arguments: str) -> str:
    return subprocess.run(
        [*PYTHON, "-m", f"tests.benchmarks.{module}", *arguments],
        cwd=REPOSITORY,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
