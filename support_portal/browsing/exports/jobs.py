"""Exports that are made in the background, a stretch at a time.

The row is the truth: how far the file is moves in the transaction that keeps the piece before it, and
only from where the maker believed it to be.  So a maker that dies is followed by one that goes on
behind the last row that was kept, and two makers cannot keep a piece twice.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.browsing.exports.naming import file_name
from support_portal.browsing.exports.rows import batches, place
from support_portal.browsing.exports.tables import TABLES, Table
from support_portal.browsing.exports.values import Reader, Values
from support_portal.browsing.exports.workbook import BookWriter
from support_portal.browsing.exports.writing import Format, Writer, writer
from support_portal.browsing.filtering import Filter
from support_portal.browsing.models import MOVING, QUERY_LENGTH, Export, ExportChunk, ExportState
from support_portal.core import sealing
from support_portal.core.turns import Turn
from support_portal.ingest.doorbell import Doorbell
from support_portal.ingest.limits import gate
from support_portal.insights import asking
from support_portal.insights.models import Kind
from support_portal.notices.models import Kind as About
from support_portal.notices.services import News, tell

log = logging.getLogger(__name__)
TASK = "browsing.make_exports"
bell = Doorbell(task=TASK)
KEPT = timedelta(days=7)
REMEMBERED = timedelta(days=30)
HELD = timedelta(seconds=60)
ATTEMPTS = 5
MOST_MOVING, MOST_KEPT = 3, 20  # of one person
STUMBLED = "Making it failed {attempts} times in a row after {rows:,} rows. Ask for it again."
NARROWED = "You may see fewer sub-accounts now than when you asked for it. Ask for it again."
MISREAD = "Its filter is not understood any more. Ask for it again."
TOO_LARGE = "It grew beyond {limit:,} bytes as it is kept. Narrow the filter, or take CSV at once."
LIST = "/exports/"


class TooMany(Exception):
    """There are enough exports of this person already."""


class TooLong(Exception):
    """The filter is longer than what is kept of one."""


class Overtaken(Exception):
    """Somebody else went on with the export, or cancelled it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The reader that an export is made for: what its owner could see when asking for it."""

    sub_accounts: Sequence[str] | None


def ask(person: User, asked: Filter, form: Format, *, bom: bool, now: datetime) -> Export:
    """Let a file of the rows of a filter be made; TooMany when there are enough, TooLong."""
    query = asked.to_query()
    if len(query) > QUERY_LENGTH:
        raise TooLong
    mine = Export.objects.filter(owner=person)
    present = mine.exclude(state=ExportState.EXPIRED)
    if mine.filter(state__in=MOVING).count() >= MOST_MOVING or present.count() >= MOST_KEPT:
        raise TooMany
    question = asked.question(person, now)
    among = asking.cells(question) if question else []
    export = Export.objects.create(
        owner=person,
        kind=asked.kind,
        form=form,
        bom=bom,
        query=query,
        seen=None if person.sub_accounts is None else list(person.sub_accounts),
        name=file_name(asked.kind, query, now, form),
        expected=asking.total(question, among) if question else None,
    )
    log.info(
        "export is asked for: %s as %s by %s of %s",
        asked.kind,
        form,
        person.get_username(),
        query or "everything",
    )
    bell.ring()
    return export


def cancel(export: Export) -> bool:
    """Stop making a file, and let go of what there is of it."""
    with transaction.atomic():
        mine = Export.objects.filter(pk=export.pk, state__in=MOVING)
        stopped = mine.update(state=ExportState.CANCELLED, finished_at=timezone.now(), size=0)
        if stopped:
            ExportChunk.objects.filter(export=export).delete()
    return bool(stopped)


def remove(export: Export) -> None:
    """Let go of a file and of its row."""
    export.delete()


def is_there(export: Export, now: datetime) -> bool:
    """Tell whether there is a file to take; one whose time is over may wait to be tidied away."""
    return export.state == ExportState.DONE and (
        export.expires_at is None or now < export.expires_at
    )


def may_open(export: Export) -> bool:
    """Tell whether the owner may still see everything that is in the file."""
    own = export.owner.sub_accounts
    return own is None or (export.seen is not None and set(export.seen) <= set(own))


def pieces(export: Export) -> Iterator[bytes]:
    """Yield the file; DoesNotExist or Unsealable where it is not whole any more."""
    for number in range(export.chunks):
        yield sealing.unseal(ExportChunk.objects.get(export=export, number=number).sealed)


# -- making ---------------------------------------------------------------------------------------
def make(seconds: float) -> bool:
    """Make a stretch of the file that waits longest; tell whether there is more to make."""
    turn = Turn(seconds)
    if gate.standing().full:
        return False  # the disk or the database is full: the file waits
    export = _held()
    if export is None:
        return False
    if export.attempts > ATTEMPTS:
        _fail(export, STUMBLED.format(attempts=ATTEMPTS, rows=export.rows))
    elif not may_open(export):
        _fail(export, NARROWED)
    else:
        try:
            _stretch(export, turn)
        except Overtaken:
            log.info("export %s was cancelled or is made elsewhere", export.id)
    return True


def _held() -> Export | None:
    """Take the file that waits longest; an attempt counts before it begins, for it may kill us."""
    now = timezone.now()
    free = Export.objects.filter(state__in=MOVING, held_until__lte=now)
    export = free.order_by("held_until", "id").select_related("owner__team").first()
    if export is None:
        return None
    mine = Export.objects.filter(pk=export.pk, held_until=export.held_until, state__in=MOVING)
    taken = mine.update(
        held_until=now + HELD, attempts=F("attempts") + 1, state=ExportState.RUNNING
    )
    export.attempts += 1
    return export if taken else None


def _stretch(export: Export, turn: Turn) -> None:
    table = TABLES[Kind(export.kind)]
    written = _Maker(export, table)
    asked = Filter.read(Kind(export.kind), QueryDict(export.query), timezone.now())
    if asked.errors:  # a table may have gone with an update: no rows would be taken for the answer
        _fail(export, MISREAD)
        return
    reader = Seen(export.seen)
    parts: list[QuerySet[Any]] = asked.parts(reader, table.order[0]) or [asked.rows(reader)]
    if export.chunks == 0:
        written.keep(written.head())
    values = Reader(table)
    behind = tuple(export.behind) if export.behind else None
    for rows in batches(table, parts, behind):
        written.keep(written.rows(values.columns(rows)), len(rows), place(rows[-1]))
        if export.stored > settings.EXPORT_LIMIT:
            _fail(export, TOO_LARGE.format(limit=settings.EXPORT_LIMIT))
            return
        if not turn.has_room():
            # Back to the end of the line: files of others get their turn.
            Export.objects.filter(pk=export.pk).update(held_until=timezone.now())
            return
    written.keep(written.end(), done=True)


class _Maker:
    """Writes one export and keeps the pieces."""

    def __init__(self, export: Export, table: Table) -> None:
        self._export = export
        self._book: BookWriter | None = None
        self._plain: Writer | None = None
        if export.form == Format.XLSX:
            self._book = BookWriter(table, f"{table.kind.label}s", export.archive)
        else:
            self._plain = writer(Format(export.form), table, bom=export.bom)

    def head(self) -> bytes:
        return (self._book or self._writer).head()

    def rows(self, columns: Sequence[Values]) -> bytes:
        return (self._book or self._writer).rows(columns)

    def end(self) -> bytes:
        return self._book.end() if self._book else b""

    @property
    def _writer(self) -> Writer:
        if self._plain is None:
            raise TypeError("a workbook is not written as plain text")
        return self._plain

    def keep(
        self, data: bytes, rows: int = 0, behind: Sequence[str] | None = None, *, done: bool = False
    ) -> None:
        """Keep a piece and move on, both or neither; Overtaken when somebody else did."""
        export, now = self._export, timezone.now()
        sealed = sealing.seal(data)
        with transaction.atomic():
            here = Export.objects.filter(
                pk=export.pk, state=ExportState.RUNNING, chunks=export.chunks
            )
            moved = here.update(
                chunks=F("chunks") + 1,
                rows=F("rows") + rows,
                size=F("size") + len(data),
                stored=F("stored") + len(sealed),
                behind=behind or export.behind,
                archive=self._book.book.kept() if self._book else {},
                attempts=0,
                held_until=now + HELD,
            )
            if not moved:
                raise Overtaken
            ExportChunk.objects.create(export=export, number=export.chunks, sealed=sealed)
            if done:
                here.model.objects.filter(pk=export.pk).update(
                    state=ExportState.DONE, finished_at=now, expires_at=now + KEPT
                )
                _tell(export, f"Your export is ready: {export.name}", "It is kept for a week.")
        export.chunks += 1
        export.rows += rows
        export.stored += len(sealed)
        export.behind = behind or export.behind
        if done:
            log.info("export complete: %s, %d rows", export.name, export.rows)


def _fail(export: Export, problem: str) -> None:
    with transaction.atomic():
        moving = Export.objects.filter(pk=export.pk, state__in=MOVING)
        now = timezone.now()
        if not moving.update(
            state=ExportState.FAILED, problem=problem[:300], finished_at=now, size=0
        ):
            return
        ExportChunk.objects.filter(export=export).delete()
        _tell(export, f"Your export could not be made: {export.name}", problem)
    log.warning("export failed: %s: %s", export.name, problem)


def _tell(export: Export, title: str, text: str) -> None:
    tell([News(export.owner, About.EXPORT, title, LIST, f"export {export.id}", text)])


def tidy(now: datetime) -> None:
    """Let go of files whose time is over, and of rows that nobody needs any more."""
    over = Export.objects.filter(state=ExportState.DONE, expires_at__lte=now)
    for export in over[:100]:
        with transaction.atomic():
            ExportChunk.objects.filter(export=export).delete()
            Export.objects.filter(pk=export.pk).update(state=ExportState.EXPIRED)
    old = Export.objects.filter(made_at__lt=now - REMEMBERED)
    old.exclude(state__in=(*MOVING, ExportState.DONE)).delete()
