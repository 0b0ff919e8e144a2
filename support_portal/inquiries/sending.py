"""Freezing a letter so that it can leave, and what becomes of one that did."""

import hashlib
import json
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.ids import uuid7
from support_portal.inquiries import chat, clocks, counting, files, following, services, tracking
from support_portal.inquiries.gate import must_be_in_order, next_letter
from support_portal.inquiries.letter_of import Outgoing, whole
from support_portal.inquiries.letters import shortened
from support_portal.inquiries.models import (
    AWAITED,
    POSTED,
    Gathering,
    Inquiry,
    Letter,
    Passage,
    State,
    Way,
)
from support_portal.inquiries.ways import zendesk
from support_portal.notices.services import plain as on_one_line
from support_portal.writing import Document, plain

FROZEN = (
    "way", "sender", "to", "subject", "text", "csv", "ndjson", "message_id", "references",
)  # fmt: skip
LONGEST_SUBJECT = 250
LONGEST_WORDS = 20_000
MOST_REFERENCES = 10


class NotPossible(Exception):
    """The letter stands otherwise than the form believed; says how."""


def send(inquiry: Inquiry, way: Way, author: User) -> Letter:
    """Freeze the letter of a draft; what the worker hands over waits for it, the rest has left.

    Raise gate.Blocked, services.NotADraft, or NotPossible where nothing takes it.
    """
    _must_be_set_up(way)
    with transaction.atomic():
        held = services.locked(inquiry)
        if counting.known_to(held, list(held.evidence.all()), author, timezone.now()):
            held.save(update_fields=["counts"])
        letter = _leave(held, whole(held), way, author)
        Inquiry.objects.filter(pk=held.pk).update(state=State.SENT, saved_at=letter.frozen_at)
        clocks.reckon(held.pk)
        services.note(held, author, "sent", f"{Way(way).label}, SHA-256 {letter.checksum[:16]}…")
        chat.announce(held, f"was sent to 8x8 by {services.person_name(author)}")
        following.tell(
            held,
            f"sent to 8x8 by {services.person_name(author)}",
            once=f"letter {letter.pk}",
            text=held.subject,
            but=author,
        )
    return letter


def send_further(inquiry: Inquiry, way: Way, author: User, words: str = "") -> Letter:
    """Freeze a letter with what was added since the last one left, in the same thread.

    Raise gate.Blocked, services.NotOpen, or NotPossible when there is nothing to add to, or with.
    """
    _must_be_set_up(way)
    with transaction.atomic():
        held = services.locked_open(inquiry)
        before = services.last_letter(held)
        if before is None or before.state != Passage.SENT:
            raise NotPossible("The letter before it has not left, as far as is known.")
        outgoing = next_letter(held, words, author)
        if not outgoing.samples:
            raise NotPossible("Nothing was added since the last letter.")
        letter = _leave(held, outgoing, way, author, before, words)
        tracking.resume(held, letter.frozen_at)
        told = f"{services.pieces(len(outgoing.samples))}, {Way(way).label}"
        services.note(
            held, author, "sent further evidence", f"{told}, SHA-256 {letter.checksum[:16]}…"
        )
        following.tell(
            held,
            f"given further evidence by {services.person_name(author)}",
            once=f"letter {letter.pk}",
            text=held.subject,
            but=author,
        )
    return letter


def withdraw(letter: Letter, author: User) -> None:
    """Take a letter back that did not leave after all; without its first one an inquiry is a draft again."""
    with transaction.atomic():
        held = _locked(letter)
        if held.state in (Passage.TRYING, Passage.HANDING, Passage.WITHDRAWN):
            raise NotPossible("It is on its way at this moment.")
        _must_be_current(held)
        _becomes(held, Passage.WITHDRAWN)
        if held.follows_id:
            services.note(held.inquiry, author, "took further evidence back")
            return
        Inquiry.objects.filter(pk=held.inquiry_id).update(state=State.DRAFT)
        clocks.reckon(held.inquiry_id)
        services.note(held.inquiry, author, "made it a draft again")
        chat.announce(held.inquiry, f"is a draft again, by {services.person_name(author)}")


def again(letter: Letter, author: User) -> None:
    """Let a letter that failed, or of which nothing is known, be sent once more."""
    with transaction.atomic():
        held = _locked(letter)
        if held.way not in POSTED or held.state not in (Passage.FAILED, Passage.UNKNOWN):
            raise NotPossible("It is not waiting for that.")
        _must_be_current(held)
        now = timezone.now()
        if held.state == Passage.FAILED or not zendesk.is_known_by_key(held, now):
            held.handed_at, held.uploads, held.uploaded_at = None, [], None  # from the beginning
        _becomes(held, Passage.WAITING, due_at=now, attempts=0)
        clocks.reckon(held.inquiry_id)
        services.note(held.inquiry, author, "asked to send it again")


def confirm(letter: Letter, author: User) -> None:
    """Note that a person found out that a letter arrived."""
    with transaction.atomic():
        held = _locked(letter)
        if held.state != Passage.UNKNOWN:
            raise NotPossible("It is not waiting for that.")
        _becomes(held, Passage.SENT, sent_at=timezone.now())
        clocks.reckon(held.inquiry_id)
        services.note(held.inquiry, author, "said that it arrived")


