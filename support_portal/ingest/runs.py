"""Passes over many quarantined items: replaying, discarding, restoring.

A pass is a row.  Each batch is one transaction that moves the row's cursor together with the items,
so a pass that is stopped at any moment goes on where it was, and any number of workers may push it.
"""

import time
from collections.abc import Callable, Sequence
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from support_portal.core.keyset import Order
from support_portal.ingest import books, quarantine, replaying, services
from support_portal.ingest.models import Delivery, DeliveryState, QuarantineEntry
from support_portal.ingest.quarantine_models import (
    QuarantineGroup,
    QuarantineRun,
    QuarantineState,
    RunKind,
    RunState,
)

ORDER = Order(("received_at", "id"), descending=False)
BATCH = 1_000
BATCH_BYTES = 8 * 2**20
BACKLOG = 5_000  # deliveries; beyond that the inbox is emptied before more is put into it
OUTCOMES = 5_000  # deliveries whose outcome is counted at once
# What a pass looks at, and where it puts what it moves.
LOOKS_AT = {
    RunKind.REPLAY: QuarantineState.WAITING,
    RunKind.DISCARD: QuarantineState.WAITING,
    RunKind.RESTORE: QuarantineState.DISCARDED,
}
PUTS = {
    RunKind.DISCARD: QuarantineState.DISCARDED,
    RunKind.RESTORE: QuarantineState.WAITING,
}


class Changed(Exception):
    """There are more or fewer items than the person was shown."""

    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.total = total


class Pace(Enum):
    """How a pass goes on."""

    AGAIN = "there is more to do at once"
    WAITS = "the intake has to read first"
    OVER = "it is finished or was cancelled"


def begin(
    kind: RunKind,
    *,
    by: str,
    why: str = "",
    reason: str = "",
    group_id: UUID | None = None,
    expected: int | None = None,
) -> QuarantineRun:
    """Begin a pass over what is there now: the items of a group, of a reason, or all.

    Raises Changed when there are not ``expected`` of them.
    """
    if kind == RunKind.DISCARD:
        why = quarantine.said(why)
    with transaction.atomic():
        books.hold()
        total = in_scope(kind, reason=reason, group_id=group_id)
        if expected not in (None, total):
            raise Changed(total)
        newest = QuarantineEntry.objects.order_by("-id").values_list("id", flat=True).first()
        return QuarantineRun.objects.create(
            kind=kind,
            reason=reason,
            group_id=group_id,
            by=by,
            why=why,
            total=total,
            until_id=newest or UUID(int=0),
        )


def in_scope(kind: RunKind, *, reason: str = "", group_id: UUID | None = None) -> int:
    """Return how many items a pass would look at, by the counters of their groups."""
    groups = QuarantineGroup.objects.all()
    if group_id is not None:
        groups = groups.filter(id=group_id)
    if reason:
        groups = groups.filter(reason=reason)
    state = LOOKS_AT[kind].value
    found: int | None = groups.filter(**{f"{state}__gt": 0}).aggregate(n=Sum(state))["n"]
    return found or 0


def cancel(run_id: UUID, *, by: str) -> None:
    """Stop a pass; what it has done stays done."""
    with transaction.atomic():
        books.hold()
        QuarantineRun.objects.under_way().filter(id=run_id).update(
            state=RunState.CANCELLED, cancelled_by=by, finished_at=timezone.now()
        )


