"""How fast a million rows are exported, how soon the first byte comes, and what memory that takes.

Run by hand:  python -m tests.benchmarks.export --database postgresql|sqlite [--rows 1000000]

It asks the portal that ``large`` made.  What is sent at once comes through the whole site without a web
server; each kind of file is a process of its own, since memory is told at its highest.
"""

import argparse
import importlib
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.large import NAME, large
from tests.benchmarks.pages import signed_in
from tests.processes import PYTHON, REPOSITORY
from tests.stack import DATABASES

FILES = ("csv", "ndjson", "xlsx")
MIB = 2**20


def main() -> None:
    """Measure each kind of file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=sorted(DATABASES), default="postgresql")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/portal-large"))
    parser.add_argument("--name", default=NAME)
    parser.add_argument("--kind", choices=("errors", "messages"), default="errors")
    parser.add_argument("--file", choices=FILES)
    options = parser.parse_args()
    if options.file:
        _measure(options)
        return
    for file in FILES:
        command = [*PYTHON, "-m", "tests.benchmarks.export", *sys.argv[1:], "--file", file]
        subprocess.run(command, cwd=REPOSITORY, check=True)


def _measure(options: argparse.Namespace) -> None:
    with large(options.folder / options.database, options.database, options.name):
        client = signed_in()
        client.get(f"/{options.kind}/?per_page=25")  # what is loaded once
        before = _memory()
        busy = time.process_time()
        told = _made(client, options) if options.file == "xlsx" else _sent(client, options)
        rows, size, first, seconds = told
        busy = time.process_time() - busy
        sys.stdout.write(
            f"{options.database} {options.kind} {options.file}: {rows:,} rows, {size / MIB:,.0f} MB,"
            f" first byte {first * 1000:.0f} ms, {rows / seconds:,.0f} rows/s"
            f" ({rows / busy:,.0f} in a second of its own work),"
            f" memory {_memory():.0f} MB at most ({before:.0f} before)\n"
        )


def _sent(client: Any, options: argparse.Namespace) -> tuple[int, int, float, float]:
    began = time.perf_counter()
    response = client.get(f"/{options.kind}/export.{options.file}")
    rows, size, first = 0, 0, 0.0
    for piece in response.streaming_content:
        first = first or time.perf_counter() - began
        rows += piece.count(b"\n")
        size += len(piece)
        if rows > options.rows:
            break
    return rows, size, first, time.perf_counter() - began


def _made(client: Any, options: argparse.Namespace) -> tuple[int, int, float, float]:
    """Let a workbook be made by stretches, as the worker does, up to so many rows."""
    jobs = importlib.import_module("support_portal.browsing.exports.jobs")  # needs the settings
    export = importlib.import_module("support_portal.browsing.models").Export
    export.objects.all().delete()
    client.post("/exports/new", {"kind": options.kind[:-1], "form": "xlsx"})
    began = time.perf_counter()
    first = 0.0
    while jobs.make(1.0):
        first = first or time.perf_counter() - began  # how long others wait for their turn
        made = export.objects.get()
        if made.rows >= options.rows:
            break
    seconds = time.perf_counter() - began
    export.objects.all().delete()
    return made.rows, made.size, first, seconds


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
