"""Counting what the drain records, in its own transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from support_portal.core.bulk import add_up
from support_portal.events.signals import tallied
from support_portal.events.tally import Tally, minute
from support_portal.insights import combinations
from support_portal.insights.models import Grain, Volume

# Minutes are told apart for so long; most questions about a minute are about the last hours.
MINUTES_KEPT = 3 * Grain.DAY.value

Bucket = tuple[int, int, int]  # grain, begin, combination


def connect() -> None:
    """Listen from now on."""
    tallied.connect(_hear, dispatch_uid="insights.counting")


def _hear(tally: Tally, **_: Any) -> None:
    count(tally)


def count(tally: Tally) -> None:
    """Add ``tally`` to the counts, in the caller's transaction and under its lock."""
    changes = {key: change for key, change in tally.items() if change}
    if not changes:
        return
    keys = combinations.keep({traits for traits, _ in changes})
    amounts: Counter[Bucket] = Counter()
    oldest = first_minute_kept()
    for (traits, at), change in changes.items():
        for grain, bucket in buckets(at, oldest):
            amounts[grain, bucket, keys[traits]] += change
    write(amounts)


def buckets(at: int, oldest: int) -> Iterator[tuple[int, int]]:
    """Yield the grain and begin of each bucket that minute ``at`` belongs to."""
    for grain in (Grain.DAY.value, Grain.HOUR.value):
        yield grain, at - at % grain
    if at >= oldest:
        yield Grain.MINUTE.value, at


def write(amounts: Counter[Bucket]) -> None:
    """Add ``amounts`` to the stored counts; in the order of the key, which writes fewer pages."""
    changed: Iterable[Bucket] = sorted(key for key, change in amounts.items() if change)
    add_up(
        Volume,
        "count",
        ("grain", "bucket", "combination"),
        {key: amounts[key] for key in changed},
    )


def first_minute_kept() -> int:
    """Return the oldest minute that is told apart."""
    return minute(timezone.now()) - MINUTES_KEPT
