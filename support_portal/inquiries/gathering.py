"""Adding thousands of pieces of evidence, a slice at a time.

The row is the truth: each slice is kept and counted in one transaction, behind the one before, so a worker
that dies is followed by one that goes on, and no piece is lost or added twice.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from support_portal.accounts.models import User
from support_portal.inquiries import services, tracking
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.inquiries.models import Gathering, Inquiry
from support_portal.inquiries.services import AT_ONCE, MOST_EVIDENCE, Added
from support_portal.notices.models import Kind as About
from support_portal.notices.services import News, tell

log = logging.getLogger(__name__)
SLICE = 500
HELD = timedelta(seconds=60)
TRIES = 5


class Busy(Exception):
    """Something is being added to the inquiry already."""


def add(inquiry: Inquiry, wanted: Sequence[Wanted], person: User) -> tuple[Added, int]:
    """Add evidence to an open inquiry: what is over AT_ONCE in the background, and how much that is."""
    with transaction.atomic():
        if Gathering.objects.filter(inquiry=inquiry).exists():
            raise Busy
        added = services.add_open(inquiry, wanted[:AT_ONCE], person)
        later, rest = services.lacking(inquiry, wanted[AT_ONCE:])
        already, over = added.already + rest.already, added.over + rest.over
        count = _later(inquiry, later, person, added.at)
        return replace(added, already=already, over=over), count


def start(person: User, wanted: Sequence[Wanted]) -> tuple[Inquiry, int]:
    """Start a draft in the same manner."""
    with transaction.atomic():
        inquiry = services.start(person, wanted)
        later = wanted[AT_ONCE:MOST_EVIDENCE]
        return inquiry, _later(inquiry, later, person, inquiry.created_at)


def stop(inquiry: Inquiry, person: User) -> bool:
    """Add nothing more; what was added stays, and may be taken out again."""
    with transaction.atomic():
        row = _locked(inquiry.pk)
        if row is not None:
            _end(row, person, "stopped adding evidence")
    return row is not None


def work(seconds: float) -> bool:
    """Add what waits longest for a while; tell whether there is more."""
    row = _held()
    if row is None:
        return False
    if row.tries > TRIES:
        _give_up(row)
        return True
    until = time.monotonic() + seconds
    while _slice(row):
        if time.monotonic() >= until:
            Gathering.objects.filter(pk=row.pk).update(held_until=timezone.now())
            break
    return True


def _later(inquiry: Inquiry, wanted: Sequence[Wanted], person: User, at: datetime | None) -> int:
    if not wanted:
        return 0
    told = [
        [each.name.value, str(each.value), each.at.isoformat() if each.at else ""]
        for each in wanted
    ]
    try:
        with transaction.atomic():
            Gathering.objects.create(
                inquiry=inquiry, person=person, wanted=told, at=at or timezone.now()
            )
    except IntegrityError:  # another person was quicker
        raise Busy from None
    return len(told)


def _held() -> Gathering | None:
    """Take the one that waits longest; a try counts before it begins, for it may kill us."""
    now = timezone.now()
    row = Gathering.objects.filter(held_until__lte=now).order_by("held_until").first()
    if row is None:
        return None
    mine = Gathering.objects.filter(pk=row.pk, held_until=row.held_until)
    taken = mine.update(held_until=now + HELD, tries=F("tries") + 1)
    row.tries += 1
    return row if taken else None


def _locked(number: int) -> Gathering | None:
    """Return what is added to an inquiry as it stands, for this transaction alone; None for nothing."""
    Inquiry.objects.select_for_update().filter(pk=number).first()
    return Gathering.objects.filter(pk=number).select_related("person", "inquiry").first()


def _slice(row: Gathering) -> bool:
    """Add the next slice; False when that was the last, or it is somebody else's by now."""
    with transaction.atomic():
        now = _locked(row.pk)
        if now is None or now.done != row.done:
            return False
        if not now.inquiry.is_open:
            _end(now, tracking.PORTAL, "stopped adding evidence")
            return False
        part = [_read(each) for each in now.wanted[now.done : now.done + SLICE]]
        added = services.put(now.inquiry, part, now.person, now.person, now.at)
        row.done = now.done = now.done + len(part)
        now.new += added.new
        if now.done >= len(now.wanted):
            _end(now, now.person, "added evidence")
            _tell(now)
            return False
        now.tries, now.held_until = 0, timezone.now() + HELD
        now.save(update_fields=["done", "new", "tries", "held_until"])
    return True


def _read(said: Sequence[str]) -> Wanted:
    name, value, at = said
    return Wanted(Named(name), UUID(value), parse_datetime(at) if at else None)


def _end(row: Gathering, who: User | str, what: str) -> None:
    """Let the letter follow what there is now, and the row go."""
    services.note(row.inquiry, who, what, f"{row.new:,} in the background")
    services.follow(row.inquiry, row.person)
    Gathering.objects.filter(pk=row.pk).delete()


def _give_up(row: Gathering) -> None:
    """Add no more, unless somebody stopped it or got on with it meanwhile."""
    with transaction.atomic():
        now = _locked(row.pk)
        if now is None or now.tries <= TRIES:
            return
        log.error("adding evidence to inquiry %d failed %d times", row.pk, TRIES)
        _end(now, tracking.PORTAL, "could not add evidence")
        left = len(now.wanted) - now.done
        _tell(now, f"Adding evidence failed. {left:,} were left out.")


def _tell(row: Gathering, said: str = "") -> None:
    inquiry = row.inquiry
    title = said or f"{row.new:,} more pieces of evidence are in {inquiry.reference}"
    once = f"gathering {row.pk} {row.at.isoformat()}"
    link = services.address(inquiry)
    tell([News(row.person, About.INQUIRY, title, link, once, inquiry.subject)])
