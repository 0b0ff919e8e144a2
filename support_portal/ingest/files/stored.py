"""The bytes of an upload, in sealed chunks in the database."""

from collections.abc import Iterator
from uuid import UUID

from support_portal.core import sealing
from support_portal.ingest.files.models import FileChunk

CHUNK = 1 * 2**20


class StoredFile:
    """An upload as a source of bytes: one chunk in memory at a time."""

    def __init__(self, file_id: UUID, size: int) -> None:
        self.file_id = file_id
        self.size = size

    def pieces(self, offset: int) -> Iterator[bytes]:
        """Yield the bytes from ``offset`` on."""
        number, within = divmod(offset, CHUNK)
        while number * CHUNK < self.size:
            chunk = FileChunk.objects.get(file_id=self.file_id, number=number)
            yield sealing.unseal(chunk.sealed)[within:]
            number, within = number + 1, 0
