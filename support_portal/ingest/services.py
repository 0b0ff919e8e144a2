"""Keep first, understand later: receiving deliveries and draining the inbox."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from support_portal.core import sealing
from support_portal.core.ids import uuid7
from support_portal.core.locks import hold_for_transaction
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.services import record
from support_portal.ingest.belonging import set_aside_foreign
from support_portal.ingest.keeping import Kept, keeper
from support_portal.ingest.listening.counting import count
from support_portal.ingest.models import (
    Delivery,
    DeliveryState,
    QuarantineEntry,
    QuarantineState,
    Source,
)
from support_portal.ingest.opening import Opened, open_delivery, set_aside
from support_portal.payloads import Fact

LOCK = "ingest.drain"
LINE_END = "\n"
ITEM_LIMIT = 5_000  # items a transaction: larger ones are not quicker, and readers of SQLite wait
BYTE_LIMIT = 8 * 2**20
DELIVERY_LIMIT = 2_000
ATTEMPT_LIMIT = 3
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
    more: bool = False  # something still waits


@dataclass(slots=True)
class Outcome:
    """What became of the items of a batch, by delivery."""

    counted: Recorded = field(default_factory=Recorded)
    quarantine: list[QuarantineEntry] = field(default_factory=list)


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
    chosen = _choose()
    if not chosen:
        return Drained()
    with _counting_attempts(chosen):
        opened = _open(chosen, limit)
        set_aside_foreign(opened)
        with transaction.atomic():
            hold_for_transaction(LOCK)
            mine = _still_waiting(opened)
            outcome = Outcome()
            _quarantine_unreadable(mine, outcome)
            _record([item for each in mine for item in each.arrivals], outcome)
            QuarantineEntry.objects.bulk_create(outcome.quarantine, ignore_conflicts=True)
            count(mine)
            finished = _settle(mine, outcome)
    return Drained(
        deliveries=finished,
        recorded=outcome.counted.new.total(),
        repeated=outcome.counted.repeated.total(),
        ignored=sum(each.ignored.total() for each in mine),
        quarantined=len(outcome.quarantine),
        more=True,
    )


def replay(entries: Iterable[QuarantineEntry], *, by: str) -> int:
    """Send quarantined items through the intake again; return how many.

    What is still not understood comes back as a new entry, so nothing is lost by trying.  What
    cannot be unsealed stays where it is.
    """
    replayed = 0
    for entry in entries:
        try:
            body = sealing.unseal(entry.body)
        except sealing.Unsealable:
            continue
        with transaction.atomic():
            waiting = QuarantineEntry.objects.filter(pk=entry.pk, state=QuarantineState.WAITING)
            if not waiting.update(
                state=QuarantineState.REPLAYED, settled_by=by, settled_at=timezone.now()
            ):
                continue
            receive(
                body,
                source=entry.source,
                sender=entry.sender,
                token_id=entry.token_id,
                received_at=entry.received_at,
            )
            replayed += 1
    return replayed


def _choose() -> list[UUID]:
    """Return the waiting deliveries of the next batch, at most BYTE_LIMIT bytes of them.

    One that a drain has stumbled over goes alone, so that it cannot take its neighbours along.
    """
    waiting = Delivery.objects.pending().values_list("id", "size", "attempts")[:DELIVERY_LIMIT]
    chosen: list[UUID] = []
    size = 0
    for identifier, length, attempts in waiting:
        size += length
        if chosen and (attempts or size > BYTE_LIMIT):
            break
        chosen.append(identifier)
        if attempts:
            break
    return chosen


def _open(chosen: Sequence[UUID], limit: int) -> list[Opened]:
    """Open the chosen deliveries until ``limit`` items are reached."""
    opened: list[Opened] = []
    left = limit
    for delivery in Delivery.objects.filter(id__in=chosen).order_by("id"):
        if delivery.attempts >= ATTEMPT_LIMIT:
            opened.append(set_aside(delivery, ATTEMPT_LIMIT))
        else:
            opened.append(open_delivery(delivery, limit=left))
        left -= opened[-1].items
        if left <= 0:
            break
    return opened


@contextmanager
def _counting_attempts(chosen: Sequence[UUID]) -> Iterator[None]:
    """Write down that a drain stumbled: a fault of ours must not stop the intake for ever.

    A database that is away or locked says nothing about the deliveries.
    """
    stumbled = True
    try:
        yield
        stumbled = False
    except (OperationalError, InterfaceError):
        stumbled = False
        raise
    finally:
        if stumbled:
            Delivery.objects.filter(id__in=chosen).update(attempts=F("attempts") + 1)


def _still_waiting(opened: Sequence[Opened]) -> list[Opened]:
    """Return what no other drain has taken in the meantime; call with the lock held."""
    pending = Delivery.objects.pending().filter(id__in=[each.delivery.id for each in opened])
    positions = dict(pending.values_list("id", "next_position"))
    return [
        each for each in opened if positions.get(each.delivery.id) == each.delivery.next_position
    ]


def _quarantine_unreadable(opened: Iterable[Opened], outcome: Outcome) -> None:
    for each in opened:
        for item in each.unreadable:
            outcome.quarantine.append(
                QuarantineEntry(
                    delivery_id=each.delivery.id,
                    position=item.position,
                    source=each.delivery.source,
                    sender=each.delivery.sender,
                    token_id=each.delivery.token_id,
                    reason=item.reason,
                    detail=item.detail,
                    body=item.sealed,
                    received_at=item.received_at,
                )
            )


def _record(arrivals: Sequence[Arrived[Fact]], outcome: Outcome) -> None:
    """Record the arrivals; halve what the database refuses until the culprit stands alone."""
    if not arrivals:
        return
    try:
        with transaction.atomic():
            counted = record(arrivals)
    except REFUSALS as refusal:
        if len(arrivals) > 1:
            middle = len(arrivals) // 2
            _record(arrivals[:middle], outcome)
            _record(arrivals[middle:], outcome)
            return
        outcome.quarantine.append(_refused(arrivals[0], refusal))
    else:
        outcome.counted.new.update(counted.new)
        outcome.counted.repeated.update(counted.repeated)


def _refused(arrival: Arrived[Fact], refusal: Exception) -> QuarantineEntry:
    delivery = Delivery.objects.get(id=arrival.delivery_id)
    raw = open_delivery(delivery, limit=0).raw(arrival.position)
    return QuarantineEntry(
        delivery_id=delivery.id,
        position=arrival.position,
        source=delivery.source,
        sender=delivery.sender,
        token_id=delivery.token_id,
        reason="refused",
        # PostgreSQL goes on with the values of the row, which are no business of this column.
        detail=f"The database refused it: {str(refusal).partition(LINE_END)[0]}"[:500],
        body=sealing.seal(raw),
        received_at=arrival.received_at,
    )


def _settle(opened: Sequence[Opened], outcome: Outcome) -> int:
    """Write down what became of each delivery; return how many are finished.

    Deliveries with the same outcome share one UPDATE: most are single events, and a row-by-row
    update of a thousand of them would take longer than recording them.
    """
    quarantined = Counter(entry.delivery_id for entry in outcome.quarantine)
    alike: dict[tuple[int, int, int, int, int, bool], list[UUID]] = defaultdict(list)
    for each in opened:
        name = each.delivery.id
        new, repeated = outcome.counted.new[name], outcome.counted.repeated[name]
        ignored = each.ignored.total()
        alike[new, repeated, ignored, quarantined[name], each.end, each.complete].append(name)
    now = timezone.now()
    finished = 0
    for (new, repeated, ignored, aside, end, complete), names in alike.items():
        Delivery.objects.filter(id__in=names).update(
            recorded=F("recorded") + new,
            repeated=F("repeated") + repeated,
            ignored=F("ignored") + ignored,
            quarantined=F("quarantined") + aside,
            next_position=end,
            state=DeliveryState.DONE if complete else DeliveryState.PENDING,
            drained_at=now if complete else None,
        )
        finished += len(names) if complete else 0
    return finished
