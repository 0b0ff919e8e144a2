"""Sending letters and reminding people in the background; the rows know what is due, celery only rings."""

import time

from celery import shared_task
from django.utils import timezone

from support_portal.inquiries import chat, gathering, posting, reminding
from support_portal.inquiries.replies import polling

GATHER = "inquiries.gather"
SECONDS = 5.0  # then others get their turn


@shared_task(name="inquiries.post", ignore_result=True)
def post() -> None:
    """Send what is due for a while."""
    end = time.monotonic() + SECONDS
    while posting.post_next() and time.monotonic() < end:
        pass


@shared_task(name=GATHER, ignore_result=True)
def gather() -> None:
    """Add evidence that waits, for a while."""
    end = time.monotonic() + SECONDS
    while gathering.work(end - time.monotonic()) and time.monotonic() < end:
        pass


@shared_task(name="inquiries.remind", ignore_result=True)
def remind() -> None:
    """Tell whoever looks after an inquiry that its next step is due."""
    reminding.remind(timezone.now())


@shared_task(name="inquiries.fetch", ignore_result=True)
def fetch() -> None:
    """Fetch answers from the mailbox, beside what the worker does."""
    polling.look_aside(timezone.now())


@shared_task(name="inquiries.call_chat", ignore_result=True)
def call_chat() -> None:
    """Tell the chat of the team what is due."""
    chat.call_all(timezone.now(), SECONDS)
