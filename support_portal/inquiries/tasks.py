"""Sending letters in the background; the rows know what is due, celery only rings."""

import time

from celery import shared_task

from support_portal.inquiries import posting

SECONDS = 5.0  # then others get their turn


@shared_task(name="inquiries.post", ignore_result=True)
def post() -> None:
    """Send what is due for a while."""
    end = time.monotonic() + SECONDS
    while posting.post_next() and time.monotonic() < end:
        pass
