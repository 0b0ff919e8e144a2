"""Where the rows of a filter are that might have to read everything to find few.

The counts tell on which days or in which hours there can be any, and those alone are read, one
stretch after the other, until a page is full.  Lists that are sorted by what is counted are read value by
value, since the counts tell which there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet

from support_portal.browsing.fields import HAS, IN_TIME, TIMES, TRAITS
from support_portal.browsing.filtering import Filter
from support_portal.browsing.windows import walks
from support_portal.core.keyset import Stretch
from support_portal.events.models import Reader
from support_portal.insights import when
from support_portal.insights.combinations import Combined

MOST = 6  # stretches: each is a query
_EVER = datetime.min.replace(tzinfo=UTC)


def stretches(asked: Filter, reader: Reader, now: datetime) -> list[Stretch[Any]] | None:
    """Return the rows by stretches of time, the newest first; None where all are to be read."""
    if asked.errors or not walks(asked, reader):
        return None
    question = asked.question(reader, now)
    chosen = when.choosable(question) if question else None
    if question is None or chosen is None:
        return None
    if asked.begin is None:
        question = replace(question, begin=_EVER)  # clocks that were never set say 1969
    rows = asked.rows(reader)
    if served := _served(asked, chosen, now):
        rows = rows.filter(**served)
    found = few(when.stretches(question, list(chosen)), MOST)
    # They may reach beyond the question's end: what lies there is read once, in the first part.
    parts = [_between(rows, asked, begin, min(end, question.end)) for begin, end in found]
    if asked.end is None:  # what is dated later than the counts were asked for
        parts.insert(0, _between(asked.rows(reader), asked, question.end, None))
    return parts


def _between(
    rows: QuerySet[Any], asked: Filter, begin: datetime | None, end: datetime | None
) -> Stretch[Any]:
    time = TIMES[asked.kind]
    if begin is not None:
        rows = rows.filter(**{f"{time}__gte": begin})
    if end is not None:
        rows = rows.filter(**{f"{time}__lt": end})
    return Stretch(rows, begin, end)


def _served(asked: Filter, chosen: Mapping[int, Combined], now: datetime) -> dict[str, Any]:
    """Return what all rows share and an index in order of time is by, where the filter names no such thing.

    The rare ones of a country are those of one sub-account, say: then no others have to be read.
    """
    names = IN_TIME[asked.kind]
    if not chosen or any(name in asked.only for name in names):
        return {}
    traits = {TRAITS.get(name, name): asked.fields[name].column for name in names}
    found = when.shared(chosen, list(traits), now)
    return {traits[found[0]]: found[1]} if found else {}


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


def few(found: Sequence[when.Stretch], most: int) -> list[when.Stretch]:
    """Return at most so many stretches, the newest first: those that lie nearest become one."""
    left = list(found)
    while len(left) > most:
        gaps = [(newer[0] or older[1]) - older[1] for newer, older in pairwise(left)]
        place = gaps.index(min(gaps))
        left[place : place + 2] = [(left[place + 1][0], left[place][1])]
    return left
