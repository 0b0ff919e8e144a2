"""How far files are, and what became of their records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet, Sum

from support_portal.ingest.files.models import ENDED, FileState, ImportedFile
from support_portal.ingest.models import Delivery, QuarantineEntry

REJECTS_AT_ONCE = 100
COUNTS = ("recorded", "repeated", "ignored", "quarantined")


@dataclass(frozen=True, slots=True)
class Progress:
    """A file with what became of its records so far, and how much of it is searchable."""

    file: ImportedFile
    recorded: int
    repeated: int
    ignored: int
    quarantined: int
    share: float  # of the file, 0 to 1

    @property
    def percent(self) -> int:
        """Return the share in whole hundredths; all of them only at the end."""
        return int(self.share * 100)


def progress(files: Iterable[ImportedFile]) -> list[Progress]:
    """Return how far files are; those that have ended know it by themselves."""
    shown = list(files)
    running = [file.id for file in shown if file.state not in ENDED]
    rows = Delivery.objects.filter(file_id__in=running).order_by().values_list("file_id")
    found = {row[0]: row[1:] for row in rows.annotate(*map(Sum, COUNTS))}
    waiting = _waiting(running)
    return [
        Progress(file, *_counts(file, found), share(file, waiting.get(file.id, 0)))
        for file in shown
    ]


def share(file: ImportedFile, waiting: int) -> float:
    """Return how much of a file is recorded, when ``waiting`` bytes of its text are not yet."""
    if file.state == FileState.DONE:
        return 1.0
    if not file.size or not file.position:
        return 0.0
    return file.bytes_read / file.size * max(0, file.position - waiting) / file.position


def share_now(file: ImportedFile) -> float:
    """Return how much of a file is recorded at this moment."""
    return share(file, _waiting([file.id]).get(file.id, 0))


def rejects(file: ImportedFile) -> Iterator[QuarantineEntry]:
    """Yield what was not understood of a file, in the order of the file, a few at a time."""
    after: UUID | None = None
    while names := list(_following(file, after)[:REJECTS_AT_ONCE]):
        entries = QuarantineEntry.objects.filter(delivery_id__in=names)
        yield from entries.order_by("delivery_id", "position").iterator(REJECTS_AT_ONCE)
        after = names[-1]


def deliveries_with_rejects(file: ImportedFile) -> QuerySet[Delivery, UUID]:
    """Return the deliveries of a file of which something was not understood."""
    return _following(file, None)


def earlier(file: ImportedFile) -> ImportedFile | None:
    """Return the newest file of the same bytes that was taken before this one."""
    same = ImportedFile.objects.alike(file.digest).filter(id__lt=file.id)
    return same.select_related("uploaded_by").first()


def _following(file: ImportedFile, after: UUID | None) -> QuerySet[Delivery, UUID]:
    mine = Delivery.objects.filter(file_id=file.id, quarantined__gt=0)
    if after is not None:
        mine = mine.filter(id__gt=after)
    return mine.order_by("id").values_list("id", flat=True)


def _waiting(names: list[UUID]) -> dict[UUID, int]:
    rows = (
        Delivery.objects.pending()
        .filter(file_id__in=names)
        .order_by()
        .values_list("file_id")
        .annotate(Sum("size"))
    )
    return {name: size for name, size in rows if name is not None}


def _counts(
    file: ImportedFile, running: Mapping[UUID | None, Sequence[int]]
) -> tuple[int, int, int, int]:
    if file.state in ENDED:
        return file.recorded, file.repeated, file.ignored, file.quarantined
    recorded, repeated, ignored, quarantined = running.get(file.id, (0, 0, 0, 0))
    return recorded, repeated, ignored, quarantined
