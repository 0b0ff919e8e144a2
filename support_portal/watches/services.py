"""Opening watches, giving them up, and letting go of old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.ids import earliest
from support_portal.core.locks import hold_for_transaction
from support_portal.watches.models import Kind, State, Watch

DAYS = (1, 7, 30)
USUAL_DAYS = 7
OPEN_LIMIT = 500  # of one person: every open watch is asked for every other second
VALUE_LIMIT, REMARK_LIMIT = 350, 200
KEPT = timedelta(days=90)
PRUNED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """An id that somebody wants to wait for."""

    kind: str  # a word of Kind
    value: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of wanting to watch: how many are new, were watched already, were too many."""

    new: int
    already: int
    over: int


def watch(
    person: User,
    wanted: Sequence[Wanted],
    *,
    days: int = USUAL_DAYS,
    remark: str = "",
    now: datetime | None = None,
) -> Opened:
    """Watch ids for ``person``; one that they watch already stays as it is."""
    now = now or timezone.now()
    if days not in DAYS:
        raise ValueError(f"{days} days; expected one of {DAYS}")
    distinct = {each.value[:VALUE_LIMIT]: Kind(each.kind) for each in wanted}
    with transaction.atomic():
        hold_for_transaction(f"watches.of.{person.pk}")  # so that two forms keep to the limit
        present = set(Watch.objects.of(person).open().values_list("value", flat=True))
        missing = [value for value in distinct if value not in present]
        fitting = missing[: max(0, OPEN_LIMIT - len(present))]
        Watch.objects.bulk_create(
            Watch(
                user=person,
                kind=distinct[value],
                value=value,
                remark=remark[:REMARK_LIMIT],
                days=days,
                made_at=now,
                expires_at=now + timedelta(days=days),
            )
            for value in fitting
        )
    return Opened(len(fitting), len(distinct) - len(missing), len(missing) - len(fitting))


def cancel(person: User, watch_id: UUID) -> bool:
    """Give up a watch; False when it is not theirs or has ended already."""
    mine = Watch.objects.of(person).open().filter(id=watch_id)
    return bool(mine.update(state=State.CANCELLED, ended_at=timezone.now()))


def prune(now: datetime) -> int:
    """Delete what was made before KEPT and has ended; return how much that was."""
    old = Watch.objects.filter(id__lt=earliest(now - KEPT)).exclude(state=State.OPEN).order_by("id")
    ids = list(old.values_list("id", flat=True)[:PRUNED_AT_ONCE])
    return Watch.objects.filter(id__in=ids).delete()[0]
