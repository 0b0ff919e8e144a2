"""For how long what came in is kept: bodies, settled items of the quarantine, reports of files.

What still waits for anything stays, however old it is.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from support_portal.core.ids import earliest
from support_portal.core.pruning import Amount, Key, Kind, delete, steps
from support_portal.events.services import LOCK
from support_portal.ingest import books
from support_portal.ingest.files.models import ENDED, ImportedFile
from support_portal.ingest.models import Delivery, DeliveryState, IgnoredCount, QuarantineEntry
from support_portal.ingest.quarantine_models import (
    QuarantineGroup,
    QuarantineRun,
    QuarantineState,
    QuarantineStep,
)

DELIVERIES, QUARANTINE, FILES = "deliveries", "quarantine", "files"


# -- deliveries: the sealed bodies ------------------------------------------------------------------


def _old_deliveries(oldest: datetime) -> QuerySet[Delivery]:
    """Return what was read before; files and passes that are under way still count theirs."""
    unfinished = ImportedFile.objects.exclude(state__in=ENDED).values_list("id", flat=True)
    counting = QuarantineRun.objects.under_way().values_list("id", flat=True)
    needed = Q(file_id__in=list(unfinished)) | Q(run_id__in=list(counting))
    read = Delivery.objects.filter(
        id__lt=earliest(oldest), state=DeliveryState.DONE, drained_at__lt=oldest
    )
    # A condition on NULL is neither true nor false, so what belongs to neither is named.
    return read.filter(Q(file_id=None, run_id=None) | ~needed)


def _forecast_deliveries(oldest: datetime) -> Amount:
    old = _old_deliveries(oldest)
    rules = IgnoredCount.objects.filter(delivery_id__in=old.values("id"))
    told = {"deliveries": old.count(), "counts of what was ignored": rules.count()}
    return Amount(Counter(told), bytes=old.aggregate(n=Sum("size"))["n"] or 0)


def _remove_deliveries(oldest: datetime) -> Iterator[Amount]:
    def remove(keys: list[Key]) -> Amount:
        ids = [id for (id,) in keys]
        gone = Delivery.objects.filter(id__in=ids)
        size = gone.aggregate(n=Sum("size"))["n"] or 0
        rules = IgnoredCount.objects.filter(delivery_id__in=ids)
        amount = delete(rules, "counts of what was ignored")
        amount.add(delete(gone, "deliveries"))
        amount.bytes += size
        return amount

    yield from steps(_old_deliveries(oldest), ("id",), remove, lock=LOCK)


# -- the quarantine: items that somebody has settled ------------------------------------------------


def _settled(oldest: datetime) -> QuerySet[QuarantineEntry]:
    """Return items that nobody has to decide about; in the passes under way they have their place."""
    ended = QuarantineEntry.objects.filter(id__lt=earliest(oldest), settled_at__lt=oldest)
    return ended.exclude(state=QuarantineState.WAITING)


def _forecast_quarantine(oldest: datetime) -> Amount:
    old = _settled(oldest)
    taken = QuarantineStep.objects.filter(entry_id__in=old.values("id"))
    told = {"settled items": old.count(), "steps in their history": taken.count()}
    return Amount(Counter(told), bytes=old.aggregate(n=Sum("size"))["n"] or 0)


def _remove_quarantine(oldest: datetime) -> Iterator[Amount]:
    def remove(keys: list[Key]) -> Amount:
        ids = [id for (id,) in keys]
        gone = _settled(oldest).filter(id__in=ids)  # one may have been restored meanwhile
        held = list(gone.values_list("id", "group_id", "state", "size"))
        books.count(Counter({key: -n for key, n in Counter(row[1:3] for row in held).items()}))
        names = [row[0] for row in held]
        amount = delete(QuarantineStep.objects.filter(entry_id__in=names), "steps in their history")
        amount.add(delete(QuarantineEntry.objects.filter(id__in=names), "settled items"))
        amount.bytes = sum(row[3] for row in held)
        _forget_groups({row[1] for row in held})
        return amount

    yield from steps(_settled(oldest), ("id",), remove, lock=books.LOCK)


def _forget_groups(names: set[UUID]) -> None:
    """Remove groups of which no item is left."""
    empty = dict.fromkeys(QuarantineState.values, 0)
    QuarantineGroup.objects.filter(id__in=names, **empty).delete()


# -- files: what became of them; their bytes go as soon as they are read ----------------------------


def _old_files(oldest: datetime) -> QuerySet[ImportedFile]:
    return ImportedFile.objects.filter(state__in=ENDED, finished_at__lt=oldest)


def _forecast_files(oldest: datetime) -> Amount:
    return Amount(Counter({"reports of files": _old_files(oldest).count()}))


def _remove_files(oldest: datetime) -> Iterator[Amount]:
    def remove(keys: list[Key]) -> Amount:
        gone = _old_files(oldest).filter(id__in=[id for (id,) in keys])
        number = gone.count()
        gone.delete()  # with chunks, if any are left of a file that failed
        return Amount(Counter({"reports of files": number}))

    yield from steps(_old_files(oldest), ("id",), remove, lock=LOCK)


KINDS = (
    Kind(DELIVERIES, "bodies as they came", _forecast_deliveries, _remove_deliveries),
    Kind(QUARANTINE, "settled items of the quarantine", _forecast_quarantine, _remove_quarantine),
    Kind(FILES, "reports of files", _forecast_files, _remove_files),
)
