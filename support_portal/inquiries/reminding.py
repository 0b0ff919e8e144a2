"""Reminding of the next step: once for each date and person, on the morning of that day at the desk."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from support_portal.inquiries import desk
from support_portal.inquiries.hours import opening, today
from support_portal.inquiries.models import Inquiry
from support_portal.inquiries.services import address
from support_portal.notices.models import Kind
from support_portal.notices.services import News, tell

AT_ONCE = 200


def remind(now: datetime) -> int:
    """Tell of each step that is due; return of how many."""
    rules = desk.current()
    day = today(rules.hours, now)
    begun = now >= opening(rules.hours, day)
    found = _untold().filter(**{"due_on__lte" if begun else "due_on__lt": day})
    return sum(_told(each) for each in found.order_by("due_on", "number")[:AT_ONCE])


def _untold() -> "QuerySet[Inquiry, tuple[int, date | None]]":
    due = Inquiry.objects.open().exclude(due_on=None).exclude(reminded_on=F("due_on"))
    return due.values_list("number", "due_on")


def _told(step: tuple[int, date | None]) -> bool:
    """Note that a step was told and tell it, in one transaction; False when that is not for us."""
    number, due_on = step
    with transaction.atomic():
        same = Inquiry.objects.open().filter(pk=number, due_on=due_on)
        if not same.exclude(reminded_on=F("due_on")).update(reminded_on=due_on):
            return False
        inquiry = Inquiry.objects.select_related("owner__team", "created_by__team").get(pk=number)
        keeper = inquiry.keeper
        if not Inquiry.objects.visible_to(keeper).filter(pk=number).exists():
            return False  # its evidence is not theirs any more
        title = f"Next step due: {inquiry.reference}"
        once = f"inquiry {number} due {due_on} {inquiry.version}"
        text = inquiry.subject
        tell([News(keeper, Kind.INQUIRY, title, address(inquiry), once, text)])
    return True
