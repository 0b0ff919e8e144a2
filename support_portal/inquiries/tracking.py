"""What becomes of an inquiry: its state, 8x8's number and answers, the next step, the outcome."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.inquiries import services
from support_portal.inquiries.models import Inquiry, Passage, Reply, State
from support_portal.inquiries.services import Overtaken

FIELDS = ("state", "ticket", "due_on", "cause", "fix")
LONGEST = {"ticket": 60, "cause": 4_000, "fix": 4_000, "reply": 100_000, "sender": 150}
NOT_LEFT = (Passage.WITHDRAWN, Passage.FAILED)


def possible(inquiry: Inquiry) -> list[State]:
    """Return the states that a person may give an inquiry now; only sending makes it sent."""
    if inquiry.state == State.DRAFT:
        return [State.DRAFT, State.CLOSED]
    left = inquiry.letters.exclude(state__in=NOT_LEFT).exists()
    if left:
        return [State.SENT, State.ANSWERED, State.SOLVED, State.CLOSED]
    return [State.DRAFT, State.CLOSED]


def track(inquiry: Inquiry, said: Mapping[str, Any], author: User, *, base: int) -> Inquiry:
    """Save what became of an inquiry over version ``base``, or raise Overtaken."""
    with transaction.atomic():
        held = Inquiry.objects.select_for_update().select_related("created_by").get(pk=inquiry.pk)
        if held.version != base:
            raise Overtaken(held)
        if said["state"] not in possible(held):
            raise Overtaken(held)
        before = held.state
        for name in FIELDS:
            setattr(held, name, said[name])
        held.version, held.saved_at = base + 1, timezone.now()
        held.save(update_fields=[*FIELDS, "version", "saved_at"])
        changed = f"{before} → {held.state}" if before != held.state else ""
        services.note(held, author, "noted what became of it", changed)
    return held


def answer(inquiry: Inquiry, text: str, author: User, *, sender: str = "") -> Reply:
    """Keep what 8x8 answered; an inquiry that was sent is answered then."""
    with transaction.atomic():
        held = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
        reply = Reply.objects.create(
            inquiry=held, who=services.person_name(author)[:150], sender=sender, text=text
        )
        if held.state == State.SENT:
            # A new version: a form that still shows it as sent would take the answer back.
            held.state, held.version, held.saved_at = (
                State.ANSWERED,
                held.version + 1,
                timezone.now(),
            )
            held.save(update_fields=["state", "version", "saved_at"])
        services.note(held, author, "added a reply")
    return reply
