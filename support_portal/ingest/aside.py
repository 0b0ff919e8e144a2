"""Setting aside what was not understood, in the transaction of the drain."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from support_portal.core.bulk import insert_rows, update_rows
from support_portal.core.ids import uuid7
from support_portal.ingest import books
from support_portal.ingest.books import Alike, Deltas, Step
from support_portal.ingest.inbox import Waiting
from support_portal.ingest.models import QuarantineEntry, Source
from support_portal.ingest.opening import Unreadable
from support_portal.ingest.quarantine_models import QuarantineState, StepKind

WAITING, REPLAYED = QuarantineState.WAITING, QuarantineState.REPLAYED
COLUMNS = (
    "id", "delivery_id", "position", "source", "sender", "token_id", "reason", "detail", "body",
    "size", "group_id", "received_at", "attempts", "origin_id", "state", "settled_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aside:
    """An item to set aside, and the delivery that it came in."""

    delivery: Waiting
    item: Unreadable
    alone: bool  # the delivery held nothing else

    @property
    def delivery_id(self) -> UUID:
        """Return the id of the delivery."""
        return self.delivery.id

    @property
    def key(self) -> tuple[UUID, int]:
        """Return what an item is known by."""
        return self.delivery.id, self.item.position

    @property
    def alike(self) -> Alike:
        """Return what decides to which group it belongs."""
        delivery, item = self.delivery, self.item
        return Alike(
            reason=item.reason,
            source=delivery.source,
            sender=delivery.sender,
            likeness=item.likeness,
            detail=item.detail,
            at=item.received_at,
        )

    @property
    def returns(self) -> bool:
        """Tell whether this is an item of the quarantine that was sent again as it was."""
        again = self.delivery.entry_id is not None and self.delivery.source != Source.EDITED
        return again and self.alone


def keep(found: Iterable[Aside]) -> list[Aside]:
    """Set items aside and return them, each once; call in the transaction that reads them.

    One that was sent again and is refused once more goes back to its own row, so that trying does
    not make the quarantine grow.
    """
    items = {each.key: each for each in found}
    if not items:
        return []
    books.hold()
    there = QuarantineEntry.objects.filter(delivery_id__in={delivery for delivery, _ in items})
    known = set(there.values_list("delivery_id", "position"))
    kept = [each for key, each in items.items() if key not in known]
    books.meet([each.alike for each in kept])
    back = _bring_back([each for each in kept if each.returns])
    _insert([each for each in kept if each.key not in back])
    return kept


def _bring_back(asides: Sequence[Aside]) -> set[tuple[UUID, int]]:
    """Let items wait again that were refused once more; return the keys of those that are there."""
    entries = QuarantineEntry.objects.filter(state=REPLAYED).defer("body")
    found = entries.in_bulk([each.delivery.entry_id for each in asides])
    pairs = [(each, found[name]) for each in asides if (name := each.delivery.entry_id) in found]
    if not pairs:
        return set()
    update_rows(
        QuarantineEntry,
        ("state", "reason", "detail", "group_id", "settled_by", "settled_at"),
        ("id",),
        [
            (WAITING.value, each.item.reason, each.item.detail, each.alike.group_id, "", None,
             entry.id)
            for each, entry in pairs
        ],
    )  # fmt: skip
    books.write(
        Step(entry.id, StepKind.RETURNED, why=each.item.detail, delivery_id=each.delivery.id)
        for each, entry in pairs
    )
    deltas: Deltas = Counter()
    for each, entry in pairs:
        deltas[entry.group_id, REPLAYED] -= 1
        deltas[each.alike.group_id, WAITING] += 1
    books.count(deltas)
    return {each.key for each, _ in pairs}


def _insert(asides: Sequence[Aside]) -> None:
    groups = [each.alike.group_id for each in asides]
    rows = [_row(each, group) for each, group in zip(asides, groups, strict=True)]
    insert_rows(QuarantineEntry, COLUMNS, rows)
    books.count(Counter((group, WAITING.value) for group in groups))


def _row(aside: Aside, group: UUID) -> tuple[Any, ...]:
    delivery, item = aside.delivery, aside.item
    return (
        uuid7(), delivery.id, item.position, str(delivery.source), delivery.sender,
        delivery.token_id, item.reason,
        item.detail, item.sealed, item.size, group, item.received_at, 0, delivery.entry_id,
        WAITING.value, "",
    )  # fmt: skip
