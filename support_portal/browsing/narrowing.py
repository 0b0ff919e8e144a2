"""Where the rows of a filter are that might have to read everything to find few.

The counts tell on which days or in which hours there can be any, and those alone are read, one
stretch after the other, until a page is full.  Lists that are sorted by what is counted are read value by
value, since the counts tell which there are.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet

from support_portal.browsing.fields import HAS, TIMES
from support_portal.browsing.filtering import Filter
from support_portal.browsing.windows import walks
from support_portal.events.models import Reader
from support_portal.insights import when
from support_portal.insights.when import Stretch

MOST = 6  # stretches: each is a query


def stretches(asked: Filter, reader: Reader, now: datetime) -> list[QuerySet[Any]] | None:
    """Return the rows by stretches of time, the newest first; None where all are to be read."""
    if asked.begin is None or asked.errors or not walks(asked, reader):
        return None
    question = asked.question(reader, now)
    found = when.stretches(question) if question else None
    if question is None or found is None:
        return None
    rows, time = asked.rows(reader), TIMES[asked.kind]
    parts = [
        rows.filter(**{f"{time}__gte": begin, f"{time}__lt": end})
        for begin, end in few(found, MOST)
    ]
    if asked.end is None:  # what is dated later than the counts were asked for
        parts.insert(0, rows.filter(**{f"{time}__gte": question.end}))
    return parts


def values(column: str, asked: Filter, reader: Reader, now: datetime) -> list[Any] | None:
    """Return all that ``column`` can be in the rows, ascending; None where the counts do not tell.

    Rows that are known by their ids are few, and best looked up.
    """
    if asked.errors or HAS in asked.only:
        return None
    question = asked.question(reader, now)
    if question is None and not asked.words:
        # what is not counted is one more condition on the rows
        question = replace(asked, only={}, but={}).question(reader, now)
    return when.values(question, column) if question else None


def few(found: Sequence[Stretch], most: int) -> list[Stretch]:
    """Return at most so many stretches, the newest first: those that lie nearest become one."""
    left = list(found)
    while len(left) > most:
        gaps = [newer[0] - older[1] for newer, older in pairwise(left)]
        place = gaps.index(min(gaps))
        left[place : place + 2] = [(left[place + 1][0], left[place][1])]
    return left
