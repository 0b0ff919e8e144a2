"""The inbox of codes and wordings that were never seen before: reading and settling."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from support_portal.accounts.models import User
from support_portal.core.bounded import counted
from support_portal.core.composed import Figure
from support_portal.core.text import kept
from support_portal.knowledge.models import Drift, DriftKind, DriftState, DriftStep
from support_portal.knowledge.subjects import Subject
from support_portal.knowledge.versions import LONGEST_REASON, Refused

MOST_SHOWN = 5
MOST_COUNTED = 100


def settle(
    key: UUID,
    to: DriftState,
    *,
    author: User,
    reason: str = "",
    before: DriftState = DriftState.OPEN,
) -> bool:
    """Accept a wording, set an entry aside with a reason, or open it again.

    False when somebody was quicker; Refused when the reason is missing.
    """
    reason = kept(reason)
    if to is DriftState.ASIDE and not reason:
        raise Refused({"reason": "Say why."})
    if len(reason) > LONGEST_REASON:
        raise Refused({"reason": f"Up to {LONGEST_REASON} characters."})
    with transaction.atomic():
        mine = Drift.objects.filter(id=key, state=before).update(state=to)
        if mine:
            DriftStep.objects.create(drift_id=key, state=to, author=author, reason=reason)
    return bool(mine)


def settle_named(subject: Subject, author: User) -> None:
    """Close what waits for a name: the team said what the code is."""
    waiting = Drift.objects.filter(
        registry=subject.registry,
        code=subject.code,
        kind=DriftKind.UNKNOWN,
        state=DriftState.OPEN,
    )
    for key in waiting.values_list("id", flat=True):
        settle(key, DriftState.NAMED, author=author)


def open_entries() -> int:
    """Return how many entries wait, up to a hundred."""
    return open_count().queryset.count()


def open_count() -> Figure:
    """Return how many entries wait, as a part of another query."""
    return counted(Drift.objects.filter(state=DriftState.OPEN), MOST_COUNTED)


def of_code(registry: str, code: int) -> list[Drift]:
    """Return the entries about a code, the one seen last first."""
    found = Drift.objects.filter(registry=registry, code=code).exclude(kind=DriftKind.MORE)
    return list(found.order_by("-last_seen", "-id")[:MOST_SHOWN])


def entries(*, open_only: bool, kind: str = "") -> QuerySet[Drift]:
    """Return what waits, or what was settled, of one kind or all, the one seen last first."""
    settled = [DriftState.NAMED, DriftState.ACCEPTED, DriftState.ASIDE]
    states = [DriftState.OPEN] if open_only else settled
    found = Drift.objects.filter(state__in=states, **({"kind": kind} if kind else {}))
    return found.order_by("-last_seen", "-id")


def history(found: Collection[Drift]) -> list[DriftStep]:
    """Return what was done with these entries, newest first, with who did it."""
    steps = DriftStep.objects.filter(drift__in=[entry.id for entry in found])
    return list(steps.select_related("author").order_by("-id"))
