"""Keep first, understand later: receiving deliveries and draining the inbox."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, transaction
from django.utils import timezone

from support_portal.core import garbage, sealing
from support_portal.core.bulk import update_rows
from support_portal.core.connections import is_away
from support_portal.core.durable import kept_soon
from support_portal.core.ids import uuid7
from support_portal.core.locks import hold_for_transaction
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.services import LOCK, record
from support_portal.ingest import inbox
from support_portal.ingest.aside import Aside, keep
from support_portal.ingest.belonging import set_aside_foreign
from support_portal.ingest.inbox import Settlement, Waiting
from support_portal.ingest.keeping import Kept, keeper
from support_portal.ingest.listening.counting import count
from support_portal.ingest.models import Delivery, IgnoredCount, Source
from support_portal.ingest.opening import (
    Opened,
    open_delivery,
    set_aside,
    set_next_aside,
    unreadable,
)
from support_portal.payloads import Fact

LINE_END = "\n"
ITEM_LIMIT = 5_000  # items a transaction: larger ones are not quicker, and readers of SQLite wait
WORTH_ANOTHER = 1_000
# Items of a delivery that go in one transaction, by how often a drain stumbled over it: so what it
# stumbles over is found in a long body, and its neighbours land.
SLICES = (ITEM_LIMIT, 300, 15, 1)
# A refusal says something about the row.  A locked or absent database (OperationalError) does not,
# and is left to the next ring.
REFUSALS = (DataError, IntegrityError, ValueError, OverflowError)


@dataclass(slots=True)
class Drained:
    """What one call of drain did: finished deliveries, and facts by what became of them."""

    deliveries: int = 0
    recorded: int = 0
    repeated: int = 0
    ignored: int = 0
    quarantined: int = 0
    more: bool = False  # something waited; more may have come
    # Something still waits, or so much came that more has likely come meanwhile: look again at once.
    again: bool = field(default=False, compare=False)


@dataclass(slots=True)
class Outcome:
    """What became of the items of a batch, by delivery."""

    counted: Recorded = field(default_factory=Recorded)
    quarantine: list[Aside] = field(default_factory=list)


Recorder = Callable[[Sequence[Arrived[Fact]], Outcome], None]


def receive(
    body: bytes,
    *,
    source: str,
    sender: str = "",
    token_id: int | None = None,
    content_type: str = "",
    received_at: datetime | None = None,
    file_id: UUID | None = None,
) -> Kept:
    """Keep ``body`` sealed; when this returns outside a transaction, it is on disk."""
    kept = Kept(
        id=uuid7(),
        source=Source(source).value,
        sender=sender[:100],
        token_id=token_id,
        content_type=content_type[:100].replace("\x00", "\ufffd"),
        size=len(body),
        body=sealing.seal(body),
        received_at=received_at or timezone.now(),
        file_id=file_id,
    )
    keeper.keep(kept)
    return kept


def drain(*, limit: int = ITEM_LIMIT) -> Drained:
    """Understand and record up to ``limit`` waiting items, oldest first, in one transaction.

    Opening and parsing happen before the transaction, so the database is held only for writing.
    Any number of drains may run: each takes the lock in turn and skips what another has finished.
    """
    with garbage.left_alone():
        return _drain(limit)  # what it has made is gone before garbage is searched for again


def _drain(limit: int) -> Drained:
    claimed, more_waits = inbox.claim()
    if not claimed:
        return Drained()
    with _counting_attempts(claimed):
        opened = _open(claimed, limit)
        set_aside_foreign(opened)
        try:
            drained = _write(opened, _record_at_once)
        except REFUSALS:
            drained = _write(opened, _record_in_halves)
    drained.again |= more_waits or len(opened) < len(claimed)
    return drained


def _write(opened: Sequence[Opened], record_arrivals: Recorder) -> Drained:
    """Record what was opened, in one transaction, unless another drain has taken it further.

    The transaction need not be on disk when this returns: what is lost is lost with the note that it
    was done, so it is done again.
    """
    with kept_soon():
        hold_for_transaction(LOCK)
        waiting = inbox.still_waiting([each.delivery for each in opened])
        mine = [each for each in opened if each.delivery.id in waiting]
        outcome = Outcome()
        _quarantine_unreadable(mine, outcome)
        record_arrivals([item for each in mine for item in each.arrivals], outcome)
        outcome.quarantine = keep(outcome.quarantine)
        _note_ignored(mine)
        count(mine)
        settlements = _settlements(mine, outcome)
        inbox.settle(settlements, timezone.now())
    items = sum(each.items for each in mine)
    return Drained(
        deliveries=sum(settlement.complete for settlement in settlements),
        recorded=outcome.counted.new.total(),
        repeated=outcome.counted.repeated.total(),
        ignored=sum(each.ignored.total() for each in mine),
        quarantined=len(outcome.quarantine),
        more=True,
        again=items >= WORTH_ANOTHER or not all(each.complete for each in mine),
    )


def _open(claimed: Iterable[Waiting], limit: int) -> list[Opened]:
    """Open the claimed deliveries until ``limit`` items are reached."""
    opened: list[Opened] = []
    left = limit
    for delivery in claimed:
        opened.append(_open_carefully(delivery, left))
        left -= opened[-1].items
        if left <= 0:
            break
    return opened


def _open_carefully(delivery: Waiting, limit: int) -> Opened:
    """Open the less of a delivery the more often a drain stumbled over it; then give up."""
    stumbles = delivery.attempts
    if stumbles < len(SLICES):
        return open_delivery(delivery, limit=min(limit, SLICES[stumbles]))
    if stumbles == len(SLICES):
        return set_next_aside(delivery)
    return set_aside(delivery)


@contextmanager
def _counting_attempts(claimed: Sequence[Waiting]) -> Iterator[None]:
    """Write down that a drain stumbled: a fault of ours must not stop the intake for ever.

    A database that is away or locked says nothing about the deliveries.
    """
    stumbled = True
    try:
        yield
        stumbled = False
    except (DatabaseError, InterfaceError) as error:
        stumbled = not is_away(error)
        raise
    finally:
        if stumbled:
            update_rows(
                Delivery,
                ("attempts",),
                ("id",),
                [(1, each.id) for each in claimed],
                adding=("attempts",),
            )


def _quarantine_unreadable(opened: Iterable[Opened], outcome: Outcome) -> None:
    for each in opened:
        for item in each.unreadable:
            outcome.quarantine.append(Aside(each.delivery, item, alone=each.alone))


def _note_ignored(opened: Iterable[Opened]) -> None:
    """Write down the rules under which items were dropped."""
    IgnoredCount.objects.bulk_create(
        IgnoredCount(delivery_id=each.delivery.id, rule=rule, total=total)
        for each in opened
        for rule, total in each.ignored.items()
    )


def _record_at_once(arrivals: Sequence[Arrived[Fact]], outcome: Outcome) -> None:
    """Record the arrivals as nearly all batches are: the database refuses none of them."""
    counted = record(arrivals)
    outcome.counted.new.update(counted.new)
    outcome.counted.repeated.update(counted.repeated)


def _record_in_halves(arrivals: Sequence[Arrived[Fact]], outcome: Outcome) -> None:
    """Record the arrivals; halve what the database refuses until the culprit stands alone."""
    if not arrivals:
        return
    try:
        with transaction.atomic():
            _record_at_once(arrivals, outcome)
    except REFUSALS as refusal:
        if len(arrivals) > 1:
            middle = len(arrivals) // 2
            _record_in_halves(arrivals[:middle], outcome)
            _record_in_halves(arrivals[middle:], outcome)
            return
        outcome.quarantine.append(_refused(arrivals[0], refusal))


def _refused(arrival: Arrived[Fact], refusal: Exception) -> Aside:
    opened = open_delivery(inbox.find(arrival.delivery_id), limit=0)
    # PostgreSQL goes on with the values of the row, which are no business of this column.
    detail = f"The database refused it: {str(refusal).partition(LINE_END)[0]}"[:500]
    raw = opened.raw(arrival.position)
    item = unreadable(arrival.position, "refused", detail, raw, arrival.received_at)
    return Aside(opened.delivery, item, alone=opened.alone)


def _settlements(opened: Sequence[Opened], outcome: Outcome) -> list[Settlement]:
    aside = Counter(entry.delivery_id for entry in outcome.quarantine)
    return [
        Settlement(
            recorded=outcome.counted.new[each.delivery.id],
            repeated=outcome.counted.repeated[each.delivery.id],
            ignored=each.ignored.total(),
            quarantined=aside[each.delivery.id],
            next_position=each.end,
            complete=each.complete,
            attempts=_attempts_after(each),
            id=each.delivery.id,
        )
        for each in opened
    ]


def _attempts_after(opened: Opened) -> int:
    """Go faster again where a part went well, and start afresh behind what was given up."""
    stumbles = opened.delivery.attempts
    if opened.complete:
        return stumbles
    return stumbles - 1 if 0 < stumbles < len(SLICES) else 0
