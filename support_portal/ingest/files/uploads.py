"""Uploads of a browser: kept while they arrive, whatever their size."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from support_portal.accounts.models import User
from support_portal.ingest.files import services
from support_portal.ingest.files.models import ImportedFile
from support_portal.ingest.files.services import TooLarge, Upload
from support_portal.ingest.files.stored import CHUNK

# The last field of the form.  Django takes a body that was cut for a whole one, so its absence is
# how a broken upload is told from a short file.
END = "end"


class KeepingHandler(FileUploadHandler):
    """Keeps each file of a form in chunks; nothing of it stays in memory or in a temporary file."""

    chunk_size = CHUNK

    def __init__(self, person: User, limit: int) -> None:
        super().__init__()
        self.too_large = False
        self.complete: list[ImportedFile] = []
        self._person = person
        self._limit = limit
        self._upload: Upload | None = None
        self._begun: list[ImportedFile] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to keep a file."""
        super().new_file(*args, **kwargs)
        self._upload = Upload(str(self.file_name), self._person, self._limit)
        self._begun.append(self._upload.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece; no other handler is to see it."""
        try:
            if self._upload:
                self._upload.write(raw_data)
        except TooLarge:
            self.too_large = True
            raise StopUpload(connection_reset=True) from None

    def file_complete(self, file_size: int) -> None:
        """Note that a file has arrived; there is nothing to hand to the form."""
        if self._upload:
            self.complete.append(self._upload.close())
            self._upload = None

    def upload_interrupted(self) -> None:
        """Let go of everything: whoever sent it will send it again."""
        self.forget()

    def forget(self) -> None:
        """Say of every file of the form that it did not arrive."""
        for row in self._begun:
            services.refuse(row, services.BROKE_OFF.format(size=row.size))


def keep_uploads(request: HttpRequest, person: User, limit: int) -> KeepingHandler:
    """Keep what ``request`` is about to bring; call before anything reads its form."""
    handler = KeepingHandler(person, limit)
    request.upload_handlers = [handler]
    return handler


def arrived(request: HttpRequest, handler: KeepingHandler) -> list[ImportedFile]:
    """Return the files of a form that arrived whole, ready to be read; none when it was cut."""
    if END not in request.POST:
        handler.forget()
        return []
    for row in handler.complete:
        services.accept(row)
    return handler.complete
