"""What a person looked at: written down after the answer has gone out, bounded, never in the way."""

import logging
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.core.signals import request_finished
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.browsing.models import Look
from support_portal.core.composed import Figure, Figures
from support_portal.core.durable import kept_soon

MOST = 200  # of one person, besides what is pinned
MOST_PINNED = 50
AGAIN = timedelta(minutes=1)  # a page that is loaded again within that is the same look
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """A look that is not written down yet."""

    person: int
    kind: str
    key: UUID
    at: datetime


_before = Figures(
    lambda person, kind, key: {
        "same": Figure(Look.objects.filter(user=person, kind=kind, key=key).values_list("at")),
        "last_kept": Figure(_unpinned(person).order_by("-at").values_list("at")[MOST - 1 :]),
    }
)
_waiting: ContextVar[Seen | None] = ContextVar("look", default=None)


def connect() -> None:
    """Write down what was looked at when the answer has gone out."""
    request_finished.connect(_finished, dispatch_uid="browsing.looks")


def looked(person: User, kind: Literal["error", "message"], key: UUID) -> None:
    """Remember that ``person`` looks at a record."""
    _waiting.set(Seen(person.pk, kind, key, timezone.now()))


def _finished(**_: Any) -> None:
    seen = _waiting.get()
    if seen is None:
        return
    _waiting.set(None)
    try:
        write(seen)
    except DatabaseError:
        log.warning("a look was not written down", exc_info=True)


def write(seen: Seen) -> None:
    """Write down a look; the oldest beyond MOST go."""
    before = _before(seen.person, seen.kind, seen.key)
    if before["same"]:  # and no lock is taken for what is looked at again and again
        if seen.at - before["same"] >= AGAIN:
            mine = Look.objects.filter(user=seen.person, kind=seen.kind, key=seen.key)
            mine.update(at=seen.at)
        return
    with kept_soon():
        Look.objects.bulk_create(
            [Look(user_id=seen.person, kind=seen.kind, key=seen.key, at=seen.at)],
            ignore_conflicts=True,
        )
        if before["last_kept"]:
            _unpinned(seen.person).filter(at__lte=before["last_kept"]).delete()


def _unpinned(person: Any) -> QuerySet[Look]:
    return Look.objects.filter(user=person, pinned=False)


def recent(person: User, count: int) -> list[Look]:
    """Return what a person looked at, what is pinned first."""
    return list(Look.objects.filter(user=person).order_by("-pinned", "-at", "-id")[:count])


def of_team(person: User, count: int) -> list[Look]:
    """Return what the team of a person looked at, each record once, the newest look first."""
    if person.team_id is None:
        return []
    team = Look.objects.filter(user__team=person.team_id).exclude(user=person)
    rows = team.select_related("user").order_by("-at", "-id")[: 4 * count]
    once: dict[tuple[str, UUID], Look] = {}
    for row in rows:
        once.setdefault((row.kind, row.key), row)
    return list(once.values())


def pin(person: User, look_id: int, *, pinned: bool) -> bool:
    """Pin a look or let it go; False where there is none or too many are pinned."""
    if pinned and Look.objects.filter(user=person, pinned=True).count() >= MOST_PINNED:
        return False
    return bool(Look.objects.filter(user=person, pk=look_id).update(pinned=pinned))


def keys(looks: Sequence[Look], kind: str) -> list[UUID]:
    """Return the ids of the records of one kind."""
    return [look.key for look in looks if look.kind == kind]
