"""How much may wait, and how full the disk may be, before the doors say 503.

Refusing early is the honest answer: what was answered with 2xx is drained meanwhile, and 8x8 tries
again for 131 seconds.  PostgreSQL does not show its disk to others, so for it there is a limit on
the size of the database; the data directory is looked at in any case.
"""

import logging
import math
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.template.defaultfilters import filesizeformat

from support_portal.ingest.callers import Refused
from support_portal.ingest.models import Delivery

log = logging.getLogger(__name__)
LIFE = 1.0  # seconds that figures are believed
# Counting a long inbox takes a second, so it is counted as seldom as is safe: when half of what is
# left to the limit could be used up by the fastest senders, and in no more than a share of the time.
FASTEST_DELIVERIES, FASTEST_BYTES = 5_000, 100 * 2**20  # a second
SHARE = 0.1
# What closed the doors has to be so much better before they open, else they would flap.
RELIEF = {"deliveries": 0.8, "bytes": 0.8, "database": 0.98, "disk": 1.2}
# From here on somebody should do something before the doors close.
NEAR = {"deliveries": 0.8, "bytes": 0.8, "database": 0.9, "disk": 1.5}
SECONDS = {"deliveries": 5, "bytes": 5, "database": 60, "disk": 60}
SENTENCES = {
    "deliveries": "{present} deliveries wait to be read; no more than {limit} may.",
    "bytes": "{present} wait to be read; no more than {limit} may.",
    "disk": "Only {present} are free on the disk; {limit} are kept free.",
    "database": "The database holds {present}; it may hold {limit}.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """How much there is of something, and how much there may be."""

    key: str  # deliveries, bytes, disk or database
    present: int
    limit: int  # of the disk: what has to stay free
    over: bool

    @property
    def present_text(self) -> str:
        """Return the figure in words."""
        return self._text(self.present)

    @property
    def limit_text(self) -> str:
        """Return the limit in words."""
        return self._text(self.limit)

    @property
    def near(self) -> bool:
        """Tell whether it comes near its limit."""
        bound = self.limit * NEAR[self.key]
        return self.present < bound if self.key == "disk" else self.present > bound

    @property
    def sentence(self) -> str:
        """Say the figure and its limit."""
        return SENTENCES[self.key].format(present=self.present_text, limit=self.limit_text)

    def _text(self, number: int) -> str:
        if self.key == "deliveries":
            return f"{number:,}"
        return filesizeformat(number).replace("\xa0", " ")


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures of the installation against their limits; those without a limit are left out."""

    figures: tuple[Figure, ...] = ()

    @property
    def full(self) -> Figure | None:
        """Return what closes the doors, None when they are open."""
        return next((figure for figure in self.figures if figure.over), None)

    @property
    def near(self) -> Figure | None:
        """Return what comes near its limit, None when there is room."""
        return next((figure for figure in self.figures if figure.near), None)


class Inbox:
    """Counts what waits, no further than the limit."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = -math.inf
        self._waiting = 0, 0

    def waiting(self, deliveries: int, size: int) -> tuple[int, int]:
        """Return how many deliveries wait and their bytes; the arguments are the limits."""
        if self._clock() >= self._until:
            began = self._clock()
            self._waiting = number, held = _count(deliveries)
            left = min(
                (deliveries - number) / FASTEST_DELIVERIES if deliveries else math.inf,
                (size - held) / FASTEST_BYTES if size else math.inf,
            )
            took = self._clock() - began
            self._until = began + max(LIFE, left / 2, took / SHARE)
        return self._waiting


class Gate:
    """Opens and closes the doors of the intake; one a process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looking = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Look again at the next call."""
        self._inbox = Inbox(self._clock)
        self._standing, self._until = Standing(), -math.inf

    def standing(self) -> Standing:
        """Return the figures; while one looks, the others believe those of before."""
        if self._clock() >= self._until and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self._standing

    def check(self) -> None:
        """Refuse to take anything in while something is over its limit."""
        if full := self.standing().full:
            detail = f"{full.sentence} Nothing was kept: send it again later."
            raise Refused(503, detail, {"Retry-After": str(SECONDS[full.key])})

    def _look(self) -> None:
        standing = Standing(tuple(self._figures()))
        _tell(self._standing.full, standing.full)
        self._standing, self._until = standing, self._clock() + LIFE

    def _figures(self) -> Iterator[Figure]:
        """Yield what has a limit, and whether it is over it."""
        deliveries, size = settings.INBOX_DELIVERY_LIMIT, settings.INBOX_BYTE_LIMIT
        if deliveries or size:
            number, held = self._inbox.waiting(deliveries, size)
            yield from self._figure("deliveries", number, deliveries)
            yield from self._figure("bytes", held, size)
        if settings.DISK_FREE_LIMIT:
            yield from self._figure("disk", _free(), settings.DISK_FREE_LIMIT)
        if settings.DATABASE_SIZE_LIMIT:
            yield from self._figure("database", _database_size(), settings.DATABASE_SIZE_LIMIT)

    def _figure(self, key: str, present: int, limit: int) -> Iterator[Figure]:
        if not limit:
            return
        was_over = any(one.over for one in self._standing.figures if one.key == key)
        bound = limit * RELIEF[key] if was_over else limit
        over = present < bound if key == "disk" else present > bound
        yield Figure(key, present, limit, over)


def _tell(before: Figure | None, now: Figure | None) -> None:
    """Log a change once: the figures change all the time."""
    if now and not before:
        log.warning("the intake takes nothing in: %s", now.sentence)
    elif before and not now:
        log.warning("the intake takes everything in again")


def _count(limit: int) -> tuple[int, int]:
    waiting = Delivery.objects.pending().values("id", "size")
    counted = waiting[: limit + 1] if limit else waiting
    found = counted.aggregate(number=Count("id"), bytes=Sum("size"))
    return found["number"], found["bytes"] or 0


def _free() -> int:
    """Return the bytes that are free where we write: the data directory and SQLite's file."""
    folders = {Path(settings.DATA_DIR)}
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and Path(name).is_absolute():
        folders.add(Path(name).parent)
    return min(
        (shutil.disk_usage(folder).free for folder in folders if folder.is_dir()),
        default=sys.maxsize,
    )


def _database_size() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(cursor.fetchone()[0])


gate = Gate()
