"""Counts as the drain would have left them, without the facts."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import transaction

from support_portal.events.tally import ErrorTraits, MessageTraits, Tally, minute
from support_portal.insights import counting

NOW = datetime(2026, 7, 20, 12, 30, tzinfo=UTC)  # a Monday
WEEK = 7 * 1440
CODE = 1300


class Counted(NamedTuple):
    """So many records with these traits in a minute."""

    at: int
    traits: ErrorTraits | MessageTraits
    number: int


def error(at: datetime | int, number: int = 1, **traits: Any) -> Counted:
    """Return errors in a minute."""
    told = {
        "code": CODE, "group_id": 5, "sub_account": "", "channel": "", "country": "",
        "http_status": None,
    }  # fmt: skip
    return Counted(_minute(at), ErrorTraits(**told | traits), number)


def message(at: datetime | int, number: int = 1, **traits: Any) -> Counted:
    """Return messages in a minute."""
    told = {
        "state": "delivered", "registry": "", "code": None, "sub_account": "", "channel": "sms",
        "country": "", "operator": "",
    }  # fmt: skip
    return Counted(_minute(at), MessageTraits(**told | traits), number)


def failed(at: datetime | int, number: int = 1, **traits: Any) -> Counted:
    """Return messages that failed in a minute."""
    return message(
        at, number, **{"state": "undelivered", "registry": "sms_dlr", "code": 40} | traits
    )


def count(many: Iterable[Counted]) -> None:
    """Keep counts, as if their records had come."""
    tally: Tally = Counter()
    for at, traits, number in many:
        tally[traits, at] += number
    with transaction.atomic():
        counting.count(tally)


def weeks_before(begin: int, end: int, make: Any, weeks: int = 6) -> list[Counted]:
    """Return what ``make`` returns for every minute of the same stretch in the weeks before."""
    return [
        each
        for ago in range(1, weeks + 1)
        for at in range(begin - ago * WEEK, end - ago * WEEK)
        for each in make(at)
    ]


def _minute(at: datetime | int) -> int:
    return at if isinstance(at, int) else minute(at)
