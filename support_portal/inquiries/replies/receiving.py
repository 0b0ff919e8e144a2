"""Keeping mails: each once, whole and sealed, with the inquiry that it answers or for a person to say."""

import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.locks import hold_for_transaction
from support_portal.core.sealing import seal, unseal
from support_portal.inquiries import services, tracking
from support_portal.inquiries.models import Inquiry, Mail, Reply
from support_portal.inquiries.replies import matching, reading
from support_portal.inquiries.replies.reading import Attached, Incoming

LOCK = "inquiries.mails"
NO_TEXT = "(The mail has no text.)"
CUT = "(The mail is too large, or cannot be read. What it says may stand in the mailbox alone.)"


class AlreadyHere(Exception):
    """The mail was kept before; ``mail`` says with what."""

    def __init__(self, mail: Mail) -> None:
        super().__init__(mail.subject)
        self.mail = mail


@dataclass(frozen=True, slots=True)
class Came:
    """A mail as it came: all of it, or its headers."""

    raw: bytes
    read: Incoming


def whole(raw: bytes) -> Came:
    """Return a mail that came whole."""
    return Came(raw, reading.read(raw))


def headers_of(raw: bytes) -> Came:
    """Return a mail of which nothing but the headers is taken."""
    return Came(raw, reading.heading(raw))


def receive(came: Came) -> Mail | None:
    """Keep a fetched mail and return it; None when it was kept before, or is a letter of ours."""
    if matching.is_ours(came.read):
        return None
    with transaction.atomic():
        hold_for_transaction(LOCK)
        if _kept(came):
            return None
        found = matching.match(came.read)
        mail = _keep(came, found.inquiry if found.sure else None, proposed=found.inquiry)
        if mail.inquiry:
            tracking.learn(mail.inquiry, found.ticket)
            _answers(mail, tracking.PORTAL)
    return mail


def upload(raw: bytes, inquiry: Inquiry, person: User) -> Mail:
    """Keep a mail that a person says answers an inquiry, or raise AlreadyHere."""
    came = whole(raw)
    with transaction.atomic():
        hold_for_transaction(LOCK)
        before = _kept(came)
        if before and before.inquiry_id is None:
            return _give(before, inquiry, person)
        if before:
            raise AlreadyHere(before)
        mail = _keep(came, inquiry, proposed=inquiry, who=services.person_name(person)[:150])
        tracking.learn(inquiry, matching.match(came.read).ticket)
        _answers(mail, person)
    return mail


def assign(mail: Mail, inquiry: Inquiry, person: User) -> bool:
    """Say which inquiry a mail answers; False when somebody did meanwhile."""
    with transaction.atomic():
        held = Mail.objects.select_for_update().filter(pk=mail.pk, inquiry=None).first()
        if held is None:
            return False
        _give(held, inquiry, person)
    return True


def discard(mail: Mail) -> None:
    """Take a mail that answers nothing off the list."""
    Mail.objects.filter(pk=mail.pk, inquiry=None).update(discarded_at=timezone.now())


def files_of(mail: Mail) -> tuple[Attached, ...]:
    """Return the files of a mail with their content."""
    return reading.read(unseal(bytes(mail.body))).files


def _kept(came: Came) -> Mail | None:
    return Mail.objects.filter(key=_key(came)).first()


def _keep(came: Came, inquiry: Inquiry | None, *, proposed: Inquiry | None, who: str = "") -> Mail:
    read = came.read
    return Mail.objects.create(
        inquiry=inquiry,
        proposed=proposed,
        key=_key(came),
        who=who,
        written_at=read.written_at,
        sender=read.sender,
        address=read.address,
        subject=read.subject,
        text=read.text,
        quoted=read.quoted,
        failed=", ".join(read.failed),
        automatic=read.automatic,
        whole=read.whole,
        files=[[each.name, each.kind, len(each.content)] for each in read.files],
        body=seal(came.raw),
    )


def _give(mail: Mail, inquiry: Inquiry, person: User) -> Mail:
    mail.inquiry, mail.discarded_at = inquiry, None
    mail.save(update_fields=["inquiry", "discarded_at"])
    _answers(mail, person)
    return mail


def _answers(mail: Mail, by: User | str) -> None:
    """Make a reply of a mail, which tells who waits for it."""
    inquiry = mail.inquiry
    if inquiry is None:
        return
    text = mail.text or (NO_TEXT if mail.whole else CUT)
    reply = Reply(mail=mail, sender=mail.sender[:150], text=text)
    tracking.keep(inquiry, by, reply, answers=not mail.automatic)


def _key(came: Came) -> str:
    """Return what tells a mail from others: its Message-ID with sender and date, or all of it.

    A Message-ID is whatever its sender writes: alone, one mail could keep another one out.
    """
    read = came.read
    if not read.message_id:
        return hashlib.sha256(came.raw).hexdigest()
    named = (read.message_id, read.address, str(read.written_at))
    return hashlib.sha256("\n".join(named).encode()).hexdigest()
