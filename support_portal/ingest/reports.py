"""What became of a delivery, beyond the counts in its row."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from support_portal.ingest.models import Delivery, IgnoredCount, QuarantineEntry

QUEUE_LIMIT = 10_000
SEVERAL = 1


def set_aside(kept: Delivery) -> QuerySet[QuarantineEntry]:
    """Return its items that were set aside, in order, without their bodies.

    One that was sent again from the quarantine and came back has its row where it was first.
    """
    there = Q(delivery_id=kept.id)
    if kept.entry_id is not None and kept.quarantined == SEVERAL:
        there |= Q(id=kept.entry_id)
    entries: QuerySet[QuarantineEntry] = QuarantineEntry.objects.filter(there).defer("body")
    return entries.order_by("position", "id")


def set_aside_at(kept: Delivery, positions: Collection[int]) -> dict[int, QuarantineEntry]:
    """Return the items that were set aside, by position."""
    entries = QuarantineEntry.objects.filter(delivery_id=kept.id, position__in=positions)
    found = {entry.position: entry for entry in entries.defer("body")}
    if not found and kept.entry_id is not None and kept.quarantined == SEVERAL:
        back = QuarantineEntry.objects.filter(id=kept.entry_id).defer("body").first()
        return {min(positions, default=0): back} if back else {}
    return found


def ignored_by_rule(delivery_id: UUID) -> dict[str, int]:
    """Return how many items were dropped under each rule."""
    counts = IgnoredCount.objects.filter(delivery_id=delivery_id).values_list("rule")
    return dict(counts.annotate(n=Sum("total")).order_by("rule"))


def before(kept: Delivery) -> int:
    """Return how many deliveries wait before this one; at most QUEUE_LIMIT + 1, for "more"."""
    return Delivery.objects.pending().filter(id__lt=kept.id)[: QUEUE_LIMIT + 1].count()
