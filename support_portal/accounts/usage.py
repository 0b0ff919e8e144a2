"""What senders use: counted in memory, told to the other processes every other second.

Counting in the transaction of the insert would make the row of a sender a queue: PostgreSQL lets
one transaction at a time have it, until its commit is on disk.  Here a call costs a few
microseconds and a quota is exact within a process; with several, a burst can go over it by what
the others let in between two exchanges.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import InterfaceError, OperationalError

from support_portal.accounts.admission import Admitted
from support_portal.accounts.minutes import NOTED_EVERY, Key, Tally, Use, add, drop_before, note_use
from support_portal.accounts.models import SenderKind

log = logging.getLogger(__name__)
EXCHANGE = 2.0  # seconds
MINUTE = 60
KEPT_MINUTES = 120
NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Over:
    """A quota that is used up."""

    limit: int
    unit: str  # "requests" or "bytes"
    seconds: int  # until the next minute begins, and with it the whole quota


class Ledger:
    """Counts what each sender does, minute by minute; one a process."""

    def __init__(
        self,
        *,
        every: float = EXCHANGE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.every = every
        self._clock, self._wall = clock, wall
        self._counting, self._exchanging = threading.Lock(), threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Start anew, as after a restart."""
        self._own: dict[Key, Tally] = {}  # not told to the others yet
        self._sums: dict[Key, Tally] = {}  # over all processes, at the last exchange
        self._used: dict[Use, float] = {}  # by the clock on the wall, not written down yet
        self._noted: dict[Use, float] = {}
        self._dropped = 0
        self._exchanged_at = -math.inf

    def enter(self, sender: Admitted) -> Over | None:
        """Count a call of ``sender``, or return the quota that it would go over."""
        now = self._wall()
        key = sender.kind, sender.id, int(now // MINUTE)
        with self._counting:
            own = self._own.setdefault(key, Tally())
            over = self._over(sender, own, self._sums.get(key, NOTHING), now)
            if over:
                own.refused += 1
            else:
                own.requests += 1
                self._used[sender.kind, sender.digest] = now
        if self._clock() - self._exchanged_at >= self.every:
            self.exchange()
        return over

    def weigh(self, sender: Admitted, size: int) -> None:
        """Count the bytes of a call; they may go over the quota, and the next call is refused."""
        key = sender.kind, sender.id, int(self._wall() // MINUTE)
        with self._counting:
            self._own.setdefault(key, Tally()).bytes += size

    def exchange(self) -> None:
        """Tell the database what was counted here, and hear what all processes counted.

        Calls ask for it, and now and then a thread of the process: else what came before a silence
        would be told only when the silence ends.

        Whoever comes while another does it goes on: nobody waits for a statistic, and none
        refuses a call.
        """
        if not self._exchanging.acquire(blocking=False):
            return
        try:
            self._exchanged_at = self._clock()
            self._tell(int(self._wall() // MINUTE))
        except (OperationalError, InterfaceError) as error:
            log.warning("what senders use is written down later: %s", error)
        finally:
            self._exchanging.release()

    def _over(self, sender: Admitted, own: Tally, sums: Tally, now: float) -> Over | None:
        """Return the quota that is used up; a webhook has none: 8x8 gives up after five tries."""
        if sender.kind == SenderKind.HOOK.value:
            return None
        quota, seconds = sender.quota, MINUTE - int(now % MINUTE)
        requests = quota.requests or settings.TOKEN_REQUESTS_A_MINUTE
        if requests and own.requests + sums.requests >= requests:
            return Over(requests, "requests", seconds)
        size = quota.bytes or settings.TOKEN_BYTES_A_MINUTE
        if size and own.bytes + sums.bytes >= size:
            return Over(size, "bytes", seconds)
        return None

    def _tell(self, minute: int) -> None:
        with self._counting:
            # Of this minute nothing is told as well, to hear what the others counted.
            told = {
                key: replace(tally) for key, tally in self._own.items() if tally or key[2] == minute
            }
        sums = add(told)
        with self._counting:
            for key, tally in told.items():
                self._own[key].take(tally)
            self._sums.update(sums)
            self._forget_before(minute)
        self._note()
        if self._dropped < minute:
            self._dropped = minute
            drop_before(minute - KEPT_MINUTES)

    def _forget_before(self, minute: int) -> None:
        """Keep what counts now, and of the past what has not been told."""
        oldest = minute - KEPT_MINUTES
        self._own = {
            key: tally
            for key, tally in self._own.items()
            if key[2] >= minute or (tally and key[2] > oldest)
        }
        self._sums = {key: tally for key, tally in self._sums.items() if key[2] >= minute}

    def _note(self) -> None:
        """Write down when secrets were last shown, each at most once a minute."""
        now = self._clock()
        with self._counting:
            due = {
                use: at
                for use, at in self._used.items()
                if now - self._noted.get(use, -math.inf) >= NOTED_EVERY
            }
            for use in due:
                del self._used[use]
        for use, at in due.items():
            note_use(use, at)
            self._noted[use] = now


ledger = Ledger()
