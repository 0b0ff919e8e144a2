"""The clocks of an inquiry: when it left, was answered and solved, and what 8x8 owes next.

What is due is kept with the inquiry, so that lists can ask for it, and is told anew from the facts
whenever one of them, or the desk's rules, change.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from support_portal.accounts.models import User
from support_portal.inquiries import desk
from support_portal.inquiries.desk import Desk
from support_portal.inquiries.hours import due
from support_portal.inquiries.models import AWAITED, NEVER, Inquiry, Letter, Passage

LEFT = (Passage.SENT, Passage.UNKNOWN)
TOLD = ["sent_at", "answered_at", "solved_at", "answer_due_at", "solution_due_at", "due_at"]
AT_ONCE = 500


def reckon(number: int) -> None:
    """Tell the clocks of an inquiry from its letters, in the transaction of what changed them."""
    inquiry = Inquiry.objects.select_for_update().get(pk=number)
    inquiry.sent_at = left_at(inquiry.letters.filter(state__in=LEFT))
    if inquiry.sent_at is None:
        inquiry.answered_at = inquiry.solved_at = None
    reckon_due(inquiry, desk.current())
    inquiry.save(update_fields=TOLD)


def left_at(letters: Iterable[Letter]) -> datetime | None:
    """Return when the first letter left, as far as that is known."""
    return min((each.sent_at or each.frozen_at for each in letters), default=None)


def reckon_due(inquiry: Any, rules: Desk) -> None:
    """Set what is due when, from when the inquiry left and how severe it is."""
    inquiry.answer_due_at = inquiry.solution_due_at = None
    if inquiry.sent_at:
        target = rules.targets[inquiry.severity]
        inquiry.answer_due_at = due(rules.hours, inquiry.sent_at, target.answer)
        inquiry.solution_due_at = due(rules.hours, inquiry.sent_at, target.solution)
    inquiry.due_at = owed_at(inquiry) or NEVER


def owed_at(inquiry: Any) -> datetime | None:
    """Return when 8x8 owes the next: the first answer, then the solution; None when nothing is awaited."""
    if inquiry.state not in AWAITED:
        return None
    found: datetime | None = (
        inquiry.solution_due_at if inquiry.answered_at else inquiry.answer_due_at
    )
    return found


def rule(said: Mapping[str, str] | None, author: User, *, base: int) -> Desk:
    """Let other rules count, None those of the settings, also for what is awaited already.

    Raises desk.Refused or desk.Overtaken.
    """
    with transaction.atomic():
        if said is None:
            rules = desk.reset(author, base=base)
        else:
            rules = desk.change(said, author, base=base)
        awaited = Inquiry.objects.filter(state__in=AWAITED).exclude(sent_at=None)
        rows = list(awaited.select_for_update())
        for row in rows:
            reckon_due(row, rules)
        Inquiry.objects.bulk_update(rows, ["answer_due_at", "solution_due_at", "due_at"], AT_ONCE)
    return rules
