"""What becomes of an inquiry: its state, 8x8's number and answers, the next step, the outcome."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.text import kept as clean
from support_portal.inquiries import chat, clocks, desk, following, services
from support_portal.inquiries.models import AWAITED, NOT_LEFT, OVER, Inquiry, Reply, State
from support_portal.inquiries.services import Overtaken
from support_portal.notices.models import Kind
from support_portal.notices.services import News, tell

PORTAL = "The portal"
FIELDS = ("state", "ticket", "due_on", "owner", "cause_kind", "cause", "fix")
EXCERPT = 400  # characters of an answer that a notice has
# What is told of a state that somebody gave an inquiry.
SAID = {
    State.DRAFT: "made a draft again",
    State.SENT: "set back to sent",
    State.ANSWERED: "called answered",
    State.PAUSED: "paused, since 8x8 waits for us,",
    State.SOLVED: "solved",
    State.CLOSED: "closed",
}
LONGEST = {"ticket": 60, "cause": 4_000, "fix": 4_000, "reply": 100_000, "sender": 150}
MOVED = ("answered_at", "solved_at", "answer_due_at", "solution_due_at", "due_at", "reopened")


def possible(inquiry: Inquiry) -> list[State]:
    """Return the states that a person may give an inquiry now; only sending makes it sent."""
    if inquiry.state == State.DRAFT:
        return [State.DRAFT, State.CLOSED]
    left = inquiry.letters.exclude(state__in=NOT_LEFT).exists()
    if left:
        return [State.SENT, State.ANSWERED, State.PAUSED, State.SOLVED, State.CLOSED]
    return [State.DRAFT, State.CLOSED]


def keepers(inquiry: Inquiry) -> list[User]:
    """Return who may look after an inquiry: those who may write inquiries and see all its evidence."""
    told = set(inquiry.evidence.values_list("sub_account", flat=True).distinct())
    people = User.objects.filter(is_active=True).select_related("team")
    able = [
        each
        for each in people
        if each.may("inquire") and (each.sub_accounts is None or told <= {*each.sub_accounts, ""})
    ]
    if inquiry.keeper not in able:
        able.append(inquiry.keeper)
    return sorted(able, key=lambda each: services.person_name(each).casefold())


def track(inquiry: Inquiry, said: Mapping[str, Any], author: User, *, base: int) -> Inquiry:
    """Save what became of an inquiry over version ``base``, or raise Overtaken."""
    with transaction.atomic():
        held = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
        if held.version != base:
            raise Overtaken(held)
        if said.get("state", held.state) not in possible(held):
            raise Overtaken(held)
        before = Inquiry(state=held.state, due_on=held.due_on, owner=held.keeper)
        for name in FIELDS:
            setattr(held, name, said.get(name, getattr(held, name)))
        held.version, held.saved_at = base + 1, timezone.now()
        _move(held, before.state)
        handed = held.keeper != before.keeper
        if handed or held.due_on != before.due_on:
            # Whoever looks after it now is told of the step that stands now.
            held.reminded_on = None
        held.save(update_fields=[*FIELDS, *MOVED, "version", "saved_at", "reminded_on"])
        _note(held, before, author)
        if held.state != before.state:
            _tell_state(held, author)
        if handed and held.keeper != author:
            _hand_over(held, author)
    return held


def _tell_state(inquiry: Inquiry, author: User) -> None:
    what = f"{SAID[State(inquiry.state)]} by {services.person_name(author)}"
    chat.announce(inquiry, f"was {what}")
    following.tell(
        inquiry,
        what,
        once=f"version {inquiry.version}",
        text=inquiry.cause,
        but=author,
    )


def _move(inquiry: Inquiry, before: str) -> None:
    """Let the clocks follow a state that a person gave."""
    if _is_reopened(before, inquiry):
        inquiry.reopened += 1
        inquiry.solved_at = None
    if before == State.ANSWERED and inquiry.state == State.SENT:
        inquiry.answered_at = None  # what was taken for an answer was none
    if inquiry.sent_at:
        if inquiry.state in (State.ANSWERED, State.SOLVED):
            inquiry.answered_at = inquiry.answered_at or inquiry.saved_at
        if inquiry.state == State.SOLVED:
            inquiry.solved_at = inquiry.solved_at or inquiry.saved_at
    clocks.stop_and_go(inquiry, before, inquiry.saved_at)
    _reckon(inquiry)


def _is_reopened(before: str, inquiry: Inquiry) -> bool:
    return before in OVER and inquiry.state in (*AWAITED, State.PAUSED)


def _reckon(inquiry: Inquiry) -> None:
    clocks.reckon_due(inquiry, desk.current(), clocks.pauses_of([inquiry.pk])[inquiry.pk])


def resume(held: Inquiry, at: datetime) -> None:
    """Let the clocks of a locked inquiry go on: we did what 8x8 waited for."""
    if held.state != State.PAUSED:
        return
    held.state = State.ANSWERED if held.answered_at else State.SENT
    held.version, held.saved_at = held.version + 1, at
    clocks.stop_and_go(held, State.PAUSED, at)
    _reckon(held)
    held.save(update_fields=["state", "version", "saved_at", *MOVED])
    services.note(held, PORTAL, "let the clocks go on", f"{State.PAUSED} → {held.state}")


def _note(inquiry: Inquiry, before: Inquiry, author: User) -> None:
    changed = [f"{before.state} → {inquiry.state}"] * (before.state != inquiry.state)
    if inquiry.due_on != before.due_on:
        changed.append(f"next step {inquiry.due_on:%Y-%m-%d}" if inquiry.due_on else "no next step")
    if inquiry.keeper != before.keeper:
        changed.append(f"looked after by {services.person_name(inquiry.keeper)}")
    what = "reopened it" if _is_reopened(before.state, inquiry) else "noted what became of it"
    services.note(inquiry, author, what, ", ".join(changed))


def _hand_over(inquiry: Inquiry, author: User) -> None:
    title = f"{services.person_name(author)} handed {inquiry.reference} to you"
    once = f"inquiry {inquiry.pk} handed {inquiry.version}"
    link = services.address(inquiry)
    tell([News(inquiry.keeper, Kind.INQUIRY, title, link, once, inquiry.subject)])


def answer(
    inquiry: Inquiry, text: str, author: User, *, sender: str = "", at: datetime | None = None
) -> Reply:
    """Keep what 8x8 answered, as somebody pasted it, at the time at which they did."""
    reply = Reply(sender=clean(sender), text=clean(text), at=at or timezone.now())
    return keep(inquiry, author, reply)


def keep(inquiry: Inquiry, by: User | str, reply: Reply, *, answers: bool = True) -> Reply:
    """Keep a reply and tell who waits for it; an inquiry that was sent is answered then.

    One that ``answers`` nothing, such as an absence note, leaves the state as it is.
    """
    with transaction.atomic():
        held = Inquiry.objects.select_for_update().get(pk=inquiry.pk)
        before, reply.inquiry = held.state, held
        reply.who = (by if isinstance(by, str) else services.person_name(by))[:150]
        reply.save()
        if answers and held.sent_at:
            came = max(reply.at, held.sent_at)
            # One that is pasted late may have come before others.
            held.answered_at = min(came, held.answered_at or came)
        if answers and held.state == State.SENT:
            # A new version: a form that still shows it as sent would take the answer back.
            held.state, held.version = State.ANSWERED, held.version + 1
            held.saved_at = timezone.now()
        _reckon(held)
        held.save(update_fields=["state", "version", "saved_at", *MOVED])
        services.note(held, by, "added a reply")
        if held.state != before:
            chat.announce(held, "was answered by 8x8")
        following.tell(
            held,
            f"answered by {reply.sender or '8x8'}",
            once=f"reply {reply.pk}",
            text=reply.text[:EXCERPT],
            but=None if isinstance(by, str) else by,
        )
    return reply


def learn(inquiry: Inquiry, ticket: str) -> None:
    """Note 8x8's number where there is none; a form that is open without it would take it out again."""
    nameless = Inquiry.objects.filter(pk=inquiry.pk, ticket="")
    if ticket and nameless.update(ticket=ticket, version=F("version") + 1):
        services.note(inquiry, PORTAL, "read the ticket number", ticket)
