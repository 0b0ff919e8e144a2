"""Ringing for the drain.

The ring carries nothing: the inbox row is the truth, and a ring that is lost costs at most the
second until the next sweep.  So a busy sender rings a few times a second and not for every event,
and while the broker is away nobody waits for it.
"""

import logging
import threading
import time
from collections.abc import Callable

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
BETWEEN_RINGS = 0.4  # seconds: a drain of few events costs nearly what one of many costs
AFTER_FAILURE = 5.0
TASK = "ingest.drain"
READ_FILES = "ingest.read_files"


class Doorbell:
    """Rings at once, then at most once in a while for all who pressed meanwhile; one a process.

    A broker that is short of memory or disk keeps the connection open and answers nothing, so
    rings have a thread of their own: the request that caused one goes on.
    """

    def __init__(self, pause: Callable[[float], None] = time.sleep, task: str = TASK) -> None:
        self._pause = pause
        self._task = task
        self._pressed = threading.Event()
        self._start = threading.Lock()
        self._ringing = False

    def ring(self) -> None:
        """Ask for a drain; what was kept before this call will be seen by a drain after it."""
        self._pressed.set()
        with self._start:
            if self._ringing:
                return
            self._ringing = True
        # A daemon: a process that ends meanwhile leaves the work to the sweep.
        threading.Thread(target=self._ring, name="doorbell", daemon=True).start()

    def _ring(self) -> None:
        while self._take_press():
            self._pressed.clear()
            self._pause(BETWEEN_RINGS if self._send() else AFTER_FAILURE)

    def _take_press(self) -> bool:
        """Tell whether somebody pressed; if nobody did, the next press starts a new thread."""
        with self._start:
            self._ringing = self._pressed.is_set()
            return self._ringing

    def _send(self) -> bool:
        try:
            current_app.send_task(
                self._task, ignore_result=True, expires=settings.RING_LIFE, retry=False
            )
        except _broker_errors() as error:
            log.warning("the broker does not answer; the sweep will drain: %s", error)
            return False
        return True


def _broker_errors() -> tuple[type[BaseException], ...]:
    """Return what the transport in use may raise; kombu wraps only some of it."""
    connection = current_app.connection_for_write()
    return (
        OperationalError,
        OSError,
        *connection.connection_errors,
        *connection.channel_errors,
    )


doorbell = Doorbell()
file_bell = Doorbell(task=READ_FILES)
runs_bell = Doorbell(task="ingest.quarantine_runs")
