"""Freezing a letter so that it can leave, and what becomes of one that did."""

import hashlib
import json
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.ids import uuid7
from support_portal.inquiries import chat, clocks, counting, files, following, services
from support_portal.inquiries.gate import must_be_in_order
from support_portal.inquiries.letter_of import draft_of, samples_of
from support_portal.inquiries.letters import Sample, compose, shortened
from support_portal.inquiries.models import Inquiry, Letter, Passage, State, Way
from support_portal.notices.services import plain as on_one_line
from support_portal.writing import Document, plain

FROZEN = (
    "way", "sender", "to", "subject", "text", "csv", "ndjson", "message_id", "references",
)  # fmt: skip
LONGEST_SUBJECT = 250


class NotPossible(Exception):
    """The letter stands otherwise than the form believed; says how."""


def send(inquiry: Inquiry, way: Way, author: User) -> Letter:
    """Freeze the letter of a draft; by SMTP it waits for the worker, else it has left.

    Raise gate.Blocked, services.NotADraft, or NotPossible without a mail server.
    """
    if way == Way.SMTP and not settings.MAIL_ON:
        raise NotPossible("No mail server is set up on this portal.")
    with transaction.atomic():
        held = services.locked(inquiry)
        if counting.known_to(held, list(held.evidence.all()), author, timezone.now()):
            held.save(update_fields=["counts"])
        samples = samples_of(held)
        must_be_in_order(held, samples)
        letter = _frozen(held, way, samples, author)
        letter.save()
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


def withdraw(letter: Letter, author: User) -> None:
    """Make a draft of it again: it did not leave after all."""
    with transaction.atomic():
        held = _locked(letter)
        if held.state in (Passage.TRYING, Passage.HANDING, Passage.WITHDRAWN):
            raise NotPossible("It is on its way at this moment.")
        _must_be_current(held)
        _becomes(held, Passage.WITHDRAWN)
        Inquiry.objects.filter(pk=held.inquiry_id).update(state=State.DRAFT)
        clocks.reckon(held.inquiry_id)
        services.note(held.inquiry, author, "made it a draft again")
        chat.announce(held.inquiry, f"is a draft again, by {services.person_name(author)}")


def again(letter: Letter, author: User) -> None:
    """Let a letter that failed, or of which nothing is known, be sent once more."""
    with transaction.atomic():
        held = _locked(letter)
        if held.way != Way.SMTP or held.state not in (Passage.FAILED, Passage.UNKNOWN):
            raise NotPossible("It is not waiting for that.")
        _must_be_current(held)
        _becomes(held, Passage.WAITING, due_at=timezone.now(), attempts=0)
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


def checksum(letter: Letter) -> str:
    """Return the digest of what a letter says; it fits as long as nothing was changed."""
    said = {name: str(getattr(letter, name)) for name in FROZEN}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _frozen(inquiry: Inquiry, way: Way, samples: list[Sample], author: User) -> Letter:
    draft = draft_of(inquiry)
    document = shortened(draft, samples) if way == Way.MAILTO else compose(draft, samples)
    before = list(inquiry.letters.order_by("id").values_list("message_id", flat=True))
    now = timezone.now()
    letter = Letter(
        inquiry=inquiry,
        way=way,
        state=Passage.WAITING if way == Way.SMTP else Passage.SENT,
        who=services.person_name(author)[:150],
        frozen_at=now,
        sent_at=None if way == Way.SMTP else now,
        sender=settings.INQUIRY_SENDER,
        to=inquiry.to,
        subject=on_one_line(f"[{inquiry.reference}] {inquiry.subject}", LONGEST_SUBJECT),
        text=plain(Document("", document.blocks)),
        scope=[] if way == Way.MAILTO or draft.counts is None else list(draft.counts.scope),
        csv=files.as_csv(samples),
        ndjson=files.as_ndjson(samples),
        message_id=f"<{inquiry.reference.lower()}.{uuid7()}@{_domain()}>",
        references=" ".join(before[-10:]),
        due_at=now if way == Way.SMTP else None,
    )
    letter.checksum = checksum(letter)
    return letter


def _domain() -> str:
    """Return the part of message ids that is ours."""
    host = settings.INQUIRY_SENDER.rpartition("@")[2].strip("> ")
    return host or "support-portal.invalid"


def _locked(letter: Letter) -> Letter:
    return Letter.objects.select_for_update().select_related("inquiry").get(pk=letter.pk)


def _must_be_current(letter: Letter) -> None:
    """Raise NotPossible when the inquiry went on without it: as a draft, an answer or a later letter."""
    if letter.inquiry.state != State.SENT:
        raise NotPossible("Its inquiry went on: the letter stays as it is.")
    if letter.inquiry.letters.filter(id__gt=letter.pk).exists():
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
    letter.save(update_fields=["state", "due_at", "problem", "sent_at", "attempts"])
