"""Letting go of what is old: kinds with an age, removed in small steps that others can go between.

A kind knows what it would remove and how to do it bit by bit, each bit in a transaction of its own.
What was removed of a kind is remembered, so that a page that finds nothing can say why.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet

from support_portal.core.keyset import Order
from support_portal.core.locks import hold_for_transaction
from support_portal.core.models import GoneBefore

# Rows a transaction, and how long one is meant to take: on SQLite all who write wait meanwhile.
FIRST, AT_ONCE = 100, 5_000
MEANT = 0.05  # seconds
LONGEST_REST = 1.0  # seconds

Key = tuple[Any, ...]


@dataclass(slots=True)
class Amount:
    """How much goes, or has gone: rows by what they are, partitions, bytes where they are known."""

    rows: Counter[str] = field(default_factory=Counter)
    partitions: int = 0
    bytes: int = 0

    def add(self, other: "Amount") -> None:
        """Add another amount to this one."""
        self.rows.update(other.rows)
        self.partitions += other.partitions
        self.bytes += other.bytes


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that is kept for a number of days."""

    name: str
    words: str
    # How much is older than a moment, and its removal: an amount for each step that was taken, and
    # before the first one an empty amount, which says that something will go.
    forecast: Callable[[datetime], Amount]
    removal: Callable[[datetime], Iterator[Amount]]
    # The age is counted to this moment at most: partitions go as a whole.
    limit: Callable[[datetime], datetime] = lambda moment: moment

    @property
    def days(self) -> int:
        """Return for how many days it is kept; 0: for ever."""
        return int(settings.KEPT_DAYS[self.name])

    def oldest(self, now: datetime) -> datetime | None:
        """Return the moment before which it goes; None when it is kept for ever."""
        return self.limit(now - timedelta(days=self.days)) if self.days else None

    def would_remove(self, now: datetime) -> Amount:
        """Return what ``remove`` removes."""
        oldest = self.oldest(now)
        return self.forecast(oldest) if oldest else Amount()

    def remove(self, now: datetime) -> Iterator[Amount]:
        """Remove what is too old, and yield after each step.

        It is noted before the first step: nothing goes of which a page could not say why.
        """
        oldest = self.oldest(now)
        noted = False
        for amount in self.removal(oldest) if oldest else ():
            if oldest and not noted:
                GoneBefore.objects.note(self.name, oldest)
                noted = True
            yield amount


def gone_before(*names: str) -> datetime | None:
    """Return the moment before which records of these kinds may be gone; None when none was removed."""
    told = GoneBefore.objects.filter(kind__in=names).order_by("-moment")
    return told.values_list("moment", flat=True).first()


def steps(
    old: QuerySet[Any], order: Sequence[str], remove: Callable[[list[Key]], Amount], *, lock: str
) -> Iterator[Amount]:
    """Remove the rows of ``old`` in this order, some at a time; yield before the first and after each.

    ``remove`` takes the keys of rows, with the lock held; rows that it leaves are passed by.
    """
    ascending = Order(tuple(order), descending=False)
    number = min(FIRST, AT_ONCE)
    keys = list(ascending.applied(old).values_list(*order)[:number])
    if keys:
        yield Amount()
    while keys:
        with transaction.atomic():
            hold_for_transaction(lock)
            began = time.monotonic()
            amount = remove(keys)
            took = time.monotonic() - began
        yield amount
        number = _fitting(number, took)
        later = ascending.beyond(old, keys[-1], backwards=False)
        keys = list(later.values_list(*order)[:number])


def _fitting(number: int, took: float) -> int:
    """Return how many rows to remove next, when that many took so long."""
    if took > MEANT:
        return max(1, number // 2)
    return min(AT_ONCE, number * 2) if took < MEANT / 2 else number


def delete(rows: QuerySet[Model], words: str) -> Amount:
    """Delete rows and say how many that were."""
    return Amount(Counter({words: rows.delete()[0]}))


class Pruner:
    """Goes through all kinds for a while at a time, and goes on where it was.

    What it has passed by is not looked at again in the same round.  A process that dies takes no more
    with it than its place: the next one begins a new round.
    """

    def __init__(self, kinds: Iterable[Kind], pause: Callable[[float], None] = time.sleep) -> None:
        self._kinds = tuple(kinds)
        self._pause = pause
        self._round: Iterator[tuple[Kind, Amount]] | None = None

    def push(self, now: datetime, *, seconds: float) -> bool:
        """Remove for so long; tell whether the round goes on."""
        until = time.monotonic() + seconds
        self._round = self._round or self.everything(now)
        for _ in self._round:
            if time.monotonic() >= until:
                return True
        self._round = None
        return False

    def everything(self, now: datetime) -> Iterator[tuple[Kind, Amount]]:
        """Yield each step of each kind; rest after it for as long as it took, for others have to write."""
        for kind in self._kinds:
            began = time.monotonic()
            for amount in kind.remove(now):
                self._pause(min(LONGEST_REST, time.monotonic() - began))
                yield kind, amount
                began = time.monotonic()
