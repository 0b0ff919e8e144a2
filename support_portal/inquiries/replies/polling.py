"""Fetching answers from a mailbox: how far it was read moves along with what was kept of it.

A mail and the UID behind which the next look begins are committed together, and a mail is known by its
Message-ID: whoever breaks off, nothing is lost and nothing comes twice.
"""

import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.db.models import Q
from django.utils import timezone

from support_portal.core.env import Inbox
from support_portal.inquiries.models import Mailbox
from support_portal.inquiries.replies.mailbox import PROBLEMS, Folder
from support_portal.inquiries.replies.reading import LARGEST, Incoming
from support_portal.inquiries.replies.receiving import Came, headers_of, receive, whole
from support_portal.notices.services import plain

log = logging.getLogger(__name__)
SECONDS = 60.0  # of one look
CLAIM = timedelta(seconds=SECONDS + 60)
TRIES, TRIES_OF_HEADERS = 3, 6  # looks that may end over one mail before less of it is asked for
BACK = timedelta(days=30)  # how far back a mailbox is read that was not read before
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_looking = threading.Lock()


def look_aside(now: datetime) -> None:
    """Look in a thread of its own, since a mail server may keep one waiting and others have work."""
    if _looking.acquire(blocking=False):
        threading.Thread(target=_look_and_let_go, args=[now], daemon=True).start()


def _look_and_let_go(now: datetime) -> None:
    try:
        close_old_connections()
        look(settings.INBOX, now)
    finally:
        connections.close_all()
        _looking.release()


def look(inbox: Inbox, now: datetime, seconds: float = SECONDS) -> int:
    """Fetch what is new, for a while; return how many mails were kept."""
    box = _claim(inbox, now)
    if box is None:
        return 0
    kept, problem = 0, ""
    try:
        with Folder(inbox, time.monotonic() + seconds) as folder:
            for new in _read(box, folder, now):
                kept += new
    except PROBLEMS as error:
        problem = plain(str(error) or type(error).__name__, 300)
        log.warning("the mailbox %s cannot be read: %s", box.name, problem)
    read_at = box.read_at if problem else now
    Mailbox.objects.filter(pk=box.pk).update(busy_until=None, problem=problem, read_at=read_at)
    return kept


def _claim(inbox: Inbox, now: datetime) -> Mailbox | None:
    """Take the mailbox unless somebody has it."""
    box, _ = Mailbox.objects.get_or_create(name=inbox.name)
    free = Mailbox.objects.filter(Q(busy_until=None) | Q(busy_until__lte=now), pk=box.pk)
    return box if free.update(busy_until=now + CLAIM) else None


def _read(box: Mailbox, folder: Folder, now: datetime) -> Iterator[bool]:
    """Take what is new, and yield of each mail whether it was kept."""
    since = ""
    if box.validity != folder.validity:
        box.validity, box.last_uid, box.tries = folder.validity, 0, 0
        since = _day(now - BACK)
    for uid in folder.after(box.last_uid, since):
        yield _take(box, folder, uid)


def _take(box: Mailbox, folder: Folder, uid: int) -> bool:
    """Keep a mail, and that it was read, in one transaction; tell whether it is new."""
    _moves(box, tries=box.tries + 1)
    came = _fetched(box, folder, uid)
    with transaction.atomic():
        box.last_uid = uid
        _moves(box, tries=0)
        return receive(came) is not None if came else False


def _fetched(box: Mailbox, folder: Folder, uid: int) -> Came | None:
    """Return a mail; of one that is too large, or over which looks ended, its headers; None when it is gone."""
    if box.tries > TRIES_OF_HEADERS:
        told = f"{box.name}: the mail with the UID {uid} ({box.validity}) cannot be fetched."
        return Came(told.encode(), Incoming(subject=told[:300], whole=False))
    size = folder.size(uid)
    if size is None:
        return None
    if size > LARGEST or box.tries > TRIES:
        return headers_of(folder.head(uid))
    return whole(folder.mail(uid))


def _moves(box: Mailbox, *, tries: int) -> None:
    box.tries = tries
    until = timezone.now() + CLAIM
    Mailbox.objects.filter(pk=box.pk).update(
        validity=box.validity, last_uid=box.last_uid, tries=tries, busy_until=until
    )


def _day(moment: datetime) -> str:
    """Return a day as IMAP writes it, in any locale."""
    return f"{moment.day:02}-{MONTHS[moment.month - 1]}-{moment.year}"
