"""Taking files: keep the bytes as they arrive, then read them body by body into the inbox.

The place in the file moves in the same transaction that receives the body before it.  So whenever a
process ends, the next one goes on at that place: nothing is received twice and nothing is missed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.ingest.files import columns
from support_portal.ingest.files.columns import Table
from support_portal.ingest.files.cutting import Body, Window, cut
from support_portal.ingest.files.kinds import Kind, kind_of
from support_portal.ingest.files.models import (
    ENDED,
    FileChunk,
    FileState,
    ImportedFile,
    Origin,
)
from support_portal.ingest.files.stored import CHUNK, StoredFile
from support_portal.ingest.files.streams import Source, Text, Unreadable
from support_portal.ingest.limits import gate
from support_portal.ingest.models import Delivery, DeliveryState
from support_portal.ingest.models import Source as Door
from support_portal.ingest.services import drain, receive

# Bodies of files that may wait for the drain: two or three batches.  More would not be recorded sooner,
# and what others send would wait behind them.
AHEAD = 4
DRAINS = 64  # a stretch; each takes a batch of the inbox
ATTEMPT_LIMIT = 10
QUIET = timedelta(minutes=15)  # after which an upload that brings nothing is over
KEPT_AFTER_FAILURE = timedelta(days=7)

BROKE_OFF = "The upload broke off after {size:,} bytes. Upload the file again."
STUMBLED = (
    "Reading it failed {attempts} times in a row at byte {position:,} of the text. "
    "What came before was taken; try again after an upgrade."
)
LOST_KEY = "A part of the upload cannot be unsealed: its key is not in the ring."
LOST_CHUNK = "A part of the upload is gone. Upload the file again."


class Overtaken(Exception):
    """Somebody else moved on with the file, or cancelled it."""


class TooLarge(Exception):
    """An upload grew beyond the limit."""


# -- keeping what arrives -------------------------------------------------------------------------
class Upload:
    """A file that is arriving: kept chunk by chunk, so that its size costs no memory."""

    def __init__(self, name: str, person: User, limit: int) -> None:
        self.file = ImportedFile.objects.create(name=clean_name(name), uploaded_by=person)
        self._limit = limit
        self._rest = bytearray()
        self._number = 0
        self._size = 0
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Keep ``data``; TooLarge when there is more than may be."""
        self._size += len(data)
        if self._size > self._limit:
            raise TooLarge
        self._digest.update(data)
        self._rest += data
        while len(self._rest) >= CHUNK:
            self._keep(CHUNK)

    def close(self) -> ImportedFile:
        """Keep the rest, and say how large it was."""
        if self._rest:
            self._keep(len(self._rest))
        self.file.digest = self._digest.hexdigest()
        self.file.save(update_fields=["digest"])
        return self.file

    def _keep(self, size: int) -> None:
        sealed = sealing.seal(bytes(self._rest[:size]))
        del self._rest[:size]
        self.file.size += size
        self.file.touched_at = timezone.now()
        with transaction.atomic():
            FileChunk.objects.create(file=self.file, number=self._number, sealed=sealed)
            self.file.save(update_fields=["size", "touched_at"])
        self._number += 1


def clean_name(name: str) -> str:
    """Return a file name that every database takes; what it looks like is the page's business."""
    plain = name.replace("\0", "\ufffd").encode("utf-8", "replace").decode().strip()
    return plain[-255:] or "without a name"


def accept(file: ImportedFile) -> None:
    """Look at a file that has arrived whole, and let it be read if there is nothing to ask."""
    try:
        kind = look(file, StoredFile(file.id, file.size))
    except Unreadable as why:
        refuse(file, str(why))
        return
    again = ImportedFile.objects.alike(file.digest).exclude(pk=file.pk).exists()
    file.state = FileState.ASKING if kind.asks or again else FileState.WAITING
    file.save()


def look(file: ImportedFile, source: Source) -> Kind:
    """Find out what kind of file it is, and write it into ``file``; Unreadable when it is none."""
    kind = kind_of(Text(source), file.name)
    file.shape = kind.shape
    file.remarks = list(kind.remarks)
    if kind.table is not None:
        file.table = kind.table.kept()
        file.position = kind.table.header_size
    return kind


