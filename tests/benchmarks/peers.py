"""The portal's pages beside those of the Django admin and of Datasette, over the same rows in one run.

Run by hand:  python -m tests.benchmarks.peers --database postgresql|sqlite [--datasette PYTHON]

It asks the portal that ``large`` made.  The admin runs in the same process, behind the same middleware.
Datasette reads SQLite only; ``--datasette`` names the Python of an environment that it is installed in,
which asks it without a web server too.  Each figure is the median of all requests but the first, in
milliseconds, with how many times the portal's it is.
"""

import argparse
import json
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from tests.benchmarks import running, table
from tests.benchmarks.browse import ERRORS_BY_TIME, deep, page
from tests.benchmarks.large import large
from tests.benchmarks.lookup import Ids
from tests.benchmarks.pages import Request, ask, signed_in
from tests.stack import Stack

SETTINGS = "tests.benchmarks.peers_settings"
CODE = "1300"
FAR = 2_000  # pages from the first, where there are so many
ROWS_A_PAGE = 50
Times = list[float]
ASK_DATASETTE = """
import asyncio, json, sys, time
from datasette.app import Datasette

async def main(file, number, paths):
    served = Datasette([file], settings={"sql_time_limit_ms": 60_000})
    await served.invoke_startup()
    for path in paths:
        times = []
        for _ in range(number):
            began = time.perf_counter()
            answer = await served.client.get(path)
            times.append((time.perf_counter() - began) * 1_000)
            if answer.status_code != 200:
                raise SystemExit(f"{path} was answered with {answer.status_code}")
        print(json.dumps([path, times]), flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is looked for, and where each program shows it."""

    name: str
    portal: Callable[[Stack], Iterator[Request]]
    admin: str  # what follows the admin's address
    datasette: str  # what follows the file's name

    def paths(self, error_id: str) -> tuple[str, str]:
        """Return the paths of the admin and of Datasette; ``error_id`` is one that is stored."""
        return self.admin.format(id=error_id), self.datasette.format(id=error_id.replace("-", ""))


def _one(portal: Stack) -> Iterator[Request]:
    return ((f"GET /errors/{id}/", {}) for id in Ids(portal).errors)


NEWEST = f"?_sort_desc=occurred_at&_size={ROWS_A_PAGE}"


def rows(pages: int) -> tuple[Row, ...]:
    """Return what is looked for in a portal with so many pages of errors; beyond them the admin has none."""
    return (
        Row("newest errors", page("/errors/"), "", NEWEST),
        Row(
            "errors of a code",
            page("/errors/", code=CODE),
            f"?code={CODE}",
            f"{NEWEST}&code={CODE}",
        ),
        Row(
            f"page {pages:,}",
            deep("/errors/", ERRORS_BY_TIME),
            f"?p={pages}",
            # It goes on from a row, as the portal does, so any page costs as much as another.
            f"{NEWEST}&_nocount=1&_nofacet=1",
        ),
        Row("one error", _one, "{id}/change/", "/{id}"),
    )


def main() -> None:
    """Ask each program for each thing, and print medians and ratios."""
    parser = running.parser(__doc__)
    parser.add_argument(
        "--requests", type=int, default=9, help="of each kind; those of the portal ×10"
    )
    parser.add_argument("--datasette", metavar="PYTHON", help="of an environment that has it")
    options = parser.parse_args()
    folder = options.folder / options.database
    with large(folder, options.database, options.name, SETTINGS) as portal:
        error_id = str(next(Ids(portal).errors))
        asked = rows(_pages(portal))
        own = [_own(row, portal, options.requests * 10) for row in asked]
        table.title(f"other programs on {options.database}; the ratio is to the portal")
        for program in ("admin", "tuned"):
            others = [_admin(program, row.paths(error_id)[0], options.requests) for row in asked]
            _print(f"Django {program}", asked, own, others)
        if options.datasette:
            _print("Datasette", asked, own, _datasette(options, portal, asked, error_id))


def _pages(portal: Stack) -> int:
    """Return how many pages of errors there are, FAR at most; counting all would warm the caches."""
    some = f"(SELECT 1 FROM events_errorevent LIMIT {FAR * ROWS_A_PAGE}) AS held"
    return max(1, portal.count(some) // ROWS_A_PAGE)


def _own(row: Row, portal: Stack, number: int) -> Times:
    client = signed_in()
    return [ask(client, request) for request in islice(row.portal(portal), number)]


def _admin(program: str, rest: str, number: int) -> Times:
    client = signed_in()
    return [ask(client, (f"GET /{program}/events/errorevent/{rest}", {})) for _ in range(number)]


def _datasette(
    options: argparse.Namespace, portal: Stack, asked: Sequence[Row], error_id: str
) -> list[Times]:
    """Ask Datasette in an environment of its own for every row."""
    file = Path(portal.database.url.removeprefix("sqlite:///"))
    paths = [f"/{quote(file.stem)}/events_errorevent{row.paths(error_id)[1]}" for row in asked]
    told = subprocess.run(
        [options.datasette, "-c", ASK_DATASETTE, str(file), str(options.requests), *paths],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    found: Mapping[str, Times] = dict(json.loads(line) for line in told.splitlines())
    return [found[path] for path in paths]


def _print(program: str, asked: Sequence[Row], own: list[Times], others: list[Times]) -> None:
    for row, portal, other in zip(asked, own, others, strict=True):
        mine, theirs = statistics.median(portal[1:]), statistics.median(other[1:])
        table.tell(
            table.Line(
                f"{row.name}: {program}",
                f"(portal {table.milliseconds(mine)})",
                table.milliseconds(theirs),
                table.milliseconds(max(other[1:])),
                ratio=f"{theirs / mine:,.1f}",
                judged=False,
            )
        )


if __name__ == "__main__":
    main()
