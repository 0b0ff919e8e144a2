"""How fast a million rows are exported, how soon the first byte comes, and what memory that takes.

Run by hand:  python -m tests.benchmarks.export --database postgresql|sqlite [--rows 1000000]

It asks the portal that ``large`` made.  What is sent at once comes through the whole site without a web
server; each kind of file is a process of its own, since memory is told at its highest.
"""

import argparse
import importlib
import resource
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tests.benchmarks import running, table
from tests.benchmarks.large import large
from tests.benchmarks.pages import signed_in

FILES = ("csv", "ndjson", "xlsx")
MIB = 2**20
MOST_FIRST, LEAST_RATE, MOST_MEMORY = 1_000, 30_000, 150  # milliseconds, rows a second, MB


class Run(NamedTuple):
    """What one file took; of a workbook ``first`` is the longest that others waited for their turn."""

    rows: int
    size: int
    first: float
    seconds: float


def main() -> None:
    """Measure each kind of file."""
    parser = running.parser(__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kind", choices=("errors", "messages"), default="errors")
    parser.add_argument("--file", choices=FILES)
    options = parser.parse_args()
    if options.file:
        _measure(options)
        return
    table.title(f"export of {options.rows:,} {options.kind} on {options.database}")
    for file in FILES:
        running.run("export", *sys.argv[1:], "--file", file)


def _measure(options: argparse.Namespace) -> None:
    with large(options.folder / options.database, options.database, options.name):
        client = signed_in()
        client.get(f"/{options.kind}/?per_page=25")  # what is loaded once
        before = _memory()
        export = _made if options.file == "xlsx" else _sent
        runs = [export(client, options) for _ in range(options.runs)]
    for line in _lines(options.file, runs, before):
        table.tell(line)


def _lines(file: str, runs: Sequence[Run], before: float) -> Iterator[table.Line]:
    firsts = [run.first * 1_000 for run in runs]
    rates = [run.rows / run.seconds for run in runs]
    memory = _memory()
    yield table.Line(
        f"{file}: first byte" if file != "xlsx" else f"{file}: longest turn of its maker",
        f"≤ {MOST_FIRST:,} ms",
        table.milliseconds(statistics.median(firsts)),
        table.milliseconds(max(firsts)),
        missed=("worst",) if max(firsts) > MOST_FIRST else (),
    )
    yield table.Line(
        f"{file}: rows a second, of {runs[0].rows:,} ({runs[0].size / MIB:,.0f} MB)",
        f"≥ {LEAST_RATE:,}",
        f"{statistics.median(rates):,.0f}",
        f"{min(rates):,.0f}",
        missed=("median",) if statistics.median(rates) < LEAST_RATE else (),
    )
    yield table.Line(
        f"{file}: memory ({before:,.0f} MB before)",
        f"≤ {MOST_MEMORY:,} MB",
        worst=f"{memory:,.0f} MB",
        missed=("worst",) if memory > MOST_MEMORY else (),
    )


def _sent(client: Any, options: argparse.Namespace) -> Run:
    began = time.perf_counter()
    response = client.get(f"/{options.kind}/export.{options.file}")
    rows, size, first = 0, 0, 0.0
    for piece in response.streaming_content:
        first = first or time.perf_counter() - began
        rows += piece.count(b"\n")
        size += len(piece)
        if rows > options.rows:
            break
    response.close()  # a process sends two at once, and no more
    return Run(rows, size, first, time.perf_counter() - began)


def _made(client: Any, options: argparse.Namespace) -> Run:
    """Let a workbook be made by stretches, as the worker does, up to so many rows."""
    jobs = importlib.import_module("support_portal.browsing.exports.jobs")  # needs the settings
    export = importlib.import_module("support_portal.browsing.models").Export
    export.objects.all().delete()
    client.post("/exports/new", {"kind": options.kind[:-1], "form": "xlsx"})
    began = turn = time.perf_counter()
    longest = 0.0
    while jobs.make(1.0):
        longest, turn = max(longest, time.perf_counter() - turn), time.perf_counter()
        made = export.objects.get()
        if made.rows >= options.rows:
            break
    seconds = time.perf_counter() - began
    export.objects.all().delete()
    return Run(made.rows, made.size, longest, seconds)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
