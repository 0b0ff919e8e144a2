"""Ringing for the drain.

The ring carries nothing: the inbox row is the truth, and a ring that is lost costs at most the
second until the next sweep.  So a busy sender rings a few times a second and not for every event,
and while the broker is away nobody waits for it.
"""

import logging
import threading
import time

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
BETWEEN_RINGS = 0.1  # seconds
AFTER_FAILURE = 5.0
TASK = "ingest.drain"


class Doorbell:
    """Rings at most once in a while; one a process.

    A broker that is short of memory or disk keeps the connection open and answers nothing, so a ring
    has a thread of its own: the request that caused it goes on, and no second ring joins the wait.
    """

    def __init__(self) -> None:
        self.quiet_until = 0.0
        self._ringing = threading.Lock()

    def ring(self) -> None:
        """Ask for a drain, unless that was just done or the broker is away."""
        if time.monotonic() < self.quiet_until or not self._ringing.acquire(blocking=False):
            return
        # A daemon: a process that ends meanwhile leaves the work to the sweep.
        threading.Thread(target=self._ring, name="doorbell", daemon=True).start()

    def _ring(self) -> None:
        quiet = AFTER_FAILURE
        try:
            current_app.send_task(TASK, ignore_result=True, expires=60, retry=False)
            quiet = BETWEEN_RINGS
        except (OperationalError, OSError) as error:
            log.warning("the broker does not answer; the sweep will drain: %s", error)
        finally:
            self.quiet_until = time.monotonic() + quiet
            self._ringing.release()


doorbell = Doorbell()
