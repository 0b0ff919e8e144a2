"""The time that a list is of when nobody said one.

A list in order of time is read from one index and ends after a page, and so is that of one code, one
sub-account or some of them.  Whatever combines more may have to read through everything to find few
rows.  Such a list gets a begin: the shortest of some spans that holds a page, by the counts.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from support_portal.browsing.fields import HAS, IN_TIME
from support_portal.browsing.filtering import MOST_PARTS, Filter
from support_portal.browsing.values import Span
from support_portal.events.models import Reader
from support_portal.insights import asking
from support_portal.insights.asking import Question
from support_portal.insights.models import Grain, Kind

SPANS = tuple(timedelta(days=days) for days in (1, 7, 30, 90))
ENOUGH = 50  # rows


def windowed(asked: Filter, reader: Reader, now: datetime) -> Filter:
    """Return the filter with a begin where it needs one and nobody said "all time"."""
    if asked.begin or asked.all_time or asked.errors or not walks(asked, reader):
        return asked
    end = min(asked.end or now, now).replace(microsecond=0)
    question = asked.question(reader, now)
    return replace(asked, begin=end - (_shortest(question, end) if question else SPANS[0]))


def _shortest(question: Question, end: datetime) -> timedelta:
    """Return the shortest span before ``end`` that holds a page, else that which holds the most.

    Whole days are counted, which takes one look at the days' counts; so a span may hold more.
    """
    day = timedelta(days=1)
    midnight = end.replace(hour=0, minute=0, second=0) + day
    days = replace(question, begin=midnight - SPANS[-1] - day, end=midnight)
    bars = asking.bars(days, Grain.DAY.value)
    best, most = SPANS[0], 0
    for span in SPANS:
        number = sum(sum(bar.parts.values()) for bar in bars if bar.begin >= end - span)
        if number > most:
            best, most = span, number
        if number >= ENOUGH:
            break
    return best


def walks(asked: Filter, reader: Reader) -> bool:
    """Tell whether rows that are not chosen may have to be read to find those that are."""
    if HAS in asked.only:
        return False  # those that have it are known by their ids
    if asked.but:
        return True
    restricted = reader.sub_accounts is not None
    if asked.kind is Kind.ERROR and asked.words:
        groups = asked.having_words(reader).groups
        alone = len(asked.only) == 1 and not restricted
        return bool(groups) and not (alone and len(groups) <= MOST_PARTS)
    named = list(asked.only.items())
    if not named:
        return False
    (name, found), *others = named
    served = (
        name in IN_TIME[asked.kind]
        and len(found) <= MOST_PARTS
        and not any(isinstance(value, Span) for value in found)
    )
    return bool(others) or not served or (restricted and name != "sub_account")
