"""What single filters cost in a large portal: the rows of a page, its count, and words to look for.

Run by hand after large.py:  python -m tests.benchmarks.filters --database postgresql

Each line of words is asked several times: reading it, choosing its window, its rows, the rows of a
page in the middle, and its number from the counts.  Milliseconds, medians and the worst.
"""

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.large import NAME, large

LINES = (
    "",
    "code:1300",
    "code:1300,2000,1002",
    "sub:northwind_tests",
    "code:7001 sub:northwind_gb_otp",
    "code:1300 country:FR -channel:sms",
    "country:AU",
    "country:NZ",
    "country:NZ since:all",
    "http:4xx",
    "http:5xx since:all",
    "channel:rcs code:7001 country:GB",
    "code:1000..1199",
    "-code:1002,1004",
    "whose:8x8",
    "whose:unknown",
    "table:none",
    "template",
    '"was not found" country:PH',
    "welcome",
    "onboarding",
    "nowhere-to-be-found",
    "flow onboarding",
    "expired -template since:all",
)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp/portal-large"))
    parser.add_argument("--name", default=NAME)
    parser.add_argument("--times", type=int, default=15)
    options = parser.parse_args()
    with large(options.folder / options.database, options.database, options.name):
        for line in LINES:
            sys.stdout.write(
                f"{line or '(all)':36}" + "  ".join(_costs(line, options.times)) + "\n"
            )
            sys.stdout.flush()


def _costs(line: str, number: int) -> Iterator[str]:
    filtering: Any = importlib.import_module("support_portal.browsing.filtering")
    windows: Any = importlib.import_module("support_portal.browsing.windows")
    keyset: Any = importlib.import_module("support_portal.core.keyset")
    models: Any = importlib.import_module("support_portal.events.models")
    insights: Any = importlib.import_module("support_portal.insights.models")
    asking: Any = importlib.import_module("support_portal.insights.asking")
    now = datetime.now(UTC)

    def read() -> Any:
        return filtering.Filter.from_line(insights.Kind.ERROR, line, now)[0]

    def page(asked: Any, cursor: str = "") -> Any:
        rows = asked.rows(models.EVERYTHING).newest_first()
        parts = asked.parts(models.EVERYTHING, "occurred_at")
        return keyset.paginate(rows, cursor=cursor, parts=[part.newest_first() for part in parts])

    def windowed() -> Any:
        return windows.windowed(read(), models.EVERYTHING, now)

    def counted() -> int:
        question = read_again().question(models.EVERYTHING, now)
        if question is None:
            return -int(read_again().count(models.EVERYTHING))
        return int(asking.total(question, asking.cells(question)))

    chosen = windowed().to_query()

    def read_again() -> Any:  # a filter remembers what it has searched
        query = importlib.import_module("django.http").QueryDict(chosen)
        return filtering.Filter.read(insights.Kind.ERROR, query, now)

    first = page(read_again())
    yield f"{len(first):3} rows"
    yield _took("window", windowed, number)
    yield _took("first", lambda: page(read_again()), number)
    deep = first
    for _ in range(20):
        deep = page(read_again(), deep.older) if deep.older else deep
    yield _took("deep", lambda: page(read_again(), deep.older), number)
    yield _took("oldest", lambda: page(read_again(), keyset.OLDEST), number)
    yield _took("count", counted, number) + f" = {counted():,}"


def _took(name: str, act: Callable[[], object], number: int) -> str:
    measured = []
    for _ in range(number):
        began = time.perf_counter()
        act()
        measured.append((time.perf_counter() - began) * 1_000)
    return f"{name} {statistics.median(measured):6.1f} (max {max(measured):6.1f})"


if __name__ == "__main__":
    main()
