"""When there can be records that a question chooses, and which: what the counts rule out is not read.

Counts are kept in the transaction of their records, so a day or an hour without a count holds none.
Combinations that stand for several count as chosen.  Only what is rare is looked at: for what has
many combinations the look would cost more than it saves, and its records are found soon anyway.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from support_portal.core.composed import Composed
from support_portal.events.tally import minute
from support_portal.insights import asking, combinations
from support_portal.insights.asking import Question, moment
from support_portal.insights.combinations import ANY_COUNTRY, Combined
from support_portal.insights.composing import Asking
from support_portal.insights.models import ANY, Combination, Grain, Volume

MOST_COMBINATIONS = 100
MOST_DAYS = 400  # that are looked at, the newest of a range
MOST_LOOKS = 12_000  # days times combinations
FEW_DAYS = 10  # of which the hours are looked at
DAY, HOUR = Grain.DAY.value, Grain.HOUR.value
MOST_VALUES = 2_000
SORTED = ("code", "state", "channel", "sub_account")  # traits that lists are sorted by
COMMON = 50  # one of so many records, and they are soon found among all
LATELY = 2  # days whose records tell what is common
# A scalar subquery: PostgreSQL would make a join of EXISTS, which finds all there is.
_LOOKS = {
    "postgresql": """
SELECT at::int FROM json_array_elements_text(%s::json) AS at WHERE (
    SELECT TRUE FROM insights_volume WHERE grain = %s AND bucket = at::int AND count > 0
    AND combination_id IN (SELECT key::bigint FROM json_array_elements_text(%s::json) AS key) LIMIT 1
)""",
    "sqlite": """
SELECT at.value FROM json_each(%s) AS at WHERE (
    SELECT TRUE FROM insights_volume WHERE grain = %s AND bucket = at.value AND count > 0
    AND combination_id IN (SELECT value FROM json_each(%s)) LIMIT 1
)""",
}
Stretch = tuple[datetime | None, datetime]  # without a begin it is of everything before


def _choosable(question: Question) -> Q:
    """Return the condition on combinations that they are chosen, or stand for some that may be."""
    chosen = asking.chosen_combinations(question)
    return chosen | Q(country=ANY_COUNTRY) if chosen else chosen  # nothing or that would be that


_combinations = Asking(
    lambda question: Combination.objects.filter(
        _choosable(question), kind=question.kind
    ).values_list("id", *Combined._fields)[: MOST_COMBINATIONS + 1]
)
_oldest_day = Composed(
    lambda grain: (
        Volume.objects.filter(grain=grain).order_by("bucket").values_list("bucket", flat=True)[:1]
    )
)
_of_days = Composed(
    lambda grain, days: Volume.objects.filter(
        grain=grain, bucket__in=days, count__gt=0
    ).values_list("combination_id", "count")
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


def choosable(question: Question) -> dict[int, Combined] | None:
    """Return the combinations that are chosen, or stand for some that may be, by their keys.

    None where they are too many to look for, or the counts do not tell.
    """
    if not asking.is_whole():
        return None
    found = _combinations(question)
    if len(found) > MOST_COMBINATIONS:
        return None
    return {key: Combined(*columns) for key, *columns in found}


def stretches(question: Question, keys: Sequence[int]) -> list[Stretch]:
    """Return the days or hours of the range that can hold some of these, the newest first.

    They may reach beyond the range.  What is older than can be looked at is one stretch.
    """
    oldest = _oldest_day(DAY) if keys else []
    if not oldest:
        return []
    first = max(minute(question.begin) // DAY * DAY, oldest[0])
    days = range(first, minute(question.end) + 1, DAY)
    looked = days[-min(MOST_DAYS, MOST_LOOKS // len(keys)) :]
    older: list[Stretch] = [(None, moment(looked[0]))] if len(looked) < len(days) else []
    found = _holding(DAY, looked, keys)
    if len(found) > FEW_DAYS:
        return [*_joined(found, DAY), *older]
    hours = [hour for day in found for hour in range(day, day + DAY, HOUR)]
    return [*_joined(_holding(HOUR, hours, keys), HOUR), *older]


def shared(
    chosen: Mapping[int, Combined], traits: Sequence[str], now: datetime
) -> tuple[str, Any] | None:
    """Return the trait whose one value all of these have, and few other records; with that value.

    None where there is none, or they are common: then they are soon found among all.
    """
    alike = [(trait, _only(chosen.values(), trait)) for trait in traits]
    alike = [(trait, value) for trait, value in alike if value is not None]
    if not alike or any(columns.folded for columns in chosen.values()):
        return None
    numbers = _lately(now)
    whole, those = sum(numbers.values()), sum(numbers[key] for key in chosen)
    if those * COMMON > whole:
        return None
    known = combinations.known.named(numbers)

    def having(trait: str, value: Any) -> int:
        return sum(
            number
            for key, number in numbers.items()
            if key in known and getattr(known[key], trait) == value
        )

    return min(alike, key=lambda told: having(*told))


def _only(many: Iterable[Combined], trait: str) -> Any:
    found = {getattr(columns, trait) for columns in many}
    return found.pop() if len(found) == 1 else None


def _lately(now: datetime) -> Counter[int]:
    """Return how many records of each combination there were lately, of all kinds."""
    today = minute(now) // DAY * DAY
    numbers: Counter[int] = Counter()
    for key, number in _of_days(DAY, [today - DAY * ago for ago in range(LATELY)]):
        numbers[key] += number
    return numbers


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
    """Return the buckets with a count, the newest first.

    Each bucket is looked into until something is found: what is common takes one look and not one for
    each combination.
    """
    wanted = list(buckets)
    if not (wanted and keys):
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOOKS[connection.vendor], [json.dumps(wanted), grain, json.dumps(keys)])
        return sorted((bucket for (bucket,) in cursor.fetchall()), reverse=True)


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
