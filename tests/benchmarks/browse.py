"""How long the pages that one browses take beside tens of millions of rows.

Run by hand:  python -m tests.benchmarks.browse --database postgresql|sqlite

It asks the portal that ``large`` made and one with ten thousand errors (``sizes``), and tells the ratio
of both medians.
"""

import importlib
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.pages import Goal, Request
from tests.benchmarks.sizes import measure
from tests.stack import Stack

DAYS = 90
SEED = 1


def page(path: str, *, days: int = DAYS, **chosen: str) -> Callable[[Stack], Iterator[Request]]:
    """Ask for one page again and again."""
    end = datetime.now(UTC).replace(microsecond=0)
    span = {"from": _spelt(end - timedelta(days=days)), "to": _spelt(end)}

    def requests(_: Stack) -> Iterator[Request]:
        while True:
            yield f"GET {path}?{urlencode(span | chosen)}", {}

    return requests


def deep(path: str, columns: tuple[str, str], **chosen: str) -> Callable[[Stack], Any]:
    """Ask for pages that begin anywhere, as somebody finds who goes on and on."""
    same = page(path, **chosen)

    def requests(portal: Stack) -> Iterator[Request]:
        signer = importlib.import_module("support_portal.core.keyset").SIGNER
        draw = random.Random(SEED)
        time, key = columns
        for method_and_path, form in same(portal):
            moment = datetime.now(UTC) - timedelta(days=draw.uniform(0, DAYS))
            zero = "00000000-0000-0000-0000-000000000000"
            cursor = signer.sign_object(["a", f"-{time},{key}", [moment.isoformat(), zero]])
            yield f"{method_and_path}&{urlencode({'cursor': cursor})}", form

    return requests


def _spelt(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


ERRORS, MESSAGES = "/errors/", "/messages/"
ERRORS_BY_TIME = ("occurred_at", "error_id")
MESSAGES_BY_TIME = ("state_at", "umid")
RARE, COMMON = "7002", "1300"
PAGE = {"median": 25, "worst": 80}
COUNTS = {"median": 150, "worst": 400, "share": 0.2}
GOALS = (
    Goal("errors", page(ERRORS), **PAGE),
    Goal("errors, deep", deep(ERRORS, ERRORS_BY_TIME), **PAGE),
    Goal("common code", page(ERRORS, code=COMMON), **PAGE),
    Goal("common code, deep", deep(ERRORS, ERRORS_BY_TIME, code=COMMON), **PAGE),
    Goal("rare code", page(ERRORS, code=RARE), **PAGE),
    Goal("code and sub-account", page(ERRORS, code=RARE, sub_account="northwind_tests"), **PAGE),
    Goal("code and country", page(ERRORS, code=COMMON, country="FR"), **PAGE),
    Goal("two codes, sub-account", page(ERRORS, code="1300,2000", sub_account="northwind_au"), **PAGE),
    Goal("errors by code", page(ERRORS, sort="code"), **PAGE),
    Goal("errors, oldest first", page(ERRORS, sort="time"), **PAGE),
    Goal("errors of a day", page(ERRORS, days=1), **PAGE),
    Goal("messages", page(MESSAGES), **PAGE),
    Goal("messages, deep", deep(MESSAGES, MESSAGES_BY_TIME), **PAGE),
    Goal("failed messages", page(MESSAGES, state="undelivered"), **PAGE),
    Goal("messages of a channel", page(MESSAGES, channel="rcs"), **PAGE),
    Goal("counts of 90 days", page(f"{ERRORS}counts/"), **COUNTS),
    Goal("counts of a code", page(f"{ERRORS}counts/", code=COMMON), **COUNTS),
    Goal("counts of a week", page(f"{ERRORS}counts/", days=7), **COUNTS),
    Goal("counts of a day", page(f"{ERRORS}counts/", days=1), **COUNTS),
    Goal("message counts", page(f"{MESSAGES}counts/"), **COUNTS),
    Goal("failures by code", page(f"{ERRORS}by-code/", days=45), **COUNTS),
)  # fmt: skip


if __name__ == "__main__":
    measure("browse", __doc__, GOALS)
