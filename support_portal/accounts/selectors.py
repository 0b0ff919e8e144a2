"""What is told about senders: their pace, and what was done to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone

from support_portal.accounts.models import (
    ApiToken,
    HookKey,
    SenderChange,
    SenderKind,
    SenderMinute,
)

HOUR = 60  # minutes
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Hour:
    """What a sender did in the last hour."""

    requests: int = 0
    bytes: int = 0
    refused: int = 0


def last_hour(kind: SenderKind, now: datetime | None = None) -> dict[int, Hour]:
    """Return what each sender of ``kind`` did in the last hour; idle ones are left out."""
    since = int((now or timezone.now()).timestamp()) // 60 - HOUR
    rows = (
        SenderMinute.objects.filter(kind=kind.value, minute__gt=since)
        .values_list("sender_id")
        .annotate(Sum("requests"), Sum("bytes"), Sum("refused"))
    )
    return {row[0]: Hour(*row[1:]) for row in rows}


def changes() -> QuerySet[SenderChange]:
    """Return what was done to senders, newest first."""
    return SenderChange.objects.order_by("-id")


def names(found: Collection[SenderChange]) -> dict[tuple[str, int], str]:
    """Return the names of the senders that changes are about."""
    told: dict[tuple[str, int], str] = {}
    for kind, model in ((SenderKind.TOKEN, ApiToken), (SenderKind.HOOK, HookKey)):
        ids = {change.sender_id for change in found if change.kind == kind.value}
        rows = model._default_manager.filter(pk__in=ids).values_list("pk", "name")
        told.update({(kind.value, pk): name for pk, name in rows})
    return told
