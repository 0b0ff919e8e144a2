"""Putting deliveries on disk, those that come at the same time with one commit.

A commit waits for the disk, and the disk takes one commit as fast as sixteen rows.  So whoever
wants to keep something stands in line; the first in line writes for all who stand there by then,
and the others find their delivery written when it is their turn.
"""

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from support_portal.core.bulk import insert_once
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

    @property
    def settled(self) -> bool:
        """Tell whether somebody has written the delivery, or has tried to."""
        return self.written or self.error is not None


class Keeper:
    """The line of one process."""

    def __init__(self) -> None:
        self._line: deque[Ticket] = deque()
        self._writing = threading.Lock()

    def keep(self, delivery: Kept) -> None:
        """Return when ``delivery`` is on disk; raise what the database says when it is not.

        Inside a transaction of the caller it is written there and stands or falls with that.
        """
        if connection.in_atomic_block:
            _insert([delivery])
            return
        ticket = Ticket(delivery)
        self._line.append(ticket)
        with self._writing:
            if not ticket.settled:
                _write(self._leave_line())
        if not ticket.written:  # whatever happened to whoever wrote: nothing is promised
            raise ticket.error or InterfaceError("the delivery was not written")

    def _leave_line(self) -> list[Ticket]:
        """Return all who stand in line; whoever comes from now on is the next one's."""
        return [self._line.popleft() for _ in range(len(self._line))]


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
        _insert_durably(deliveries)
    except AWAY:
        if connection.is_usable():
            raise
        connection.close()
        _insert_durably(deliveries)


def _insert_durably(deliveries: Sequence[Kept]) -> None:
    if len(deliveries) == 1:
        _insert(deliveries)  # a statement by itself is a transaction
        return
    with transaction.atomic():
        _insert(deliveries)


def _insert(deliveries: Sequence[Kept]) -> None:
    insert_once(Delivery, Kept._fields, deliveries)
