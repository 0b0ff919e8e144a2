"""Telling people something, and taking note that they have read it."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.ids import earliest
from support_portal.notices.models import Kind, Notice

KEPT = timedelta(days=90)
PRUNED_AT_ONCE = 5_000
TITLE_LIMIT, TEXT_LIMIT = 500, 500
# Control characters, surrogates and line or paragraph separators.
NOT_PLAIN = frozenset(("Cc", "Cs", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class News:
    """Something to tell a person; ``link`` is a path inside the portal."""

    user: User
    kind: Kind
    title: str
    link: str
    once: str
    text: str = ""


def tell(news: Sequence[News], now: datetime | None = None) -> None:
    """Tell people the news, in the transaction of what happened; the same twice is an error."""
    now = now or timezone.now()
    Notice.objects.bulk_create(
        Notice(
            user=each.user,
            kind=each.kind,
            title=plain(each.title, TITLE_LIMIT),
            text=plain(each.text, TEXT_LIMIT),
            link=_inside(each.link),
            once=each.once,
            made_at=now,
            mail_due_at=now if wants_mail(each.user) else None,
        )
        for each in news
    )


def wants_mail(person: User) -> bool:
    """Tell whether what ``person`` is told goes by mail as well."""
    return bool(settings.MAIL_ON and person.is_active and person.mail_notices and person.email)


def choose_mail(person: User, *, wanted: bool) -> None:
    """Switch mail on or off; what was not sent yet is then not sent any more."""
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(mail_notices=wanted)
        if not wanted:
            Notice.objects.filter(user=person, mailed_at=None).update(mail_due_at=None)


def mark_read(person: User, ids: Iterable[UUID], *, read: bool = True) -> None:
    """Note that ``person`` has read these, or wants them to stand there as unread again."""
    chosen = Notice.objects.of(person).filter(id__in=list(ids))
    if read:
        chosen.unread().update(read_at=timezone.now())
    else:
        chosen.update(read_at=None)


def mark_all_read(person: User, until: UUID) -> tuple[int, datetime]:
    """Mark what is unread up to the newest that was shown; return how many, and the moment.

    What came since stays unread.  The moment is what ``unmark`` takes to undo it.
    """
    now = timezone.now()
    unread = Notice.objects.of(person).unread().filter(id__lte=until)
    return unread.update(read_at=now), now


def unmark(person: User, moment: datetime) -> int:
    """Make unread what was marked at ``moment``; return how many that were."""
    return Notice.objects.of(person).filter(read_at=moment).update(read_at=None)


def prune(now: datetime) -> int:
    """Delete what is older than KEPT; return how much that was."""
    old = Notice.objects.filter(id__lt=earliest(now - KEPT)).order_by("id")
    ids = list(old.values_list("id", flat=True)[:PRUNED_AT_ONCE])
    return Notice.objects.filter(id__in=ids).delete()[0]


def plain(text: str, limit: int) -> str:
    """Return ``text`` on one line without what no line may hold, cut to ``limit`` characters."""
    kept = "".join(" " if unicodedata.category(sign) in NOT_PLAIN else sign for sign in text)
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _inside(link: str) -> str:
    """Return a path; ValueError for an address that leads elsewhere."""
    if not link.startswith("/") or link.startswith(("//", "/\\")):
        raise ValueError(f"{link!r} is no path of the portal")
    return link
