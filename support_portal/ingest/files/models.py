"""Files that were uploaded or imported, and what arrived of them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from support_portal.core.ids import uuid7


class FileState(models.TextChoices):
    """How far a file is."""

    UPLOADING = "uploading"
    ASKING = "asking"  # a person has to say what the columns are, or whether it is wanted again
    WAITING = "waiting"
    READING = "reading"
    RECORDING = "recording"  # read to its end, or as far as it goes; the drain has the rest
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (FileState.WAITING, FileState.READING, FileState.RECORDING)
ENDED = (FileState.DONE, FileState.FAILED, FileState.CANCELLED)


class Origin(models.TextChoices):
    """Where the bytes of a file are."""

    UPLOAD = "upload"  # in its chunks
    COMMAND = "command"  # where the command found it


class ImportedFileQuerySet(models.QuerySet["ImportedFile"]):
    """The questions that pages and the reading ask."""

    def newest_first(self) -> Self:
        """Order as the page shows them (ids tell the time to the millisecond)."""
        return self.order_by("-id")

    def to_read(self) -> Self:
        """Return the uploads that wait to be read on: what is soon done does not wait for the rest."""
        return self.filter(
            origin=Origin.UPLOAD, state__in=(FileState.WAITING, FileState.READING)
        ).order_by(F("size") - F("bytes_read"), "id")

    def alike(self, digest: str) -> Self:
        """Return what was taken of the same bytes, newest first."""
        taken = self.filter(digest=digest).exclude(digest="").exclude(bodies=0)
        return taken.order_by("-id")


class ImportedFile(models.Model):
    """One file: how far it has been read, and what became of its records."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    name = models.CharField(max_length=255)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.UPLOAD)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)  # when something last arrived
    finished_at = models.DateTimeField(null=True, blank=True)
    size = models.BigIntegerField(default=0)  # bytes of the file as it is
    digest = models.CharField(max_length=64, default="", blank=True)  # SHA-256
    state = models.CharField(max_length=10, choices=FileState, default=FileState.UPLOADING)
    problem = models.CharField(max_length=500, default="", blank=True)
    remarks = models.JSONField(default=list, blank=True)
    cancelled_by = models.CharField(max_length=150, default="", blank=True)
    attempts = models.IntegerField(default=0)  # stretches of reading that brought nothing

    shape = models.CharField(max_length=10, default="", blank=True)
    table = models.JSONField(default=dict, blank=True)  # how its rows are written, if it has rows
    position = models.BigIntegerField(default=0)  # in the text; what is before it was received
    bytes_read = models.BigIntegerField(default=0)  # of the file, which may be packed
    bodies = models.IntegerField(default=0)

    # Summed up when the file has ended: its deliveries are pruned some day.
    recorded = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    ignored = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)

    objects = ImportedFileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "id"], name="file_by_state"),
            models.Index(fields=["digest"], name="file_by_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class FileChunk(models.Model):
    """One megabyte of an upload, sealed; kept until the file has been read."""

    file = models.ForeignKey(ImportedFile, models.CASCADE, related_name="chunks")
    number = models.IntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="file_chunk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.number}"
