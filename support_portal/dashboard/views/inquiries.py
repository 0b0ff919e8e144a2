"""The list of inquiries, and adding evidence to one."""

from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from support_portal.accounts.models import User
from support_portal.dashboard import clock
from support_portal.dashboard.addresses import changed
from support_portal.dashboard.evidence import line, wanted_in
from support_portal.dashboard.inquiry_filter import InquiryFilter, tabs
from support_portal.dashboard.inquiry_table import InquiryTable
from support_portal.dashboard.views.listing import page_links, page_size, page_sizes
from support_portal.ingest.doorbell import Doorbell
from support_portal.inquiries import chat, desk, gathering, services
from support_portal.inquiries.freezing import Wanted, freeze
from support_portal.inquiries.hours import today
from support_portal.inquiries.models import Inquiry
from support_portal.inquiries.selectors import (
    alike,
    drafts,
    evidence_counts,
    may_sort,
    unassigned_count,
)
from support_portal.inquiries.services import AT_ONCE, MOST_EVIDENCE, Added
from support_portal.inquiries.tasks import GATHER

ADDED = "added"  # in an address: the moment of what can be taken back
SHOWN_DRAFTS = 10
bell = Doorbell(task=GATHER)
NEW = "new"


class HtmxRequest(HttpRequest):
    """A request that htmx may have made."""

    htmx: HtmxDetails


@require_safe
def inquiries(request: HtmxRequest) -> HttpResponse:
    """List inquiries, newest first."""
    person = cast(User, request.user)
    rules, now = desk.current(), timezone.now()
    asked = InquiryFilter.read(request.GET)
    seen = Inquiry.objects.visible_to(person).select_related("created_by", "owner")
    rows = asked.applied(seen.newest_first(), person, now, today(rules.hours, now))
    table = InquiryTable.for_request(rows, request, page_size(request))
    table.rules, table.now = rules, now
    table.evidence = evidence_counts(row.pk for row in table.page)
    context = {
        "table": table,
        "links": page_links(request, table.page),
        "sizes": page_sizes(request, table.page.size),
        "asked": asked,
        "chat_secret": chat.secret() if settings.INQUIRY_CHAT and person.may("manage") else "",
        "may_sort": may_sort(person),
        "chat_fails": chat.failing() if settings.INQUIRY_CHAT and person.may("see senders") else "",
        "to_sort": unassigned_count() if may_sort(person) else "",
        "tabs": tabs(request, asked),
        "mine": changed(request, mine=None if asked.mine else "1"),
        "unfiltered": changed(request, code=None, table=None, q=None, mine=None),
    }
    part = request.htmx and not request.htmx.history_restore_request
    template = "inquiries/_results.html" if part else "inquiries/list.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add records to an inquiry: a new one, or the draft that is chosen."""
    person = inquirer(request)
    wanted = wanted_in(request.POST)
    if not wanted:
        messages.warning(request, "Choose an error, a message or an id first.")
        return redirect("inquiries:list")
    return add_wanted(request, wanted, person)


def add_wanted(request: HttpRequest, wanted: list[Wanted], person: User) -> HttpResponse:
    """Add what is wanted to the inquiry that the form names, or ask which one is meant."""
    into = request.POST.get("into", "")
    if into and into != NEW:
        return _add_to(request, into, wanted, person)
    same, others = _offered(wanted, person) if into != NEW else ([], [])
    if same or others:
        return _choose(request, wanted, same, others)
    return _start(request, wanted, person)


def inquirer(request: HttpRequest) -> User:
    """Return who asks, if they may write inquiries."""
    person = cast(User, request.user)
    if not person.may("inquire"):
        raise PermissionDenied
    return person


def _offered(wanted: list[Wanted], person: User) -> tuple[list[Inquiry], list[Inquiry]]:
    """Return the open inquiries on the same, and other drafts of this person."""
    same = alike(freeze(wanted[:AT_ONCE], person), person)
    known = {each.pk for each in same}
    return same, [each for each in drafts(person)[:SHOWN_DRAFTS] if each.pk not in known]


def _choose(
    request: HttpRequest, wanted: list[Wanted], same: list[Inquiry], others: list[Inquiry]
) -> HttpResponse:
    """Ask which inquiry is meant."""
    context: dict[str, Any] = {
        "lines": [line(each) for each in wanted],
        "count": len(wanted),
        "same": same,
        "others": others,
        "first": same[0].pk if same else NEW,
    }
    return render(request, "inquiries/add.html", context)


def _again(request: HttpRequest, wanted: list[Wanted], person: User, why: str) -> HttpResponse:
    """Ask once more, since the inquiry that was chosen takes nothing."""
    messages.warning(request, why)
    return _choose(request, wanted, *_offered(wanted, person))


def _start(request: HttpRequest, wanted: list[Wanted], person: User) -> HttpResponse:
    inquiry, later = gathering.start(person, wanted)
    _ring(request, later)
    if len(wanted) > MOST_EVIDENCE:
        messages.warning(request, _over(len(wanted) - MOST_EVIDENCE))
    return _to_page(inquiry, inquiry.created_at)


def _add_to(request: HttpRequest, into: str, wanted: list[Wanted], person: User) -> HttpResponse:
    number = int(into) if into.isascii() and into.isdigit() and len(into) < 16 else 0
    inquiry = Inquiry.objects.visible_to(person).filter(pk=number).first()
    if inquiry is None:
        return _again(request, wanted, person, "That inquiry is not there any more.")
    return add_to(request, inquiry, wanted, person)


def add_to(
    request: HttpRequest, inquiry: Inquiry, wanted: list[Wanted], person: User
) -> HttpResponse:
    """Add what is wanted to an inquiry, which may have been sent."""
    try:
        added, later = gathering.add(inquiry, wanted, person)
    except gathering.Busy:
        return _again(
            request, wanted, person, f"Evidence is still being added to {inquiry.reference}."
        )
    except services.NotOpen:
        return _again(request, wanted, person, f"{inquiry.reference} is {inquiry.state}.")
    _ring(request, later)
    messages.success(request, _said(added))
    return _to_page(inquiry, added.at if added.new else None)


def _ring(request: HttpRequest, later: int) -> None:
    """Let what is added in the background begin."""
    if later:
        bell.ring()
        messages.info(request, f"{later:,} more are being added.")


def _to_page(inquiry: Inquiry, added: datetime | None) -> HttpResponse:
    """Lead to an inquiry, where what was just added can be taken back."""
    page = reverse("inquiries:detail", args=[inquiry.pk])
    return redirect(f"{page}?{urlencode({ADDED: clock.iso(added)})}" if added else page)


def _said(added: Added) -> str:
    parts = [f"{added.new:,} added."]
    if added.already:
        parts.append(f"{added.already:,} {'was' if added.already == 1 else 'were'} there already.")
    if added.over:
        parts.append(_over(added.over))
    return " ".join(parts)


def _over(count: int) -> str:
    verb = "was" if count == 1 else "were"
    return f"{count:,} {verb} left out: an inquiry holds {MOST_EVIDENCE:,} pieces of evidence."
