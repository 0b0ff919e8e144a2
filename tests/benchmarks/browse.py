"""How long the pages that one browses take beside tens of millions of rows.

Run by hand:  python -m tests.benchmarks.browse --database postgresql|sqlite

It asks the portal that ``large`` made and one with ten thousand errors (``sizes``), and tells the ratio
of both medians.
"""

import importlib
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tests.benchmarks.pages import Goal, Request
from tests.benchmarks.sizes import measure
from tests.stack import Stack

DAYS = 90
Asking = Callable[[Stack], Iterator[Request]]


def page(path: str, *, days: int = DAYS, **chosen: str) -> Asking:
    """Ask for one page again and again."""
    end = datetime.now(UTC).replace(microsecond=0)
    span = {"from": _spelt(end - timedelta(days=days)), "to": _spelt(end)}
    return plain(f"{path}?{urlencode(span | chosen)}")


def plain(address: str) -> Asking:
    """Ask for one address again and again."""

    def requests(_: Stack) -> Iterator[Request]:
        while True:
            yield f"GET {address}", {}

    return requests


def deep(path: str, order: str, **chosen: str) -> Asking:
    """Ask for pages that begin behind any stored row, as somebody finds who goes on and on."""
    same = page(path, **chosen)

    def requests(portal: Stack) -> Iterator[Request]:
        for (method_and_path, form), cursor in zip(
            same(portal), cursors(path, order), strict=False
        ):
            yield f"{method_and_path}&{urlencode({'cursor': cursor})}", form

    return requests


def cursors(path: str, order: str) -> Iterator[str]:
    """Yield the places of stored rows, each drawn at random, in an order of keyset paging."""
    signer = importlib.import_module("support_portal.core.keyset").SIGNER  # needs the settings
    models = importlib.import_module("support_portal.events.models")
    model: Any = models.ErrorEvent if path == ERRORS else models.Message
    while True:
        from_here = model.objects.filter(pk__gte=UUID(bytes=secrets.token_bytes(16)))
        for row in from_here.order_by("pk").values_list(*order[1:].split(","))[:1]:
            yield signer.sign_object(["a", order, [_written(value) for value in row]])


def _written(value: Any) -> int | str:
    if isinstance(value, int):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _spelt(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


ERRORS, MESSAGES = "/errors/", "/messages/"
ERRORS_BY_TIME, MESSAGES_BY_TIME = "-occurred_at,error_id", "-state_at,umid"
RARE, COMMON = "7002", "1300"
PAGE = {"median": 25, "worst": 80, "ratio": 1.5}
COUNTS = {"median": 150, "worst": 400, "share": 0.2}
BOUNDED = {"median": 1_000, "worst": 1_500, "share": 0.1}  # where nothing is counted beforehand
ALONE = {"median": 100, "worst": 250, "share": 0.3}
SEARCH = {"median": 300, "worst": 500, "share": 0.3}
GOALS = (
    Goal("errors", page(ERRORS), **PAGE),
    Goal("errors, deep", deep(ERRORS, ERRORS_BY_TIME), first="errors", **PAGE),
    Goal("common code", page(ERRORS, code=COMMON), **PAGE),
    Goal(
        "common code, deep",
        deep(ERRORS, ERRORS_BY_TIME, code=COMMON),
        first="common code",
        **PAGE,
    ),
    Goal("rare code", page(ERRORS, code=RARE), **PAGE),
    Goal("code and sub-account", page(ERRORS, code=RARE, sub_account="northwind_tests"), **PAGE),
    Goal("code and country", page(ERRORS, code=COMMON, country="FR"), **PAGE),
    Goal("two codes, sub-account", page(ERRORS, code="1300,2000", sub_account="northwind_au"), **PAGE),
    *(
        goal
        for column in ("code", "sub_account")
        for goal in (
            Goal(f"errors by {column}", page(ERRORS, sort=column), **PAGE),
            Goal(
                f"errors by {column}, deep",
                deep(ERRORS, f"+{column},occurred_at,error_id", sort=column),
                first=f"errors by {column}",
                **PAGE,
            ),
        )
    ),
    Goal("errors of a country by code", page(ERRORS, country="FR", sort="code"), **PAGE),
    Goal("errors, oldest first", page(ERRORS, sort="time"), **PAGE),
    Goal("errors of a day", page(ERRORS, days=1), **PAGE),
    Goal("messages", page(MESSAGES), **PAGE),
    Goal("messages, deep", deep(MESSAGES, MESSAGES_BY_TIME), first="messages", **PAGE),
    Goal("failed messages", page(MESSAGES, state="undelivered"), **PAGE),
    Goal("messages of a channel", page(MESSAGES, channel="rcs"), **PAGE),
    *(
        goal
        for column in ("state", "channel", "sub_account")
        for goal in (
            Goal(f"messages by {column}", page(MESSAGES, sort=column), **PAGE),
            Goal(
                f"messages by {column}, deep",
                deep(MESSAGES, f"+{column},state_at,umid", sort=column),
                first=f"messages by {column}",
                **PAGE,
            ),
        )
    ),
    Goal("counts of 90 days", page(f"{ERRORS}counts/"), **COUNTS),
    Goal("counts of a code", page(f"{ERRORS}counts/", code=COMMON), **COUNTS),
    Goal("counts of a week", page(f"{ERRORS}counts/", days=7), **COUNTS),
    Goal("counts of a day", page(f"{ERRORS}counts/", days=1), **COUNTS),
    Goal("counts by HTTP status", page(f"{ERRORS}counts/", http="4xx"), **COUNTS),
    Goal("without comments, bounded", page(f"{ERRORS}counts/", not_has="comments"), **BOUNDED),
    Goal("message counts", page(f"{MESSAGES}counts/"), **COUNTS),
    Goal("failures by code", page(f"{ERRORS}by-code/", days=45), **COUNTS),
    Goal("only me? a code", page(f"{ERRORS}alone/", code=COMMON), **ALONE),
    Goal("only me? a sub-account", page(f"{ERRORS}alone/", sub_account="northwind_au"), **ALONE),
    Goal("only me? a state", page(f"{MESSAGES}alone/", state="undelivered"), **ALONE),
    Goal("text of many groups", page(ERRORS, text="template"), **SEARCH),
    Goal("text that varies", page(ERRORS, text="welcome"), **SEARCH),
    Goal("two words", page(ERRORS, text="flow onboarding"), **SEARCH),
    Goal("text of nothing", page(ERRORS, text="nowhere-to-be-found"), **SEARCH),
    Goal("text in the names of codes", page(MESSAGES, text="blocked"), **SEARCH),
    Goal("home page", plain("/"), 25, 100),
)  # fmt: skip


if __name__ == "__main__":
    measure("browse", __doc__, GOALS)
