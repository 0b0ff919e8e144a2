"""What single filters cost in a large portal: their first page, one far behind it, the last, and counts.

Run by hand:  python -m tests.benchmarks.filters --database postgresql|sqlite

It asks the portal that ``large`` made and one with ten thousand errors (``sizes``), and tells the ratio
of both medians.
"""

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.browse import BOUNDED, COUNTS, ERRORS, PAGE, Asking, plain
from tests.benchmarks.pages import Goal, Request
from tests.benchmarks.sizes import measure
from tests.stack import Stack

LINES = (
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
    "-code:1002,1004 since:all",
    "-has:comments",
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
FAR = 20  # pages behind the first, or as many as there are
SHARE = {"share": 0.1}


def goals() -> Iterator[Goal]:
    """Yield what each line has to reach."""
    for line in LINES:
        yield from _of_line(line)


def _of_line(line: str) -> Iterator[Goal]:
    counts = BOUNDED if "onboarding" in line or "has:" in line else COUNTS
    last = _asking(lambda: f"{ERRORS}?{_query(line)}&cursor=oldest")
    counted = _asking(lambda: f"{ERRORS}counts/?{_query(line)}")
    yield Goal(line, _page(line), **PAGE | SHARE)
    yield Goal(f"{line} · page {FAR}", _page(line, FAR), first=line, **PAGE | SHARE)
    yield Goal(f"{line} · last page", last, first=line, **PAGE | SHARE)
    yield Goal(f"{line} · counts", counted, **counts | SHARE)


def _page(line: str, far: int = 0) -> Asking:
    """Ask for a page that is so many behind the first."""

    def address() -> str:
        keyset: Any = importlib.import_module("support_portal.core.keyset")
        models: Any = importlib.import_module("support_portal.events.models")
        filtering: Any = importlib.import_module("support_portal.browsing.filtering")
        query = _query(line)
        told = importlib.import_module("django.http").QueryDict(query)
        asked = filtering.Filter.read(_errors(), told, datetime.now(UTC))
        rows, cursor = asked.rows(models.EVERYTHING).newest_first(), ""
        for _ in range(far):
            cursor = keyset.paginate(rows, cursor=cursor).older or cursor
        place = {"cursor": cursor} if cursor else {}
        return f"{ERRORS}?{query}&{urlencode(place)}".rstrip("&")

    return _asking(address)


def _asking(address: Callable[[], str]) -> Asking:
    """Ask again and again for an address that is not known before the portal is open."""

    def requests(portal: Stack) -> Iterator[Request]:
        yield from plain(address())(portal)

    return requests


def _query(line: str) -> str:
    """Return the address that a line leads to, as somebody gets who types it."""
    models: Any = importlib.import_module("support_portal.events.models")  # needs the settings
    filtering: Any = importlib.import_module("support_portal.browsing.filtering")
    windows: Any = importlib.import_module("support_portal.browsing.windows")
    now = datetime.now(UTC)
    typed, problems = filtering.Filter.from_line(_errors(), line, now)
    if problems:
        raise ValueError(f"{line}: {problems[0].text}")
    return str(windows.windowed(typed, models.EVERYTHING, now).to_query())


def _errors() -> Any:
    return importlib.import_module("support_portal.insights.models").Kind.ERROR


if __name__ == "__main__":
    measure("filters", __doc__, tuple(goals()))
