"""A short text that presses 8x8 for what is overdue, and the record that it was used."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.text import kept
from support_portal.inquiries import clocks, desk, services
from support_portal.inquiries.hours import between, between_beside, spoken
from support_portal.inquiries.leaks import leaks
from support_portal.inquiries.letters.wording import minute
from support_portal.inquiries.models import AWAITED, Inquiry

LONGEST = 4_000
ESCALATED = "escalated"


class Refused(ValueError):
    """The text is not to leave; says why."""


def drafted(inquiry: Inquiry, author: User, now: datetime | None = None) -> str:
    """Return the text for an inquiry that left."""
    now = now or timezone.now()
    rules = desk.current()
    ticket = f" (your ticket {inquiry.ticket})" if inquiry.ticket else ""
    sent = inquiry.sent_at or inquiry.saved_at
    pauses = clocks.pauses_of([inquiry.pk])[inquiry.pk]
    waited = between_beside(rules.hours, sent, now, pauses)
    what = "a solution" if inquiry.answered_at else "a first answer"
    lines = [
        "Hello,",
        "",
        f"we wrote to you about {inquiry.reference}{ticket} on {minute(sent)}, priority"
        f" {inquiry.get_severity_display()}: {inquiry.subject}",
        "",
        f"We have waited for {what} for {spoken(waited)} of business hours"
        f"{_overdue(inquiry, what, rules, now)}.",
        "",
        "Please escalate it, and tell us who works on it and when we can expect the next step.",
        "",
        services.person_name(author),
    ]
    return "\n".join(lines)


def used(inquiry: Inquiry, text: str, author: User) -> None:
    """Record that a text was used; Refused when something leaks or nothing is awaited any more."""
    text = kept(text)
    if not text:
        raise Refused("Write something first.")
    if len(text) > LONGEST:
        raise Refused(f"Up to {LONGEST:,} characters.")
    found = leaks([("the text", text)])
    found = [each for each in found if each.found not in inquiry.ticket]  # 8x8's own may be long
    if found:
        raise Refused(f"It holds what must not leave: {', '.join(each.hint for each in found)}.")
    with transaction.atomic():
        held = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
        if held.state not in AWAITED:
            raise Refused(f"Nothing is awaited: {held.reference} is {held.state}.")
        services.note(held, author, ESCALATED, text)


def _overdue(inquiry: Inquiry, what: str, rules: desk.Desk, now: datetime) -> str:
    if inquiry.due_at >= now:
        return ""
    late = between(rules.hours, inquiry.due_at, now)
    return f"; {what} is {spoken(late)} later than we expect for this priority"
