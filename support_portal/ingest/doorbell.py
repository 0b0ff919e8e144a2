"""Ringing for the drain.

The ring carries nothing: the inbox row is the truth, and a ring that is lost costs at most the
second until the next sweep.  So a busy sender rings a few times a second and not for every event,
and while the broker is away nobody waits for it.
"""

import logging
import time

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
BETWEEN_RINGS = 0.1  # seconds
AFTER_FAILURE = 5.0
CONFIRM_TIMEOUT = 0.5  # a broker short of memory or disk takes a message and says nothing
TASK = "ingest.drain"


class Doorbell:
    """Rings at most once in a while; one a process."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    def ring(self) -> None:
        """Ask for a drain, unless that was just done or the broker is away."""
        now = time.monotonic()
        if now < self.quiet_until:
            return
        # While this one waits for a broker that may be away, others need not.
        self.quiet_until = now + AFTER_FAILURE
        try:
            current_app.send_task(
                TASK, ignore_result=True, expires=60, retry=False, confirm_timeout=CONFIRM_TIMEOUT
            )
        except (OperationalError, OSError) as error:
            self.quiet_until = time.monotonic() + AFTER_FAILURE
            log.warning("the broker does not answer; the sweep will drain: %s", error)
        else:
            self.quiet_until = time.monotonic() + BETWEEN_RINGS


doorbell = Doorbell()
