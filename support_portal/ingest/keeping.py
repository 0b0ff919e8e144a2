"""Putting deliveries on disk, those that come at the same time with one commit.

A commit waits for the disk, and the disk takes one commit as fast as sixteen rows.  So whoever
wants to keep something stands in line; the first in line writes for all who stand there by then,
and the others find their delivery written when it is their turn.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from support_portal.core.durable import ROWS, insert_once
from support_portal.ingest.models import Delivery

AWAY = (OperationalError, InterfaceError)
# Drivers refuse some values themselves, before the database sees them.
REFUSALS = (DatabaseError, InterfaceError, ValueError, OverflowError)


class Kept(NamedTuple):
    """A delivery as it comes in; everything else about it is not known yet."""

    id: UUID
    source: str
    sender: str
    token_id: int | None
    content_type: str
    size: int
    body: bytes
    received_at: datetime
    file_id: UUID | None = None


class Ticket:
    """A place in the line."""

    def __init__(self, delivery: Kept) -> None:
        self.delivery = delivery
        self.written = False
        self.error: Exception | None = None
        self._called = threading.Lock()
        self._called.acquire()

    @property
    def settled(self) -> bool:
        """Tell whether somebody has written the delivery, or has tried to."""
        return self.written or self.error is not None

    def wait(self) -> None:
        """Wait until called: the delivery is settled, or it is this one's turn to write."""
        self._called.acquire()

    def call(self) -> None:
        """Wake whoever waits."""
        self._called.release()


class Keeper:
    """The line of one process."""

    def __init__(self) -> None:
        self._line: list[Ticket] = []
        self._writing = False
        self._looking = threading.Lock()

    def keep(self, delivery: Kept) -> None:
        """Return when ``delivery`` is on disk; raise what the database says when it is not.

        Inside a transaction of the caller it is written there and stands or falls with that.
        """
        if connection.in_atomic_block:
            _insert([delivery])
            return
        ticket = Ticket(delivery)
        if not self._stand_in_line(ticket):
            ticket.wait()
        if not ticket.settled:
            self._write_for_all(ticket)
        if not ticket.written:  # whatever happened to whoever wrote: nothing is promised
            raise ticket.error or InterfaceError("the delivery was not written")

    def _stand_in_line(self, ticket: Ticket) -> bool:
        """Join the line; tell whether nobody writes, so that this one has to."""
        with self._looking:
            self._line.append(ticket)
            first, self._writing = not self._writing, True
        return first

    def _write_for_all(self, mine: Ticket) -> None:
        """Write all that stands in line by now, then let the next one write, then tell the others.

        It is no more than one statement takes, so that it is all or nothing.  In this order the disk is busy while threads wake up one by one.
        """
        with self._looking:
            tickets, self._line = self._line[:ROWS], self._line[ROWS:]
        try:
            _write(tickets)
        finally:
            with self._looking:
                follower = self._line[0] if self._line else None
                self._writing = follower is not None
            for ticket in ([follower] if follower else []) + tickets:
                if ticket is not mine:
                    if not ticket.settled and ticket is not follower:
                        ticket.error = InterfaceError("the delivery was not written")
                    ticket.call()


keeper = Keeper()


def _write(tickets: Sequence[Ticket]) -> None:
    """Write together; what the database refuses together is tried one by one."""
    try:
        _commit([ticket.delivery for ticket in tickets])
    except REFUSALS as error:
        if len(tickets) > 1 and not isinstance(error, AWAY):
            for ticket in tickets:
                _write([ticket])
            return
        for ticket in tickets:
            ticket.error = error
        return
    for ticket in tickets:
        ticket.written = True


def _commit(deliveries: Sequence[Kept]) -> None:
    """Insert durably; a connection that broke while nobody used it is opened once more.

    The ids are ours, so a second try after a commit that was never confirmed changes nothing.
    """
    try:
        _insert(deliveries)
    except AWAY:
        if connection.is_usable():
            raise
        connection.close()
        _insert(deliveries)


def _insert(deliveries: Sequence[Kept]) -> None:
    insert_once(Delivery, Kept._fields, deliveries)
