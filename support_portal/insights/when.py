"""When there can be records that a question chooses, and which: what the counts rule out is not read.

Counts are kept in the transaction of their records, so a day or an hour without a count holds none.
Combinations that stand for several count as chosen.  Only what is rare is looked at: for what has
many combinations the look would cost more than it saves, and its records are found soon anyway.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from support_portal.events.tally import minute
from support_portal.insights import asking
from support_portal.insights.asking import Question, moment
from support_portal.insights.combinations import ANY_COUNTRY
from support_portal.insights.composing import Asking
from support_portal.insights.models import ANY, Combination, Grain, Volume

MOST_COMBINATIONS = 30
MOST_DAYS = 400  # of a range that is looked at
FEW_DAYS = 10  # of which the hours are looked at
DAY, HOUR = Grain.DAY.value, Grain.HOUR.value
MOST_VALUES = 2_000
SORTED = ("code", "state", "channel", "sub_account")  # traits that lists are sorted by
Stretch = tuple[datetime, datetime]


def _choosable(question: Question) -> Q:
    """Return the condition on combinations that they are chosen, or stand for some that may be."""
    chosen = asking.chosen_combinations(question)
    return chosen | Q(country=ANY_COUNTRY) if chosen else chosen  # nothing or that would be that


_combinations = Asking(
    lambda question: Combination.objects.filter(
        _choosable(question), kind=question.kind
    ).values_list("id", flat=True)[: MOST_COMBINATIONS + 1]
)


def _telling(column: str) -> Asking:
    """Return the question for the values of a trait, told apart by what stands for any."""
    return Asking(
        lambda question: (
            Combination.objects.filter(_choosable(question), kind=question.kind)
            .order_by(column)
            .values_list(column, "sub_account")
            .distinct()[: MOST_VALUES + 1]
        )
    )


_told = {column: _telling(column) for column in SORTED}


def stretches(question: Question) -> list[Stretch] | None:
    """Return the days or hours of the range that can hold something, the newest first.

    They may reach beyond the range; None where the counts do not tell.
    """
    days = range(minute(question.begin) // DAY * DAY, minute(question.end) + 1, DAY)
    if len(days) > MOST_DAYS or not asking.is_whole():
        return None
    keys = _combinations(question)
    if len(keys) > MOST_COMBINATIONS:
        return None
    found = _holding(DAY, days, keys)
    if len(found) > FEW_DAYS:
        return list(_joined(found, DAY))
    hours = [hour for day in found for hour in range(day, day + DAY, HOUR)]
    return list(_joined(_holding(HOUR, hours, keys), HOUR))


def values(question: Question, column: str) -> list[Any] | None:
    """Return all that a trait can be in records that are chosen, in the order of the database.

    None where the counts do not tell: they are not whole, or some stand for any value.
    """
    if not asking.is_whole():
        return None
    found = _told[column](question)
    if len(found) > MOST_VALUES or any(sub_account == ANY for _, sub_account in found):
        return None
    return list(dict.fromkeys(value for value, _ in found))


def _holding(grain: int, buckets: Iterable[int], keys: Sequence[int]) -> list[int]:
    """Return the buckets with a count, the newest first."""
    wanted = list(buckets)
    if not (wanted and keys):
        return []
    rows = Volume.objects.filter(grain=grain, bucket__in=wanted, combination__in=keys, count__gt=0)
    return sorted(set(rows.values_list("bucket", flat=True)), reverse=True)


def _joined(buckets: Sequence[int], wide: int) -> Iterator[Stretch]:
    """Yield stretches of neighbouring buckets, given the newest first."""
    end = None
    for place, bucket in enumerate(buckets):
        end = bucket + wide if end is None else end
        if place + 1 == len(buckets) or buckets[place + 1] != bucket - wide:
            yield moment(bucket), _until(end)
            end = None


def _until(at: int) -> datetime:
    try:
        return moment(at)
    except OverflowError:  # the last day that there is
        return datetime.max.replace(tzinfo=UTC)
