"""Errors that are alike: how many of a group there are, day by day, and where.

A group has few combinations, so its counts are looked up one by one instead of walking all days.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from support_portal.core.composed import Composed
from support_portal.events.models import Reader, Seeing, listed
from support_portal.events.tally import minute
from support_portal.insights import asking
from support_portal.insights.models import Combination, Grain, Kind, Volume

DAY = Grain.DAY.value
DAYS = 90
LATELY = 30  # days


@dataclass(frozen=True, slots=True)
class Similar:
    """The errors of a group in the last days, as far as the reader may see them."""

    number: int
    days: Mapping[int, int]  # by the minute each begins at, those without any too
    sub_accounts: Counter[str]
    countries: Counter[str]


_places = Composed(
    lambda group_id, sub_accounts: (
        Combination.objects.filter(kind=Kind.ERROR, group_id=group_id)
        .filter(asking.visible(Seeing(sub_accounts), asking.OWN))
        .values_list("id", "sub_account", "country")
    )
)

_counts = Composed(
    lambda days, places: Volume.objects.filter(
        grain=DAY, bucket__in=days, combination__id__in=places
    ).values_list("bucket", "combination_id", "count")
)


def of_group(group_id: int, reader: Reader, days: int = DAYS) -> Similar:
    """Return how many errors of a group there were in so many days, today's included."""
    places = {key: where for key, *where in _places(group_id, listed(reader))}
    today = minute(timezone.now()) // DAY * DAY
    by_day = dict.fromkeys(range(today - (days - 1) * DAY, today + DAY, DAY), 0)
    found = Similar(0, by_day, Counter(), Counter())
    if not places:
        return found
    for bucket, key, number in _counts(list(by_day), list(places)):
        by_day[bucket] += number
        sub_account, country = places[key]
        found.sub_accounts[sub_account] += number
        found.countries[country] += number
    return Similar(sum(by_day.values()), by_day, +found.sub_accounts, +found.countries)