def push(run_id: UUID, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> Pace:
    """Push a pass for about ``seconds``; where it has to wait for the intake, drain."""
    end = clock() + seconds
    pace = Pace.AGAIN
    while pace is not Pace.OVER and clock() < end:
        pace = advance(run_id)
        if pace is Pace.WAITS and not services.drain().more:
            break
    return pace


def advance(run_id: UUID) -> Pace:
    """Take one step of a pass."""
    run = QuarantineRun.objects.filter(id=run_id).first()
    if run is None or not run.under_way:
        return Pace.OVER
    if run.state == RunState.SETTLING:
        return _count_outcomes(run)
    if run.kind == RunKind.REPLAY and _backlog():
        return Pace.WAITS
    batch = _batch(run)
    if not batch:
        return _finish(run)
    if run.kind == RunKind.REPLAY:
        return _replay(run, batch)
    return _move(run, batch)


def _backlog() -> bool:
    return Delivery.objects.pending()[BACKLOG : BACKLOG + 1].exists()


def _batch(run: QuarantineRun) -> list[QuarantineEntry]:
    """Return the next items without their bodies: at most BATCH of them, and BATCH_BYTES."""
    state = LOOKS_AT[RunKind(run.kind)]
    entries: QuerySet[QuarantineEntry] = QuarantineEntry.objects.filter(state=state)
    entries = entries.filter(id__lte=run.until_id)
    if run.group_id is not None:
        entries = entries.filter(group_id=run.group_id)
    if run.reason:
        entries = entries.filter(reason=run.reason)
    if run.cursor is not None:
        entries = ORDER.beyond(entries, run.cursor, backwards=False)
    found = ORDER.applied(entries).defer("body")[:BATCH]
    return _bounded(found)


def _bounded(entries: QuerySet[QuarantineEntry]) -> list[QuarantineEntry]:
    batch: list[QuarantineEntry] = []
    size = 0
    for entry in entries:
        size += entry.size
        if batch and size > BATCH_BYTES:
            break
        batch.append(entry)
    return batch


def _replay(run: QuarantineRun, batch: Sequence[QuarantineEntry]) -> Pace:
    bodies = QuarantineEntry.objects.filter(id__in=[entry.id for entry in batch])
    tried = [replaying.try_again(entry) for entry in bodies]
    with transaction.atomic():
        if not _hold(run):
            return Pace.AGAIN
        done = replaying.settle(tried, by=run.by, why=run.why, run_id=run.id)
        _note(run, batch, changed=done.sent, still=done.still, unopened=done.unopened)
    return Pace.AGAIN


def _move(run: QuarantineRun, batch: Sequence[QuarantineEntry]) -> Pace:
    with transaction.atomic():
        if not _hold(run):
            return Pace.AGAIN
        moved = quarantine.move(
            batch, PUTS[RunKind(run.kind)], by=run.by, why=run.why, run_id=run.id
        )
        _note(run, batch, changed=moved)
    return Pace.AGAIN


def _hold(run: QuarantineRun) -> bool:
    """Take the lock, and tell whether the pass is still where we saw it."""
    books.hold()
    same = QuarantineRun.objects.filter(
        id=run.id, state=run.state, cursor_id=run.cursor_id, settled_id=run.settled_id
    )
    return same.exists()


def _note(run: QuarantineRun, batch: Sequence[QuarantineEntry], **counts: int) -> None:
    last = batch[-1]
    QuarantineRun.objects.filter(id=run.id).update(
        cursor_at=last.received_at,
        cursor_id=last.id,
        seen=F("seen") + len(batch),
        **{name: F(name) + number for name, number in counts.items()},
    )


def _finish(run: QuarantineRun) -> Pace:
    """Go over to counting outcomes; where nothing went through the intake, that is the end."""
    with transaction.atomic():
        if _hold(run):
            settling = run.kind == RunKind.REPLAY and run.changed
            _set(run, RunState.SETTLING if settling else RunState.DONE)
    return Pace.AGAIN


def _set(run: QuarantineRun, state: RunState) -> None:
    finished = timezone.now() if state == RunState.DONE else None
    QuarantineRun.objects.filter(id=run.id).update(state=state, finished_at=finished)


def _count_outcomes(run: QuarantineRun) -> Pace:
    """Add up what became of what was sent again, as far as the intake has read it."""
    sent = Delivery.objects.filter(run_id=run.id).order_by("id").defer("body")
    if run.settled_id is not None:
        sent = sent.filter(id__gt=run.settled_id)
    read: list[Delivery] = []
    for delivery in sent[:OUTCOMES]:
        if delivery.state != DeliveryState.DONE:
            break
        read.append(delivery)
    if not read and sent.exists():
        return Pace.WAITS
    with transaction.atomic():
        if _hold(run):
            _add_outcomes(run, read)
    return Pace.AGAIN


def _add_outcomes(run: QuarantineRun, read: Sequence[Delivery]) -> None:
    if not read:
        _set(run, RunState.DONE)
        return
    QuarantineRun.objects.filter(id=run.id).update(
        settled_id=read[-1].id,
        recorded=F("recorded") + sum(one.recorded for one in read),
        repeated=F("repeated") + sum(one.repeated for one in read),
        ignored=F("ignored") + sum(one.ignored for one in read),
        returned=F("returned") + sum(one.quarantined for one in read),
    )
