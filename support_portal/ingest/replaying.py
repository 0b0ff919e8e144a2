"""Trying again what was not understood: what is understood now goes through the intake once more."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from support_portal.core import sealing
from support_portal.core.bulk import update_rows
from support_portal.ingest import books
from support_portal.ingest.books import Alike, Deltas, Step
from support_portal.ingest.likeness import likeness
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.opening import WHOLE, told
from support_portal.ingest.quarantine_models import QuarantineState, StepKind
from support_portal.payloads import BadPart, Unrecognised, parse, split


@dataclass(frozen=True, slots=True)
class Tried:
    """An item that was opened and parsed again, and what came of it."""

    entry: QuarantineEntry
    opened: bool = True
    understood: bool = False
    reason: str = ""
    detail: str = ""
    likeness: str = ""

    @property
    def alike(self) -> Alike:
        """Return what decides to which group it belongs now."""
        return Alike(
            reason=self.reason,
            source=self.entry.source,
            sender=self.entry.sender,
            likeness=self.likeness,
            detail=self.detail,
            at=self.entry.received_at,
        )

    @property
    def same(self) -> bool:
        """Tell whether it is refused for what it was refused for before."""
        return (self.reason, self.detail) == (self.entry.reason, self.entry.detail)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of items that were tried again."""

    sent: int = 0  # through the intake
    still: int = 0  # not understood
    unopened: int = 0  # sealed with a key that is not in the ring


def replay(entries: Sequence[QuarantineEntry], *, by: str, why: str = "") -> Replayed:
    """Try items again."""
    tried = [try_again(entry) for entry in entries]
    with transaction.atomic():
        books.hold()
        return settle(tried, by=by, why=why)


def try_again(entry: QuarantineEntry) -> Tried:
    """Open and parse an item once more, without touching the database."""
    try:
        raw = sealing.unseal(entry.body)
    except sealing.Unsealable:
        return Tried(entry, opened=False)
    items = split(raw)
    if len(items) > 1:
        return _try_several(entry, [item.raw for item in items])
    bad, good = read(items[0].raw)
    if not bad:
        return Tried(entry, understood=True)
    reason, detail = told(bad)
    tried = Tried(entry, reason=reason, detail=detail, likeness=likeness(raw, detail))
    # Good parts were recorded the first time; they go in again only if other parts were mended.
    return replace(tried, understood=bool(good) and not tried.same)


def _try_several(entry: QuarantineEntry, raws: Sequence[bytes]) -> Tried:
    """Try a delivery that was set aside whole (it is parted when it is sent), or a heap of crumbs."""
    understood = entry.position == WHOLE or any(not read(raw)[0] for raw in raws)
    return Tried(entry, understood=understood, reason=entry.reason, detail=entry.detail)


def read(raw: bytes) -> tuple[list[BadPart], int]:
    """Return what is bad in one payload, and how many of its records are good."""
    try:
        records = parse(raw)
    except Unrecognised as why:
        return [BadPart(why.reason, why.detail)], 0
    bad = [one for one in records if isinstance(one, BadPart)]
    return bad, len(records) - len(bad)


def settle(
    tried: Sequence[Tried], *, by: str, why: str = "", run_id: UUID | None = None
) -> Replayed:
    """Write down what came of trying again; call in a transaction, with the lock held.

    What is not understood still keeps its row and counts one attempt more.
    """
    waiting = books.still_in(QuarantineState.WAITING, [each.entry.id for each in tried])
    mine = [each for each in tried if each.entry.id in waiting]
    sent = [each.entry for each in mine if each.understood]
    still = [each for each in mine if each.opened and not each.understood]
    now = timezone.now()
    if sent:
        _send(sent, by, why, run_id, now)
    if still:
        _count_attempts(still, now)
    return Replayed(len(sent), len(still), len(mine) - len(sent) - len(still))


def _send(
    entries: Sequence[QuarantineEntry], by: str, why: str, run_id: UUID | None, now: datetime
) -> None:
    """Put items into the inbox again, sealed as they are, and mark them."""
    deliveries = [
        Delivery(
            source=entry.source,
            sender=entry.sender,
            token_id=entry.token_id,
            size=entry.size,
            body=entry.body,
            received_at=entry.received_at,
            entry_id=entry.id,
            run_id=run_id,
        )
        for entry in entries
    ]
    Delivery.objects.bulk_create(deliveries)
    names = [entry.id for entry in entries]
    books.mark(names, QuarantineState.REPLAYED, by, now)
    _touch(names, now)
    books.write(
        (
            Step(entry.id, StepKind.REPLAYED, by, why, delivery.id, run_id)
            for entry, delivery in zip(entries, deliveries, strict=True)
        ),
        now,
    )
    books.count(books.moved(entries, QuarantineState.WAITING, QuarantineState.REPLAYED))


def _count_attempts(tried: Sequence[Tried], now: datetime) -> None:
    """Count an attempt; where a newer parser says something else, keep what it says."""
    _touch([each.entry.id for each in tried], now)
    other = [each for each in tried if not each.same]
    books.meet([each.alike for each in other])
    update_rows(
        QuarantineEntry,
        ("reason", "detail", "group_id"),
        ("id",),
        [(each.reason, each.detail, each.alike.group_id, each.entry.id) for each in other],
    )
    deltas: Deltas = Counter()
    for each in other:
        deltas[each.entry.group_id, QuarantineState.WAITING] -= 1
        deltas[each.alike.group_id, QuarantineState.WAITING] += 1
    books.count(deltas)


def _touch(names: Sequence[UUID], now: datetime) -> None:
    QuarantineEntry.objects.filter(id__in=names).update(attempts=F("attempts") + 1, tried_at=now)
