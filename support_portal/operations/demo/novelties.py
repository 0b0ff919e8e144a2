"""Settling what was new to the portal in its first days, as the team would have by now.

The story tells of two weeks in one go.  Without this the inbox of what was never seen before would hold
more than fifty wordings, in which nobody sees what is odd.
"""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import TruncDate

from support_portal.accounts.models import User
from support_portal.knowledge import drift
from support_portal.knowledge.models import Drift, DriftKind, DriftState, DriftStep
from support_portal.operations.demo.world import talk

LEAD = "lead"
COMMON = 5  # from so often on it is how 8x8 writes


def settle_novelties() -> None:
    """Let the lead settle all but what the story leaves open; once, so that nothing of others is touched."""
    lead = User.objects.filter(username=LEAD).first()
    if lead is None or DriftStep.objects.exists():
        return
    with transaction.atomic():
        # As if noted when it came: today there is room for what a visitor sends.
        Drift.objects.update(noted_on=TruncDate(F("first_seen")))
        for entry in Drift.objects.filter(state=DriftState.OPEN):
            if not _stays_open(entry):
                state, reason = _verdict(entry)
                drift.settle(entry.id, state, author=lead, reason=reason)


def _stays_open(entry: Drift) -> bool:
    return any(
        (entry.registry, entry.code) == (left.table, left.code) and entry.form.startswith(left.form)
        for left in talk().left_open
    )


def _verdict(entry: Drift) -> tuple[DriftState, str]:
    """Return what became of an entry, and why."""
    if entry.kind == DriftKind.UNKNOWN:
        return DriftState.ASIDE, "An HTTP status that a sender took for a code."
    if entry.kind == DriftKind.REWORDED and entry.seen >= COMMON:
        return DriftState.ACCEPTED, ""
    return DriftState.ASIDE, "Odd texts that came once or twice. Nothing to learn from."
