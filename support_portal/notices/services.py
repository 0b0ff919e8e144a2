"""Telling people something, and taking note that they have read it."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import TalkMail, User
from support_portal.core.ids import earliest
from support_portal.notices.models import Kind, Notice, NoticeQuerySet

KEPT = timedelta(days=90)
PRUNED_AT_ONCE = 5_000
TITLE_LIMIT, TEXT_LIMIT = 500, 500
DAILY_AT = time(7)  # where the person is
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
            mail_due_at=_mail_due(each, now),
        )
        for each in news
    )


def tell_once(news: Sequence[News], now: datetime | None = None) -> None:
    """Tell each person what they were not told yet, as ``once`` says."""
    known = Notice.objects.filter(
        user__in=[each.user for each in news], once__in={each.once for each in news}
    )
    told = set(known.values_list("user_id", "once"))
    tell([each for each in news if (each.user.pk, each.once) not in told], now)


def withdraw(people: Iterable[int], once: str) -> None:
    """Take the words out of a notice that people were told, and do not mail it any more."""
    told = Notice.objects.filter(user__in=list(people), once=once)
    told.update(text="", mail_due_at=None)


def wants_mail(person: User) -> bool:
    """Tell whether what ``person`` is told goes by mail as well."""
    return bool(settings.MAIL_ON and person.is_active and person.mail_notices and person.email)


def next_daily(person: User, now: datetime) -> datetime:
    """Return when the next mail of the day goes to ``person``."""
    zone = ZoneInfo(person.time_zone)
    today = now.astimezone(zone).date()
    first = datetime.combine(today, DAILY_AT, zone)
    tomorrow = datetime.combine(today + timedelta(days=1), DAILY_AT, zone)
    return (first if first > now else tomorrow).astimezone(UTC)


def _mail_due(news: News, now: datetime) -> datetime | None:
    if not wants_mail(news.user):
        return None
    if news.kind != Kind.TALK or news.user.talk_mail == TalkMail.AT_ONCE:
        return now
    return next_daily(news.user, now) if news.user.talk_mail == TalkMail.DAILY else None


def choose_mail(person: User, *, wanted: bool) -> None:
    """Switch mail on or off; what was not sent yet is then not sent any more."""
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(mail_notices=wanted)
        if not wanted:
            Notice.objects.filter(user=person, mailed_at=None).update(mail_due_at=None)


def choose_talk_mail(person: User, when: TalkMail, now: datetime) -> None:
    """Choose when what colleagues write goes by mail; what waits goes by the new choice."""
    due = {TalkMail.AT_ONCE: now, TalkMail.DAILY: next_daily(person, now), TalkMail.NEVER: None}
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(talk_mail=when)
        waiting = Notice.objects.of(person).filter(kind=Kind.TALK).to_mail_some_day()
        waiting.update(mail_due_at=due[when])


def mark_read(person: User, ids: Iterable[UUID], *, read: bool = True) -> None:
    """Note that ``person`` has read these, or wants them to stand there as unread again."""
    chosen = Notice.objects.of(person).filter(id__in=list(ids))
    if read:
        _read(chosen, timezone.now())
    else:
        chosen.update(read_at=None)


def mark_all_read(person: User, until: UUID) -> tuple[int, datetime]:
    """Mark what is unread up to the newest that was shown; return how many, and the moment.

    What came since stays unread.  The moment is what ``unmark`` takes to undo it.
    """
    now = timezone.now()
    return _read(Notice.objects.of(person).filter(id__lte=until), now), now


def _read(notices: NoticeQuerySet, now: datetime) -> int:
    """Mark what is unread; what colleagues wrote and was read here is not mailed as well."""
    unread = notices.unread()
    unread.filter(kind=Kind.TALK).to_mail_some_day().update(mail_due_at=None)
    return unread.update(read_at=now)


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
