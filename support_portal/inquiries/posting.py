"""Handing letters to the mail server: each exactly once, or it is said that nobody can know.

A letter is claimed by state and time, and how far the talk with the server came is committed before
the step that cannot be undone.  Up to then everything may be tried again; a claim that ends while the
letter was being handed over leaves it UNKNOWN, and a person decides.
"""

import logging
import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from support_portal.core.locks import hold_for_transaction
from support_portal.inquiries import clocks
from support_portal.inquiries.mailing import message, written
from support_portal.inquiries.models import History, Letter, Passage
from support_portal.inquiries.sending import checksum
from support_portal.notices.services import plain

log = logging.getLogger(__name__)
ATTEMPTS = 7  # with doubled pauses the last comes an hour after the first
PAUSE = timedelta(minutes=1)
CLAIM = timedelta(minutes=10)  # longer than any talk with a server takes
TEMPORARY, REFUSED = range(400, 500), range(400, 600)
GO_AHEAD, TAKEN = 354, 250


class NotTaken(Exception):
    """The server has nothing of the letter; ``for_good`` when asking again is of no use."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


class NobodyKnows(Exception):
    """The letter was handed over and not acknowledged."""


def post_next(now: datetime | None = None) -> bool:
    """Send one letter that is due; tell whether there was any."""
    now = now or timezone.now()
    letter = _claim(now)
    if letter is None:
        return False
    try:
        hand_over(letter, lambda: _passes(letter, Passage.HANDING))
    except NotTaken as refused:
        _put_off(letter, refused, now)
    except NobodyKnows as why:
        _ends(letter, Passage.UNKNOWN, str(why))
    else:
        _ends(letter, Passage.SENT, "")
    return True


def hand_over(letter: Letter, from_here_on: Callable[[], object]) -> None:
    """Talk with the server; ``from_here_on`` is called before it gets the letter."""
    if letter.to not in settings.INQUIRY_RECIPIENTS:  # nor one that waited while they changed
        raise NotTaken(f"No letter may go to {letter.to} any more.", for_good=True)
    if checksum(letter) != letter.checksum:
        raise NotTaken("It was changed after it was frozen.", for_good=True)
    content = _content(letter)
    try:
        server = _connected()
    except smtplib.SMTPAuthenticationError as error:
        raise NotTaken(f"The mail server refused our name and password: {_said(error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(f"The mail server cannot be talked to: {_said(error)}") from error
    try:
        _announce(server, letter)
        from_here_on()
        _deliver(server, content)
        with suppress(smtplib.SMTPException, OSError):
            server.putcmd("QUIT")
    finally:
        server.close()


def _connected() -> smtplib.SMTP:
    """Connect and log in as all mail of the portal does: Django's backend looks at certificates, too."""
    backend = EmailBackend()
    try:
        backend.open()
        server = cast("smtplib.SMTP", backend.connection)
        server.ehlo_or_helo_if_needed()
    except (smtplib.SMTPException, OSError):
        backend.close()
        raise
    return server


def _announce(server: smtplib.SMTP, letter: Letter) -> None:
    """Say from whom and to whom, and ask for the go-ahead; the server has nothing of the letter yet."""
    try:
        for say in (
            partial(server.mail, settings.INQUIRY_ENVELOPE),
            partial(server.rcpt, letter.to),
            partial(server.docmd, "DATA"),
        ):
            code, reply = say()
            if code not in (TAKEN, 251, GO_AHEAD):
                raise NotTaken(f"{code} {_text(reply)}", for_good=code not in TEMPORARY)
        if code != GO_AHEAD:
            raise NotTaken(f"{code} {_text(reply)}")
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken(
            f"The mail server broke off before it got the letter: {_said(error)}"
        ) from error


def _content(letter: Letter) -> bytes:
    """Return the mail as it is handed over, to the dot that ends it; it begins with a header."""
    content = written(message(letter)).replace(b"\r\n.", b"\r\n..")
    return content + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _deliver(server: smtplib.SMTP, content: bytes) -> None:
    try:
        server.send(content)
        code, reply = server.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise NobodyKnows(
            f"The mail server got the letter and did not say whether it took it: {_said(error)}"
        ) from error
    if code in REFUSED:
        raise NotTaken(f"{code} {_text(reply)}", for_good=code not in TEMPORARY)
    if code != TAKEN:
        raise NobodyKnows(f"The mail server got the letter and answered: {code} {_text(reply)}")


def _claim(now: datetime) -> Letter | None:
    """Take the letter that waits longest, after saying what became of claims that ended."""
    with transaction.atomic():
        hold_for_transaction("inquiries.posting")
        over = Letter.objects.filter(due_at__lte=now)
        for lost in over.filter(state=Passage.HANDING):
            _ends(lost, Passage.UNKNOWN, "Whoever sent it stopped while the server was getting it.")
        for worn in over.filter(state=Passage.TRYING, attempts__gte=ATTEMPTS):
            _ends(worn, Passage.FAILED, "Whoever sent it stopped before the server got it.")
        waiting = over.filter(state__in=(Passage.WAITING, Passage.TRYING)).order_by("due_at")
        letter = waiting.select_for_update().first()  # a person may take it back at this moment
        if letter is not None:
            letter.attempts += 1
            letter.state, letter.due_at = Passage.TRYING, now + CLAIM
            letter.save(update_fields=["state", "due_at", "attempts"])
        return letter


def _passes(letter: Letter, state: Passage) -> None:
    """Commit the step; NotTaken when the claim is somebody else's by now."""
    held = Letter.objects.filter(pk=letter.pk, state=Passage.TRYING, attempts=letter.attempts)
    if not held.update(state=state):
        raise NotTaken("Another worker has it.")


def _put_off(letter: Letter, refused: NotTaken, now: datetime) -> None:
    log.warning("letter %d was not taken: %s", letter.pk, refused)
    if refused.for_good or letter.attempts >= ATTEMPTS:
        _ends(letter, Passage.FAILED, str(refused))
        return
    _these(letter).update(
        state=Passage.WAITING,
        due_at=now + PAUSE * 2 ** (letter.attempts - 1),
        problem=plain(str(refused), 300),
    )


def _ends(letter: Letter, state: Passage, problem: str) -> None:
    with transaction.atomic():
        changed = _these(letter).update(
            state=state,
            due_at=None,
            problem=plain(problem, 300),
            sent_at=timezone.now() if state == Passage.SENT else None,
        )
        if changed:
            words = "taken by the mail server" if state == Passage.SENT else problem
            History.objects.create(
                inquiry_id=letter.inquiry_id, who="The portal", what=f"mail {state}", detail=words
            )
            clocks.reckon(letter.inquiry_id)


def _these(letter: Letter) -> QuerySet[Letter]:
    """Return the letter, while the attempt is the one that was claimed."""
    return Letter.objects.filter(
        pk=letter.pk, attempts=letter.attempts, state__in=(Passage.TRYING, Passage.HANDING)
    )


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
