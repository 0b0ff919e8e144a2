"""Letters by SMTP: the talk with the mail server, told apart by who has the letter when it breaks."""

import smtplib
from contextlib import suppress
from functools import partial
from typing import cast

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from support_portal.inquiries.mailing import message, written
from support_portal.inquiries.models import Letter
from support_portal.inquiries.ways.handing import FromHereOn, NobodyKnows, NotTaken, Taken

TEMPORARY, REFUSED = range(400, 500), range(400, 600)
GO_AHEAD, TAKEN = 354, 250


def hand_over(letter: Letter, from_here_on: FromHereOn) -> Taken:
    """Talk with the server; ``from_here_on`` is called before it gets the letter."""
    if letter.to not in settings.INQUIRY_RECIPIENTS:  # nor one that waited while they changed
        raise NotTaken(f"No letter may go to {letter.to} any more.", for_good=True)
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
    return Taken()


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


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(error) or type(error).__name__


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