def current_while(letter: Letter) -> tuple[State, ...]:
    """Return the states of its inquiry in which a letter can still be taken back or sent again."""
    return (*AWAITED, State.PAUSED) if letter.follows_id else (State.SENT,)


def checksum(letter: Letter) -> str:
    """Return the digest of what a letter says; it fits as long as nothing was changed."""
    said = {name: str(getattr(letter, name)) for name in FROZEN}
    if letter.form:
        said["form"] = letter.form
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _leave(
    inquiry: Inquiry,
    outgoing: Outgoing,
    way: Way,
    author: User,
    before: Letter | None = None,
    words: str = "",
) -> Letter:
    """Keep a letter as it leaves; ``before`` is the one that it adds to."""
    if Gathering.objects.filter(inquiry=inquiry).exists():
        raise NotPossible("Evidence is still being added. Wait for it, or stop it.")
    draft, samples = outgoing.draft, outgoing.samples
    must_be_in_order(inquiry, samples, draft=draft)
    document = shortened(draft, samples) if way == Way.MAILTO else outgoing.document
    now, waits = timezone.now(), way in POSTED
    letter = Letter(
        inquiry=inquiry,
        follows=before,
        words=words,
        way=way,
        state=Passage.WAITING if waits else Passage.SENT,
        who=services.person_name(author)[:150],
        frozen_at=now,
        sent_at=None if waits else now,
        sender=settings.INQUIRY_SENDER,
        to=inquiry.to,
        subject=on_one_line(_subject(inquiry, before), LONGEST_SUBJECT),
        text=plain(Document("", document.blocks)),
        scope=[] if way == Way.MAILTO or draft.counts is None else list(draft.counts.scope),
        csv=files.as_csv(samples),
        ndjson=files.as_ndjson(samples),
        message_id=f"<{inquiry.reference.lower()}.{uuid7()}@{_domain()}>",
        references=" ".join(_thread(inquiry, before)[-MOST_REFERENCES:]),
        due_at=now if waits else None,
    )
    if way == Way.ZENDESK:
        zendesk.address(letter)
        if letter.request and not settings.ZENDESK.user:
            raise NotPossible(
                f"Request {letter.request} takes no further letter from here: nobody signs in there."
            )
    letter.checksum = checksum(letter)
    letter.save()
    return letter


def _subject(inquiry: Inquiry, before: Letter | None) -> str:
    """Return a subject that names what it is about to us, and to 8x8 once it has a number there."""
    if before is None:
        return f"[{inquiry.reference}] {inquiry.subject}"
    ticket = f"[{inquiry.ticket}] " if inquiry.ticket else ""
    return f"Re: [{inquiry.reference}] {ticket}{inquiry.subject}"


def _thread(inquiry: Inquiry, before: Letter | None) -> list[str]:
    """Return the Message-IDs that a letter answers; one that adds to another names what 8x8 has."""
    if before is None:
        return list(inquiry.letters.order_by("id").values_list("message_id", flat=True))
    return [*before.references.split(), before.message_id]


def _must_be_set_up(way: Way) -> None:
    """Raise NotPossible where this portal has nothing that takes the letter."""
    if way == Way.SMTP and not settings.MAIL_ON:
        raise NotPossible("No mail server is set up on this portal.")
    if way == Way.ZENDESK and not settings.ZENDESK.origin:
        raise NotPossible("No Zendesk is set up on this portal.")
    if way == Way.ZENDESK and not (settings.ZENDESK.user or settings.INQUIRY_SENDER):
        raise NotPossible("Nobody said who asks Zendesk: PORTAL_8X8_SENDER is not set.")


def _domain() -> str:
    """Return the part of message ids that is ours."""
    host = settings.INQUIRY_SENDER.rpartition("@")[2].strip("> ")
    return host or "support-portal.invalid"


def _locked(letter: Letter) -> Letter:
    return Letter.objects.select_for_update().select_related("inquiry").get(pk=letter.pk)


def _must_be_current(letter: Letter) -> None:
    """Raise NotPossible when the inquiry went on without it: as a draft, an answer or a later letter."""
    if letter.inquiry.state not in current_while(letter):
        raise NotPossible("Its inquiry went on: the letter stays as it is.")
    later = letter.inquiry.letters.filter(id__gt=letter.pk).exclude(state=Passage.WITHDRAWN)
    if later.exists():
        raise NotPossible("A later letter has taken its place.")


def _becomes(
    letter: Letter,
    state: Passage,
    *,
    due_at: datetime | None = None,
    sent_at: datetime | None = None,
    attempts: int | None = None,
) -> None:
    letter.state, letter.due_at, letter.problem = state, due_at, ""
    letter.sent_at = sent_at or letter.sent_at
    letter.attempts = letter.attempts if attempts is None else attempts
    letter.save(
        update_fields=[
            *("state", "due_at", "problem", "sent_at", "attempts"),
            *("handed_at", "uploads", "uploaded_at"),
        ]
    )
