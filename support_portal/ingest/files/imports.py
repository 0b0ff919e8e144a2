"""Taking a file of this machine in the foreground: the same reading, without an upload."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from support_portal.ingest.files import services
from support_portal.ingest.files.columns import Table, samples
from support_portal.ingest.files.models import FileState, ImportedFile, Origin
from support_portal.ingest.files.services import Reader
from support_portal.ingest.files.streams import LocalFile, Text

# Says what each column of a table is, from its first rows.
Columns = Callable[[Table, Sequence[Sequence[str]]], Table]


def begin(path: Path, columns: Columns) -> ImportedFile:
    """Return the file to read: one that was begun and not finished goes on where it was."""
    source = LocalFile(path)
    digest = _digest(source)
    begun = ImportedFile.objects.filter(
        origin=Origin.COMMAND,
        digest=digest,
        state__in=(FileState.WAITING, FileState.READING),
    ).order_by("-id")
    if file := begun.first():
        return file
    file = ImportedFile(
        name=services.clean_name(path.name),
        origin=Origin.COMMAND,
        digest=digest,
        size=source.size,
        state=FileState.WAITING,
    )
    kind = services.look(file, source)
    if kind.table and kind.asks:
        rows = samples(Text(source).head, kind.table)
        file.table = columns(kind.table, rows).kept()
    file.save()
    return file


def open_reader(file: ImportedFile, path: Path) -> Reader:
    """Open the file where it was left."""
    return Reader.open(file, LocalFile(path))


def taken_before(file: ImportedFile) -> ImportedFile | None:
    """Return the newest other file of the same bytes that was taken."""
    return ImportedFile.objects.alike(file.digest).exclude(pk=file.pk).first()


def leave(file: ImportedFile) -> None:
    """Take back a file that was begun and is not wanted after all."""
    ImportedFile.objects.filter(pk=file.pk, bodies=0).delete()


def _digest(source: LocalFile) -> str:
    digest = hashlib.sha256()
    for piece in source.pieces(0):
        digest.update(piece)
    return digest.hexdigest()
