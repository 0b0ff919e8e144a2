"""The time that a list is of when nobody said one.

A list in order of time is read from one index and ends after a page, and so is that of one code, one
sub-account or some of them.  Whatever combines more may have to read through everything to find few
rows.  Such a list gets a begin: the shortest of some spans that holds a page, by the counts.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from support_portal.browsing.filtering import MOST_PARTS, Filter
from support_portal.browsing.values import Span
from support_portal.events.models import Reader
from support_portal.insights import asking
from support_portal.insights.models import Kind

SPANS = tuple(timedelta(days=days) for days in (1, 7, 30, 90))
ENOUGH = 50  # rows
_INDEXED = {
    Kind.ERROR: frozenset({"group", "code", "sub_account"}),
    Kind.MESSAGE: frozenset({"code", "state", "sub_account", "channel"}),
}


def windowed(asked: Filter, reader: Reader, now: datetime) -> Filter:
    """Return the filter with a begin where it needs one and nobody said "all time"."""
    if asked.begin or asked.all_time or asked.errors or not walks(asked, reader):
        return asked
    end = min(asked.end or now, now).replace(microsecond=0)
    question = asked.question(reader, now)
    if question is None:
        return replace(asked, begin=end - SPANS[0])
    best, most = SPANS[0], 0
    for span in SPANS:
        among = replace(question, begin=end - span)
        number = asking.total(among, asking.cells(among))
        if number > most:
            best, most = span, number
        if number >= ENOUGH:
            break
    return replace(asked, begin=end - best)


def walks(asked: Filter, reader: Reader) -> bool:
    """Tell whether rows that are not chosen may have to be read to find those that are."""
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
        name in _INDEXED[asked.kind]
        and len(found) <= MOST_PARTS
        and not any(isinstance(value, Span) for value in found)
    )
    return bool(others) or not served or (restricted and name != "sub_account")