def refuse(file: ImportedFile, problem: str) -> None:
    """Say why nothing of a file can be taken, and let its bytes go."""
    FileChunk.objects.filter(file=file).delete()
    file.state, file.problem, file.finished_at = FileState.FAILED, problem[:500], timezone.now()
    file.save()


def confirm(
    file: ImportedFile, meanings: Sequence[str], *, order: str = "", anyway: bool = False
) -> None:
    """Let a file be read that had a question; columns.Incomplete when the answer is no answer.

    An answer under which none of the first rows is understood is doubted, unless it is meant ``anyway``.
    """
    if file.table:
        table = Table.read(file.table)
        if not table.is_export:
            table = columns.checked(table, meanings, order)
            if not anyway:
                columns.try_out(table, first_rows(file, table))
            file.table = table.kept()
    waiting = ImportedFile.objects.filter(pk=file.pk, state=FileState.ASKING)
    waiting.update(state=FileState.WAITING, table=file.table)


def first_rows(file: ImportedFile, table: Table) -> list[list[str]]:
    """Return the first rows of an uploaded table, none where its bytes cannot be had."""
    try:
        return columns.samples(Text(StoredFile(file.id, file.size)).head, table)
    except (Unreadable, sealing.Unsealable, FileChunk.DoesNotExist):
        return []


def cancel(file: ImportedFile, *, by: str) -> bool:
    """Stop taking a file; what was received of it stays.  Tell whether there was anything to stop."""
    running = ImportedFile.objects.filter(pk=file.pk).exclude(state__in=ENDED)
    stopped = running.exclude(state=FileState.RECORDING).update(
        state=FileState.RECORDING, cancelled_by=by[:150]
    )
    settle()
    return bool(stopped)


def retry(file: ImportedFile) -> bool:
    """Go on with a file that failed, while its bytes are still kept."""
    if not FileChunk.objects.filter(file=file).exists():
        return False
    failed = ImportedFile.objects.filter(pk=file.pk, state=FileState.FAILED)
    return bool(failed.update(state=FileState.WAITING, problem="", attempts=0, finished_at=None))


# -- reading --------------------------------------------------------------------------------------
@dataclass(slots=True)
class Reader:
    """A file that is open at a place."""

    file: ImportedFile
    text: Text
    bodies: Iterator[Body]

    @classmethod
    def open(cls, file: ImportedFile, source: Source) -> "Reader":
        """Open ``file`` where it was left; Unreadable when it cannot be."""
        text = Text(source)
        kind = kind_of(text, file.name)
        table = Table.read(file.table) if file.table else None
        window = Window(text.pieces(file.position), file.position)
        return cls(file, text, cut(window, file.shape, table, kind.root))

    def take(self, count: int) -> bool:
        """Receive up to ``count`` bodies; tell whether the file has been read to its end."""
        for _ in range(count):
            body = next(self.bodies, None)
            if body is None:
                self._end()
                return True
            self._receive(body)
        return False

    def _receive(self, body: Body) -> None:
        """Receive a body and move the place in the file, both or neither."""
        read = self.text.consumed(body.end)
        with transaction.atomic():
            self._move(
                state=FileState.READING,
                position=body.end,
                shape=body.shape,
                bytes_read=min(read, self.file.size),
                bodies=F("bodies") + (1 if body.data.strip() else 0),
                touched_at=timezone.now(),
                attempts=0,
            )
            if body.data.strip():
                receive(body.data, source=Door.FILE, sender=self.file.name, file_id=self.file.id)
        self.file.position = body.end

    def _end(self) -> None:
        problem = self.text.problem
        read = self.text.consumed(self.file.position) if problem else self.file.size
        self._move(state=FileState.RECORDING, problem=problem, bytes_read=read)

    def _move(self, **values: object) -> None:
        here = ImportedFile.objects.filter(
            pk=self.file.pk,
            position=self.file.position,
            state__in=(FileState.WAITING, FileState.READING),
        )
        if not here.update(**values):
            raise Overtaken


class Desk:
    """The file that this process reads: kept open, so that a packed one is not unpacked anew."""

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def reader(self, file: ImportedFile) -> Reader:
        """Return a reader at the place where ``file`` is."""
        held = self._reader
        if held and held.file.id == file.id and held.file.position == file.position:
            return held
        self._reader = Reader.open(file, StoredFile(file.id, file.size))
        return self._reader

    def clear(self) -> None:
        """Forget the file."""
        self._reader = None


