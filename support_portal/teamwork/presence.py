"""Who is at a record at present.

A beat is one short statement of a row that nobody else writes.  On SQLite it waits for the write lock
for a moment only and is dropped otherwise: the next one comes in ten seconds, and the drain goes first.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.db.models import Case, Q, When

from support_portal.accounts.models import User
from support_portal.core.durable import kept_soon
from support_portal.core.sqlite import PATIENCE
from support_portal.notices.subjects import Subject
from support_portal.teamwork.models import Doing, Presence

# Browsers beat and ask every ten seconds, so who left is gone from a page after 28 at the latest.
GONE_AFTER = timedelta(seconds=18)
FORGOTTEN_AFTER = timedelta(minutes=10)
PATIENCE_OF_A_BEAT = 50  # milliseconds
MOST = 200
_UPSERT = (
    "INSERT INTO teamwork_presence (kind, key, user_id, doing, at) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (kind, key, user_id) DO UPDATE SET doing = excluded.doing, at = excluded.at"
)
_DELETE = "DELETE FROM teamwork_presence WHERE kind = %s AND key = %s AND user_id = %s"


def beat(about: Subject, person: User, doing: Doing, now: datetime) -> bool:
    """Note that a person is at a record; False where there was no moment for it."""
    moment = int(now.timestamp())
    return _write(_UPSERT, [about.kind, about.key, person.pk, doing.value, moment])


def leave(about: Subject, person: User) -> bool:
    """Note that a person has left a record."""
    return _write(_DELETE, [about.kind, about.key, person.pk])


def others(about: Subject, person: User, now: datetime) -> list[Presence]:
    """Return who else is at a record, then who drafts any inquiry: in one query, by name."""
    here = Q(kind=about.kind, key=about.key)
    either = here | Q(kind="inquiry", doing=Doing.DRAFTING)
    fresh = Presence.objects.filter(either, at__gt=int((now - GONE_AFTER).timestamp()))
    rows = fresh.filter(user__is_active=True).exclude(user=person).select_related("user")
    elsewhere = Case(When(here, then=0), default=1)  # so that no number of drafts crowds them out
    return list(
        rows.order_by(elsewhere, "user__first_name", "user__username", "kind", "key")[:MOST]
    )


def forget(now: datetime) -> None:
    """Delete what is long over."""
    Presence.objects.filter(at__lt=int((now - FORGOTTEN_AFTER).timestamp())).delete()


def _write(statement: str, values: Sequence[str | int]) -> bool:
    try:
        with _in_passing(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError:
        return False
    return True


@contextmanager
def _in_passing() -> Iterator[None]:
    """Write without waiting: for the disk on PostgreSQL, for the lock on SQLite."""
    if connection.vendor != "sqlite":
        with kept_soon():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_OF_A_BEAT}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
