"""A thread that says every few seconds that its process lives.

It has a database connection of its own.  While the database is away it goes on, so that afterwards
it can say that the process lived and could not keep anything.  Only the web server, the worker and
beat start one; commands and tests do not.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import Error, close_old_connections, connection

from support_portal.accounts.usage import Ledger, ledger
from support_portal.ingest.listening import services
from support_portal.ingest.listening.models import DeafKind, Role
from support_portal.ingest.listening.refusals import Refusals, refusals
from support_portal.ingest.listening.services import Living

log = logging.getLogger(__name__)
# Nobody sets this clock; where there is a choice it also runs while the machine sleeps.
_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def this_process(role: Role) -> Living:
    """Return this process as one that gives signs of life."""
    return Living(role, f"{socket.gethostname()[:80]}:{os.getpid()}")


def steady() -> float:
    """Return seconds of a clock that nobody sets."""
    return time.clock_gettime(_CLOCK)


class Heartbeat:
    """Gives the signs of one process."""

    def __init__(
        self,
        living: Living,
        *,
        steadily: Callable[[], float] = steady,
        refused: Refusals = refusals,
        used: Ledger = ledger,
    ) -> None:
        self.living = living
        self._steadily = steadily
        self._refused, self._used = refused, used
        self._last = steadily()

    def run(self) -> None:
        """Give signs until the process ends."""
        while True:
            self.beat()
            time.sleep(services.PERIOD.total_seconds())

    def beat(self) -> bool:
        """Give one sign, write down what was refused and who called; False when the database is away."""
        close_old_connections()
        try:
            now = services.database_now()
            since = timedelta(seconds=self._steadily() - self._last)
            services.give_sign(self.living, now=now, since_last=since)
            self._last = self._steadily()
            self._write_refusals()
            self._used.exchange()
        except Error as error:
            if not self.living.failures:
                log.warning("no sign of life could be written: %s", str(error).partition("\n")[0])
            self.living.failures += 1
            connection.close()
            return False
        return True

    def _write_refusals(self) -> None:
        bouts = self._refused.take()
        while bouts:
            bout = bouts[0]
            try:
                services.note_deaf(
                    DeafKind.REFUSED,
                    bout.began_at,
                    bout.ended_at,
                    refused=bout.refused,
                    doors=bout.doors,
                )
            except Error:
                self._refused.put_back(bouts)
                raise
            del bouts[0]


def start(role: Role) -> None:
    """Start giving signs of life for this process, until it ends."""
    heartbeat = Heartbeat(this_process(role))
    threading.Thread(target=heartbeat.run, name="heartbeat", daemon=True).start()