_DESK = Desk()


def read_on() -> bool:
    """Read a stretch of the file that is soonest done; tell whether there is more to read."""
    settle()
    if gate.standing().full:
        return False  # what is kept already is drained meanwhile
    file = ImportedFile.objects.to_read().first()
    if file is None:
        _DESK.clear()
        return False
    if file.attempts >= ATTEMPT_LIMIT:
        _give_up(file, STUMBLED.format(attempts=file.attempts, position=file.position))
        return True
    with _counting_attempts(file):
        room = AHEAD - waiting_bodies()
        if room > 0:
            _read_stretch(file, room)
        catch_up()
    settle()
    return True


@contextmanager
def _counting_attempts(file: ImportedFile) -> Iterator[None]:
    """Count a stretch before it begins: one that kills the process must not be tried for ever.

    A body that was received sets the count back.  A database that is away or locked says nothing
    about the file.
    """
    mine = ImportedFile.objects.filter(pk=file.pk)
    mine.update(attempts=F("attempts") + 1)
    try:
        yield
    except (OperationalError, InterfaceError):
        with suppress(OperationalError, InterfaceError):
            mine.filter(attempts__gt=0).update(attempts=F("attempts") - 1)
        raise


def _read_stretch(file: ImportedFile, room: int) -> None:
    try:
        _DESK.reader(file).take(room)
    except Overtaken:
        _DESK.clear()
    except Unreadable as why:
        _give_up(file, str(why))
    except sealing.Unsealable:
        _give_up(file, LOST_KEY)
    except FileChunk.DoesNotExist:
        _give_up(file, LOST_CHUNK)


def _give_up(file: ImportedFile, problem: str) -> None:
    _DESK.clear()
    here = ImportedFile.objects.filter(pk=file.pk, state__in=(FileState.WAITING, FileState.READING))
    here.update(state=FileState.RECORDING, problem=problem[:500])


def waiting_bodies() -> int:
    """Return how many bodies of files wait for the drain."""
    return Delivery.objects.pending().filter(file_id__isnull=False)[:AHEAD].count()


def catch_up() -> None:
    """Drain until half of the bodies of files are recorded: reading must not run ahead."""
    for _ in range(DRAINS):
        if waiting_bodies() <= AHEAD // 2:
            return
        drain()


# -- afterwards -----------------------------------------------------------------------------------
def settle() -> None:
    """Sum up the files whose last body has been recorded, and let their bytes go."""
    for file in ImportedFile.objects.filter(state=FileState.RECORDING):
        deliveries = Delivery.objects.filter(file_id=file.id)
        if deliveries.filter(state=DeliveryState.PENDING).exists():
            continue
        state = _verdict(file)
        with transaction.atomic():
            ended = ImportedFile.objects.filter(pk=file.pk, state=FileState.RECORDING)
            ended.update(state=state, finished_at=timezone.now(), **sums(file))
            if state != FileState.FAILED:
                FileChunk.objects.filter(file=file).delete()


def sums(file: ImportedFile) -> dict[str, int]:
    """Return what became of the records of a file so far."""
    names = ("recorded", "repeated", "ignored", "quarantined")
    found = Delivery.objects.filter(file_id=file.id).aggregate(
        **{name: Sum(name) for name in names}
    )
    return {name: found[name] or 0 for name in names}


def _verdict(file: ImportedFile) -> FileState:
    if file.cancelled_by:
        return FileState.CANCELLED
    return FileState.FAILED if file.problem else FileState.DONE


def tidy(now: datetime | None = None) -> None:
    """End uploads that broke off, and let go of bytes that nobody came back for."""
    now = now or timezone.now()
    for file in ImportedFile.objects.filter(
        state=FileState.UPLOADING, origin=Origin.UPLOAD, touched_at__lt=now - QUIET
    ):
        refuse(file, BROKE_OFF.format(size=file.size))
    stale = Q(file__state=FileState.FAILED, file__finished_at__lt=now - KEPT_AFTER_FAILURE)
    FileChunk.objects.filter(stale).delete()
