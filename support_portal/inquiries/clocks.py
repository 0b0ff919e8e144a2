"""The clocks of an inquiry: when it left, was answered and solved, and what 8x8 owes next.

What is due is kept with the inquiry, so that lists can ask for it, and is told anew from the facts
whenever one of them, or the desk's rules, change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from support_portal.accounts.models import User
from support_portal.inquiries import desk
from support_portal.inquiries.desk import Desk
from support_portal.inquiries.hours import Span, due_beside
from support_portal.inquiries.models import AWAITED, NEVER, Inquiry, Letter, Passage, Pause, State

LEFT = (Passage.SENT, Passage.UNKNOWN)
TOLD = ["sent_at", "answered_at", "solved_at", "answer_due_at", "solution_due_at", "due_at"]
AT_ONCE = 500


def reckon(number: int) -> None:
    """Tell the clocks of an inquiry from its letters, in the transaction of what changed them."""
    inquiry = Inquiry.objects.select_for_update().get(pk=number)
    inquiry.sent_at = left_at(inquiry.letters.filter(state__in=LEFT))
    if inquiry.sent_at is None:
        inquiry.answered_at = inquiry.solved_at = None
    reckon_due(inquiry, desk.current(), pauses_of([inquiry.pk])[inquiry.pk])
    inquiry.save(update_fields=TOLD)


def left_at(letters: Iterable[Letter]) -> datetime | None:
    """Return when the first letter left, as far as that is known."""
    return min((each.sent_at or each.frozen_at for each in letters), default=None)


def pauses_of(numbers: Any) -> dict[int, list[Span]]:
    """Return the times in which the clocks of inquiries stood, those that are over; one query."""
    found: dict[int, list[Span]] = defaultdict(list)
    rows = Pause.objects.filter(inquiry__in=numbers)
    for number, began, ended in rows.values_list("inquiry_id", "began_at", "ended_at"):
        if ended:
            found[number].append((began, ended))
    return found


def stop_and_go(inquiry: Inquiry, before: str, at: datetime) -> None:
    """Let the clocks stand while 8x8 waits for us, and go on after."""
    if inquiry.state == before:
        return
    if before == State.PAUSED:
        Pause.objects.filter(inquiry=inquiry, ended_at=None).update(ended_at=at)
    if inquiry.state == State.PAUSED:
        Pause.objects.create(inquiry=inquiry, began_at=at)


def reckon_due(inquiry: Any, rules: Desk, pauses: Sequence[Span] = ()) -> None:
    """Set what is due when, from when the inquiry left, how severe it is and when 8x8 waited for us."""
    inquiry.answer_due_at = inquiry.solution_due_at = None
    if inquiry.sent_at:
        target = rules.targets[inquiry.severity]
        inquiry.answer_due_at = due_beside(rules.hours, inquiry.sent_at, target.answer, pauses)
        inquiry.solution_due_at = due_beside(rules.hours, inquiry.sent_at, target.solution, pauses)
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
        pauses = pauses_of([row.pk for row in rows])
        for row in rows:
            reckon_due(row, rules, pauses[row.pk])
        Inquiry.objects.bulk_update(rows, ["answer_due_at", "solution_due_at", "due_at"], AT_ONCE)
    return rules
