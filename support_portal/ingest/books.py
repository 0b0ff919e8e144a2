"""The books of the quarantine: groups of what is alike, their counters, and every step taken.

Whoever changes an item holds the lock, writes a step and moves the counters in one transaction.  So
the counters are exact, nothing leaves silently, and of two people the later one sees what was done.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from support_portal.core.bulk import increment, insert_rows, update_rows
from support_portal.core.ids import uuid7
from support_portal.core.locks import hold_for_transaction
from support_portal.ingest.likeness import group_key
from support_portal.ingest.models import QuarantineEntry
from support_portal.ingest.quarantine_models import (
    QuarantineGroup,
    QuarantineState,
    QuarantineStep,
    StepKind,
)

LOCK = "ingest.quarantine"
COLUMNS = ("id", "entry_id", "kind", "at", "by", "why", "delivery_id", "run_id")
Deltas = Counter[tuple[UUID, str]]  # (group, state) -> how many more


@dataclass(frozen=True, slots=True)
class Alike:
    """What decides to which group an item belongs, and what the group shows of it."""

    reason: str
    source: str
    sender: str
    likeness: str
    detail: str
    at: datetime

    @property
    def group_id(self) -> UUID:
        """Return the key of the group."""
        return group_key(self.reason, self.source, self.sender, self.likeness)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done with an item."""

    entry_id: UUID
    kind: StepKind
    by: str = ""
    why: str = ""
    delivery_id: UUID | None = None
    run_id: UUID | None = None


def hold() -> None:
    """Take the lock of the quarantine until the transaction ends."""
    hold_for_transaction(LOCK)


def write(steps: Iterable[Step], now: datetime | None = None) -> None:
    """Add steps to the history of their items."""
    at = now or timezone.now()
    rows = [
        (uuid7(), one.entry_id, str(one.kind), at, one.by, one.why, one.delivery_id, one.run_id)
        for one in steps
    ]
    insert_rows(QuarantineStep, COLUMNS, rows)


def still_in(state: QuarantineState, names: Iterable[UUID]) -> set[UUID]:
    """Return those of the items that are in ``state``; with the lock held, they stay so."""
    there = QuarantineEntry.objects.filter(id__in=list(names), state=state)
    return set(there.values_list("id", flat=True))


def mark(names: Iterable[UUID], to: QuarantineState, by: str, now: datetime) -> None:
    """Set the state of items, and who settled them."""
    waits = to == QuarantineState.WAITING
    QuarantineEntry.objects.filter(id__in=list(names)).update(
        state=to, settled_by="" if waits else by, settled_at=None if waits else now
    )


def moved(
    entries: Iterable[QuarantineEntry], before: QuarantineState, after: QuarantineState
) -> Deltas:
    """Return what changes in the counters when items go from one state to another."""
    deltas: Deltas = Counter()
    for entry in entries:
        deltas[entry.group_id, before] -= 1
        deltas[entry.group_id, after] += 1
    return deltas


def count(deltas: Deltas) -> None:
    """Move the counters of the groups."""
    for state in QuarantineState.values:
        amounts = {(group,): n for (group, word), n in deltas.items() if word == state and n}
        increment(QuarantineGroup, state, ("id",), amounts)


def meet(alike: Sequence[Alike]) -> None:
    """Make sure that each has its group, and that the group spans its time."""
    spans = _spans(alike)
    known = QuarantineGroup.objects.in_bulk(list(spans))
    examples = {one.group_id: one for one in reversed(alike)}
    QuarantineGroup.objects.bulk_create(
        _group(name, examples[name], *span) for name, span in spans.items() if name not in known
    )
    wider = [
        (min(first, group.first_at), max(last, group.last_at), name)
        for name, (first, last) in spans.items()
        if (group := known.get(name)) and (first < group.first_at or last > group.last_at)
    ]
    update_rows(QuarantineGroup, ("first_at", "last_at"), ("id",), wider)


def _spans(alike: Sequence[Alike]) -> dict[UUID, tuple[datetime, datetime]]:
    spans: dict[UUID, tuple[datetime, datetime]] = {}
    for one in alike:
        first, last = spans.get(one.group_id, (one.at, one.at))
        spans[one.group_id] = min(first, one.at), max(last, one.at)
    return spans


def _group(name: UUID, example: Alike, first: datetime, last: datetime) -> QuarantineGroup:
    return QuarantineGroup(
        id=name,
        reason=example.reason,
        source=example.source,
        sender=example.sender,
        likeness=example.likeness,
        detail=example.detail,
        first_at=first,
        last_at=last,
    )
