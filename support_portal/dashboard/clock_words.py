"""The clocks of an inquiry in words: what 8x8 owes, and how it kept to what was expected."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from support_portal.inquiries.clocks import pauses_of
from support_portal.inquiries.desk import Desk
from support_portal.inquiries.hours import Span, between, between_beside, spoken, today
from support_portal.inquiries.models import AWAITED, NEVER, OPEN, Inquiry, State

BUSINESS = "(business hours)"


@dataclass(frozen=True, slots=True)
class Told:
    """One clock: a tone, an icon, words, and the moment they are about."""

    tone: str
    icon: str
    words: str
    at: datetime


def clocks(inquiry: Inquiry, rules: Desk, now: datetime) -> list[Told]:
    """Return both clocks of an inquiry that left, in the order in which they end."""
    sent = inquiry.sent_at
    if sent is None:
        return []
    waits = inquiry.state in AWAITED
    pauses = pauses_of([inquiry.pk])[inquiry.pk]
    answer = (inquiry.answered_at, inquiry.answer_due_at)
    solution = (inquiry.solved_at, inquiry.solution_due_at)
    told = [
        *_clock("first answer", sent, *answer, rules, now, waits, pauses),
        *_clock("solution", sent, *solution, rules, now, waits, pauses),
    ]
    if inquiry.state == State.PAUSED:
        pause = inquiry.pauses.filter(ended_at=None).first()
        since = pause.began_at if pause else inquiry.saved_at
        told.append(Told("warn", "warn", "the clocks stand: 8x8 waits for us", since))
    return told


def _clock(
    what: str,
    sent: datetime,
    done: datetime | None,
    due: datetime | None,
    rules: Desk,
    now: datetime,
    waits: bool,
    pauses: Sequence[Span],
) -> Iterator[Told]:
    if done:
        took = spoken(between_beside(rules.hours, sent, done, pauses))
        late = bool(due and done > due)
        words = f"{what} after {took} {BUSINESS}{', later than expected' if late else ''}"
        yield Told("warn" if late else "ok", "ok", words, done)
    elif due and waits:
        yield _owed(what, due, rules, now)


def _owed(what: str, due: datetime, rules: Desk, now: datetime) -> Told:
    rest = between(rules.hours, now, due)
    if due <= now:
        return Told("bad", "warn", f"{what} {spoken(rest)} overdue {BUSINESS}", due)
    return Told("", "queued", f"{what} due in {spoken(rest)} {BUSINESS}", due)


def owed(inquiry: Inquiry, rules: Desk, now: datetime) -> Told | None:
    """Return what 8x8 owes next, for a list; None when nothing is awaited."""
    if inquiry.due_at == NEVER or inquiry.state not in AWAITED:
        return None
    return _owed("solution" if inquiry.answered_at else "answer", inquiry.due_at, rules, now)


def step_is_late(inquiry: Inquiry, rules: Desk, now: datetime) -> bool:
    """Tell whether the next step of ours should have been done on an earlier day."""
    day = inquiry.due_on
    return inquiry.state in OPEN and day is not None and day < today(rules.hours, now)
