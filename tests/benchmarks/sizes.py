"""The same requests beside tens of millions of rows and beside ten thousand errors.

The time is that of the whole site for one request, session and template included, without a web
server.  The large portal is the one that ``large`` made; the small one is made here, asked by a
process of its own, and removed.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks import running, table
from tests.benchmarks.large import large
from tests.benchmarks.pages import Goal, Measured, line, measured, signed_in

SMALL, SMALL_NAME = 10_000, "portal_small"


def measure(module: str, about: str | None, goals: Sequence[Goal]) -> None:
    """Print a table of goals; ``module`` is the benchmark that has them."""
    parser = running.parser(about)
    parser.add_argument("--requests", type=int, default=300, help="of each kind")
    parser.add_argument("--small", type=Path, help="folder of a small portal that is there")
    parser.add_argument("--figures", action="store_true", help="print the times alone")
    options = parser.parse_args()
    if options.figures:
        _print_figures(goals, options)
    elif options.small:
        _compare(module, goals, options)
    else:
        with small(options.database) as options.small:
            _compare(module, goals, options)


@contextlib.contextmanager
def small(database: str) -> Iterator[Path]:
    """Make a portal of SMALL errors, and remove it in the end."""
    with tempfile.TemporaryDirectory(prefix="portal-benchmark-") as folder:
        shared = ["--database", database, "--folder", folder, "--name", SMALL_NAME]
        running.told("large", *shared, "--errors", str(SMALL), "--receipts", str(3 * SMALL))
        try:
            yield Path(folder)
        finally:
            running.told("large", *shared, "--drop")


def _compare(module: str, goals: Sequence[Goal], options: argparse.Namespace) -> None:
    before = _beside_few(module, options)
    after: dict[str, Measured] = {}
    table.title(f"{module} on {options.database}")
    for name, found in _asked(goals, options):
        after[name] = found
        (goal,) = (goal for goal in goals if goal.name == name)
        table.tell(line(goal, found, before[name], after.get(goal.first)))


def _asked(goals: Sequence[Goal], options: argparse.Namespace) -> Iterator[tuple[str, Measured]]:
    """Yield how long each goal takes in the portal of the options."""
    with large(options.folder / options.database, options.database, options.name) as portal:
        client = signed_in()
        for goal in goals:
            yield goal.name, measured(goal, client, goal.requests(portal), options.requests)


def _print_figures(goals: Sequence[Goal], options: argparse.Namespace) -> None:
    for name, found in _asked(goals, options):
        sys.stdout.write(json.dumps([name, found.times, found.rows]) + "\n")


def _beside_few(module: str, options: argparse.Namespace) -> Mapping[str, Measured]:
    told = running.told(
        module, "--database", options.database, "--requests", str(options.requests), "--figures",
        "--folder", str(options.small), "--name", SMALL_NAME,
    )  # fmt: skip
    found = map(json.loads, told.splitlines())
    return {name: Measured(times, rows) for name, times, rows in found}
