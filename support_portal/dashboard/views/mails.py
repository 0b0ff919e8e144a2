"""Mails that answer letters: uploaded, saved with their files, and those of which nobody knows whose they are."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.core.sealing import Unsealable
from support_portal.dashboard.comment_text import paragraphs
from support_portal.dashboard.downloads import downloaded, safe_name
from support_portal.dashboard.tracking import MailForm
from support_portal.dashboard.views.inquiries import inquirer
from support_portal.dashboard.views.inquiry import page, visible
from support_portal.inquiries.models import PREFIX, Inquiry, Mail
from support_portal.inquiries.replies import receiving
from support_portal.inquiries.replies.receiving import AlreadyHere
from support_portal.inquiries.selectors import mailboxes, may_sort, unassigned

SHOWN = 25
BYTES = "application/octet-stream"


@require_POST
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """Keep a mail as an answer to an inquiry."""
    person = inquirer(request)
    inquiry = visible(request, number)
    form = MailForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, inquiry, mail=form)
    try:
        receiving.upload(form.cleaned_data["mail"], inquiry, person)
    except AlreadyHere as before:
        where = before.mail.inquiry
        seen = where and Inquiry.objects.visible_to(person).filter(pk=where.pk).exists()
        named = where.reference if where and seen else "another inquiry"
        messages.warning(request, f"This mail is kept with {named} already.")
    else:
        messages.success(request, "The reply is kept.")
    return _to_replies(number)


@never_cache
@require_safe
def file(request: HttpRequest, number: int, key: int, place: int) -> HttpResponse:
    """Return a file of a mail, to be saved: what it is nobody can say."""
    mail = get_object_or_404(Mail, pk=key, inquiry=visible(request, number))
    try:
        files = receiving.files_of(mail)
    except Unsealable:
        raise Http404("the mail cannot be opened any more") from None
    if place >= len(files):
        raise Http404("no such file")
    name = safe_name(files[place].name) or f"file-{place + 1}"
    return downloaded(HttpResponse(files[place].content, content_type=BYTES), name)


@require_safe
def unsorted(request: HttpRequest) -> HttpResponse:
    """List the mails of which nobody knows what they answer, newest first."""
    sorter(request)
    found = paginate(unassigned(), cursor=request.GET.get("cursor", ""), size=SHOWN)
    context = {
        "mails": [(each, paragraphs(each.text[:3_000])) for each in found],
        "older": found.older,
        "boxes": mailboxes(),
    }
    return render(request, "inquiries/mails.html", context)


@require_POST
def assign(request: HttpRequest, key: int) -> HttpResponse:
    """Say which inquiry a mail answers."""
    person = sorter(request)
    mail = get_object_or_404(Mail, pk=key)
    written = request.POST.get("inquiry", "").strip().upper().removeprefix(PREFIX)
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 16 else 0
    inquiry = Inquiry.objects.visible_to(person).filter(pk=number).first()
    if inquiry is None:
        messages.error(request, "Write the number of an inquiry, such as INQ-12.")
        return redirect("inquiries:mails")
    if not receiving.assign(mail, inquiry, person):
        messages.warning(request, "Somebody was quicker: it is assigned already.")
        return redirect("inquiries:mails")
    messages.success(request, f"It answers {inquiry.reference} now.")
    return _to_replies(inquiry.pk)


@require_POST
def discard(request: HttpRequest, key: int) -> HttpResponse:
    """Take a mail that answers nothing off the list."""
    sorter(request)
    receiving.discard(get_object_or_404(Mail, pk=key))
    messages.success(request, "Taken off the list.")
    return redirect("inquiries:mails")


def sorter(request: HttpRequest) -> User:
    """Return who asks, if they may see what may be of any sub-account."""
    person = cast(User, request.user)
    if not may_sort(person):
        raise PermissionDenied
    return person


def _to_replies(number: int) -> HttpResponse:
    return redirect(reverse("inquiries:detail", args=[number]) + "#replies")
