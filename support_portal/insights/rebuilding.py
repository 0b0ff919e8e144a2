"""Counting everything again, day by day, and proving that the counts are those of the facts.

A day is counted under the lock of those who write, in one transaction: the drain goes on between two
days, on other days and on this one.  Whoever dies is followed by one that goes on at the next day.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.db.models import Min, QuerySet

from support_portal.core.bulk import update_rows
from support_portal.core.locks import hold_for_transaction
from support_portal.core.pruning import gone_before
from support_portal.events import group_store, retention, word_store
from support_portal.events.likeness import VERSION as GROUPING
from support_portal.events.likeness import likeness
from support_portal.events.models import EVERYTHING, ErrorEvent, ErrorGroup, Message
from support_portal.events.services import LOCK
from support_portal.events.tally import Tally, minute
from support_portal.events.word_store import Told
from support_portal.insights import asking, combinations, counting
from support_portal.insights.asking import VERSION, Question, moment
from support_portal.insights.counting import Bucket
from support_portal.insights.models import Combination, Grain, Kind, Rebuilding, Volume

DAY = Grain.DAY.value
FIRST_DAY = -719_162 * DAY  # the first that a date can name
PIECE = 2_000  # errors that are grouped again at once
_KEPT_AS: Mapping[Kind, str] = {Kind.ERROR: retention.ERRORS, Kind.MESSAGE: retention.MESSAGES}

E = TypeVar("E")


def next_day(begin: int) -> int | None:
    """Return the first day at or after ``begin`` that has facts, None when there is none.

    Days of which facts of a kind have gone by age are passed by for it: their counts are all that is
    left of them.
    """
    errors, messages = (
        max(moment(begin), _whole_since(kind)) for kind in (Kind.ERROR, Kind.MESSAGE)
    )
    firsts = [
        ErrorEvent.objects.filter(occurred_at__gte=errors).aggregate(at=Min("occurred_at"))["at"],
        Message.objects.filter(state_at__gte=messages).aggregate(at=Min("state_at"))["at"],
    ]
    return min((minute(first) // DAY * DAY for first in firsts if first), default=None)


def _whole_since(kind: Kind) -> datetime:
    """Return the beginning of the first day of which no fact of a kind has gone by age."""
    gone = gone_before(_KEPT_AS[kind])
    if gone is None:
        return moment(FIRST_DAY)
    return moment((minute(gone - timedelta.resolution) // DAY + 1) * DAY)


def _whole_kinds(day: int) -> list[Kind]:
    """Return the kinds of which no fact of a day has gone by age; each is kept for a time of its own."""
    return [kind for kind in Kind if _whole_since(kind) <= moment(day)]


def days() -> Iterator[int]:
    """Yield every day that has facts, as the minute at which it begins."""
    day = next_day(FIRST_DAY)
    while day is not None:
        yield day
        day = next_day(day + DAY)


def rebuild_day(day: int) -> None:
    """Count the facts of one day again."""
    with transaction.atomic():
        hold_for_transaction(LOCK)
        kinds = _whole_kinds(day)
        if Kind.ERROR in kinds:
            _group_again(day)
            _keep_words(day)
        wanted = _counts(day, kinds)
        _stored(day, kinds).delete()
        counting.write(wanted)


def differences(day: int) -> Iterator[tuple[Bucket, int, int]]:
    """Yield each bucket of a day whose stored count (second) is not that of the facts (third)."""
    with transaction.atomic():
        hold_for_transaction(LOCK)
        kinds = _whole_kinds(day)
        wanted = _counts(day, kinds)
        held = {
            (grain, bucket, key): number
            for grain, bucket, key, number in _stored(day, kinds).values_list(
                "grain", "bucket", "combination_id", "count"
            )
            if number
        }
    for key in sorted(wanted.keys() | held.keys()):
        if wanted[key] != held.get(key, 0):
            yield key, held.get(key, 0), wanted[key]


def catch_up(limit: int = 1) -> bool:
    """Count up to ``limit`` days if the counts are older than the rules; tell whether days are left."""
    state, _ = Rebuilding.objects.get_or_create(defaults={"version": 0})
    if state.version != VERSION:
        state.version, state.day = VERSION, FIRST_DAY
    while state.day is not None and limit:
        state.day = next_day(state.day)
        if state.day is not None:
            rebuild_day(state.day)
            state.day += DAY
        limit -= 1
        state.save()
    return state.day is not None


def caught_up() -> None:
    """Note that every day was counted by the present rules."""
    Rebuilding.objects.update_or_create(defaults={"version": VERSION, "day": None})


def forget_minutes() -> int:
    """Delete the minutes that are not told apart any more; return how many counts there were."""
    oldest = counting.first_minute_kept()
    gone, _ = Volume.objects.filter(grain=Grain.MINUTE, bucket__lt=oldest).delete()
    return gone


def _stored(day: int, kinds: Collection[Kind]) -> QuerySet[Volume]:
    """Return the counts of a day that are read: minutes that were not forgotten yet are not."""
    of_day = Volume.objects.filter(grain__in=Grain.values, bucket__gte=day, bucket__lt=day + DAY)
    if len(kinds) < len(Kind):
        of_day = of_day.filter(asking.counting_any(Combination.objects.filter(kind__in=kinds)))
    return of_day.exclude(grain=Grain.MINUTE, bucket__lt=counting.first_minute_kept())


def _counts(day: int, kinds: Iterable[Kind]) -> Counter[Bucket]:
    tally: Tally = Counter()
    for kind in kinds:
        question = Question(kind, moment(day), moment(day + DAY), EVERYTHING)
        tally.update(dict(asking.by_minute(question)))
    keys = combinations.keep({traits for traits, _ in tally})
    amounts: Counter[Bucket] = Counter()
    oldest = counting.first_minute_kept()
    for (traits, at), number in tally.items():
        for grain, bucket in counting.buckets(at, oldest):
            amounts[grain, bucket, keys[traits]] += number
    return amounts


def _group_again(day: int) -> None:
    """Give errors of a day their group where the rules were others when they came."""
    current = ErrorGroup.objects.filter(version=GROUPING).values("group_id")
    of_day = ErrorEvent.objects.filter(
        occurred_at__gte=moment(day), occurred_at__lt=moment(day + DAY)
    )
    rows = of_day.exclude(group_id__in=current).only("code", "method", "path", "message")
    for piece in _pieces(rows.iterator(PIECE)):
        alike = [likeness(row.code, row.method, row.path, row.message) for row in piece]
        groups = group_store.keep(alike)
        told = [(group, row.error_id) for group, row in zip(groups, piece, strict=True)]
        update_rows(ErrorEvent, ("group_id",), ("error_id",), told)


def _keep_words(day: int) -> None:
    """Keep the words of a day's texts that the wordings of their groups do not tell."""
    of_day = ErrorEvent.objects.filter(
        occurred_at__gte=moment(day), occurred_at__lt=moment(day + DAY)
    )
    rows = of_day.only("code", "method", "path", "message", "occurred_at", "group_id")
    for piece in _pieces(rows.iterator(PIECE)):
        word_store.keep(
            Told(row.error_id, row.occurred_at, row.message, _wording(row)) for row in piece
        )


def _wording(row: ErrorEvent) -> str:
    alike = likeness(row.code, row.method, row.path, row.message)
    return group_store.wording(alike, row.group_id)


def _pieces(rows: Iterable[E]) -> Iterator[list[E]]:
    left = iter(rows)
    while piece := list(islice(left, PIECE)):
        yield piece
