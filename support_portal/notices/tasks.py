"""Mailing and pruning notices in the background."""

import time

from celery import shared_task
from django.utils import timezone

from support_portal.notices import mail, services

MAIL_SECONDS = 2.0  # then others get their turn


@shared_task(name="notices.mail", ignore_result=True)
def send_mail() -> None:
    """Send what is due for a while, or until a mail does not go."""
    end = time.monotonic() + MAIL_SECONDS
    while mail.send_next(timezone.now()) and time.monotonic() < end:
        pass


@shared_task(name="notices.prune", ignore_result=True)
def prune() -> None:
    """Delete what is too old."""
    services.prune(timezone.now())
