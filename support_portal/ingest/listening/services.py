"""Signs of life, and what follows from their absence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Least
from django.utils import timezone

from support_portal.core.locks import hold_for_transaction
from support_portal.ingest.listening.gaps import Stretch, gaps
from support_portal.ingest.listening.models import (
    REPEATED_FOR,
    DeafInterval,
    DeafKind,
    Role,
    SignOfLife,
)

LOCK = "ingest.listening"
PERIOD = timedelta(seconds=5)  # between two signs
MISSED = timedelta(seconds=15)  # without a sign: then nobody knows what was
# The sweep waits for its turn behind a long drain.
PATIENCE = {
    Role.WEB: MISSED,
    Role.WORKER: MISSED,
    Role.BEAT: MISSED,
    Role.SWEEP: timedelta(minutes=2),
}
SIGNS_READ = 500
SIGNS_KEPT = 1000
NOTE_LIMIT = 500


@dataclass(slots=True)
class Living:
    """One process that gives signs of life."""

    role: Role
    name: str
    sign: UUID | None = None  # the row that grows
    failures: int = 0  # signs that could not be written since the last one that was


def database_now() -> datetime:
    """Return the time of the one clock that all processes share.

    On PostgreSQL that is the server's, so that machines whose clocks disagree make no gaps.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def give_sign(living: Living, *, now: datetime, since_last: timedelta) -> None:
    """Say that ``living`` lived until ``now``.

    ``since_last`` is the time since its last sign by a clock that nobody sets.  While it is short,
    the process was there all the time, whatever the wall clock did: forward, and the row grows
    over the jump; backward, and it ends where the clock is now.
    """
    if living.sign and since_last <= PATIENCE[living.role]:
        grown = SignOfLife.objects.filter(id=living.sign).update(
            seen_at=now, began_at=Least(F("began_at"), Value(now))
        )
        if grown:
            living.failures = 0
            return
    living.sign = _begin(living, now)
    living.failures = 0


def note_deaf(
    kind: DeafKind, began: datetime, ended: datetime, *, refused: int = 0, doors: Iterable[str] = ()
) -> DeafInterval:
    """Record time in which we did not listen, together with what it touches.

    So intervals never overlap, and the same one noted twice, or by two processes, is one.  Calls
    that were refused soon after one another are one trouble: 8x8 may have tried one payload each time.
    """
    with transaction.atomic():
        hold_for_transaction(LOCK)
        found = _neighbours(kind, began, ended)
        merged = found[0] if found else DeafInterval(kind=kind, began_at=began)
        merged.kind = max([kind, *(DeafKind(each.kind) for each in found)], key=_tells)
        merged.began_at = min([began, *(each.began_at for each in found)])
        merged.ended_at = max([ended, *(each.ended_at or ended for each in found)])
        merged.refused = refused + sum(each.refused for each in found)
        words = {word for each in found for word in each.sources.split()}
        merged.sources = " ".join(sorted(words.union(doors)))
        for noted in (each for each in found[1:] if each.note):
            merged.note = f"{merged.note}\n{noted.note}".strip()
            merged.noted_by, merged.noted_at = noted.noted_by, noted.noted_at
        merged.save()
        DeafInterval.objects.filter(id__in=[each.id for each in found[1:]]).delete()
    return merged


def name_interval(interval: DeafInterval, *, note: str, by: str, now: datetime) -> None:
    """Keep what a person says about an interval: a planned stop, or what was done about it."""
    text = note.replace("\r\n", "\n").replace("\x00", "\ufffd").strip()[:NOTE_LIMIT]
    interval.note = text
    interval.noted_by = by if text else ""
    interval.noted_at = now if text else None
    interval.save(update_fields=["note", "noted_by", "noted_at"])


def _begin(living: Living, now: datetime) -> UUID:
    """Start a row, and record the gaps that can be told now that somebody lives again."""
    with transaction.atomic():
        hold_for_transaction(LOCK)
        _cut_future(now)
        sign = SignOfLife.objects.create(
            role=living.role, name=living.name, began_at=now, seen_at=now
        )
        _forget_old()
        if living.role == Role.WEB:
            _record_gaps(now, DeafKind.REFUSED if living.failures else DeafKind.DOWN)
    return sign.id


def _cut_future(now: datetime) -> None:
    """End what claims to have lived later than now: the clock was set back."""
    SignOfLife.objects.filter(seen_at__gt=now).update(
        seen_at=now, began_at=Least(F("began_at"), Value(now))
    )


def _forget_old() -> None:
    if SignOfLife.objects.count() > SIGNS_KEPT:
        newest = SignOfLife.objects.order_by("-seen_at").values_list("id", flat=True)
        SignOfLife.objects.exclude(id__in=list(newest[:SIGNS_READ])).delete()


def _record_gaps(now: datetime, kind_of_last: DeafKind) -> None:
    """Record every gap between web processes that is not recorded yet."""
    signs = SignOfLife.objects.filter(role=Role.WEB).order_by("-seen_at")
    stretches = list(signs.values_list("began_at", "seen_at")[:SIGNS_READ])
    found = gaps(stretches, longer_than=MISSED)
    for began, ended in _unknown(found):
        note_deaf(kind_of_last if ended == now else DeafKind.DOWN, began, ended)


def _unknown(found: list[Stretch]) -> list[Stretch]:
    """Return what no interval covers yet."""
    if not found:
        return []
    known = list(
        DeafInterval.objects.ours()
        .touching(found[0][0], found[-1][1])
        .values_list("began_at", "ended_at")
    )
    return [
        gap
        for gap in found
        if not any(began <= gap[0] and (ended or gap[1]) >= gap[1] for began, ended in known)
    ]


def _neighbours(kind: DeafKind, began: datetime, ended: datetime) -> list[DeafInterval]:
    """Return what belongs to the interval, oldest first; growing over one may reach another."""
    around = REPEATED_FOR if kind == DeafKind.REFUSED else timedelta()
    ours = DeafInterval.objects.ours()
    while True:
        near = ours.filter(kind=DeafKind.REFUSED).touching(began - around, ended + around)
        found = list((near | ours.touching(began, ended)).order_by("began_at", "id"))
        whole = (
            min([began, *(each.began_at for each in found)]),
            max([ended, *(each.ended_at or ended for each in found)]),
        )
        if whole == (began, ended):
            return found
        began, ended = whole


def _tells(kind: DeafKind) -> int:
    """Order kinds by how much they tell."""
    return [DeafKind.DOWN, DeafKind.REFUSED].index(kind)
