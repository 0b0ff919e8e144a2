"""Sending notices by mail.

The row knows what is due; celery only rings.  A mail is claimed by putting off its next attempt, so
two workers do not send the same, and a worker that dies leaves it to the next attempt.  Whoever dies
between the server's yes and the note of it makes a second mail: that is the price of losing none.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, QuerySet

from support_portal.core.locks import hold_for_transaction
from support_portal.notices.models import Notice
from support_portal.notices.services import plain

log = logging.getLogger(__name__)
ATTEMPTS = 7  # with doubled pauses the last comes an hour after the first
PAUSE = timedelta(minutes=1)
MOST_IN_ONE = 50
SUBJECT_LIMIT = 150
PROBLEM_LIMIT = 200
HEADERS = {"Auto-Submitted": "auto-generated"}  # so that no absence note answers it


def send_next(now: datetime) -> bool:
    """Send one person what is due, in one mail; tell whether there was any and it went."""
    due = _claim(now)
    if not due:
        return False
    try:
        _message(due, _left(due, now)).send()
    except (SMTPException, OSError, ValueError) as problem:
        _failed(due, problem, now)
        return False
    _these(due).update(mailed_at=now, mail_due_at=None, mail_problem="")
    return True


def _claim(now: datetime) -> list[Notice]:
    """Take what is due for the person who waits longest, and put off the next attempt."""
    with transaction.atomic():
        hold_for_transaction("notices.mail")
        first = Notice.objects.to_mail(now).first()
        if first is None:
            return []
        same = Notice.objects.to_mail(now).filter(user_id=first.user_id).select_related("user")
        due = list(same[:MOST_IN_ONE])
        for attempts in {notice.mail_attempts for notice in due}:
            tried = [notice for notice in due if notice.mail_attempts == attempts]
            _these(tried).update(
                mail_due_at=now + PAUSE * 2**attempts, mail_attempts=F("mail_attempts") + 1
            )
    return due


def _failed(due: Sequence[Notice], problem: Exception, now: datetime) -> None:
    """Note what went wrong; give up after ATTEMPTS."""
    log.warning("%d notices were not mailed: %s", len(due), problem)
    _these(due).update(mail_problem=plain(str(problem), PROBLEM_LIMIT))
    last = [notice for notice in due if notice.mail_attempts + 1 >= ATTEMPTS]
    _these(last).update(mail_due_at=None)
    if isinstance(problem, OSError) and not isinstance(problem, SMTPException):
        # Nobody answers there, and each try holds up the worker: let all others wait as well.
        Notice.objects.to_mail(now).order_by().update(mail_due_at=now + PAUSE)


def _left(due: Sequence[Notice], now: datetime) -> int:
    """Return how many more are due for the same person, which come in a mail after this one."""
    if len(due) < MOST_IN_ONE:
        return 0
    return Notice.objects.to_mail(now).filter(user_id=due[0].user_id).count()


def _these(notices: Sequence[Notice]) -> QuerySet[Notice]:
    return Notice.objects.filter(id__in=[notice.id for notice in notices])


def _message(due: Sequence[Notice], left: int) -> EmailMessage:
    person = due[0].user
    more = f" (and {len(due) - 1} more)" if len(due) > 1 else ""
    return EmailMessage(
        subject=plain(due[0].title, SUBJECT_LIMIT) + more,
        body=_body(due, left),
        to=[person.email],
        headers=HEADERS,
    )


def _body(due: Sequence[Notice], left: int) -> str:
    parts = ["\n".join(filter(None, (each.title, each.text, _address(each)))) for each in due]
    end = f"You asked the Support Portal for this. Switch it off at {settings.ADDRESS}/notices/"
    more = [f"{left:,} more come in another mail."] if left else []
    return "\n\n".join([*parts, *more, end]) + "\n"


def _address(notice: Notice) -> str:
    return f"{settings.ADDRESS}/notices/{notice.id}/"
