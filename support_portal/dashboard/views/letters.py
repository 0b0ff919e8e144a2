"""Letters that leave: freezing and sending one, and what a person says of it afterwards."""

from collections.abc import Callable, Mapping
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.dashboard.views.inquiries import inquirer
from support_portal.dashboard.views.inquiry import changing, refused, visible
from support_portal.inquiries import mailing, sending
from support_portal.inquiries.gate import Blocked
from support_portal.inquiries.models import Inquiry, Letter, Way
from support_portal.inquiries.selectors import letters_of
from support_portal.inquiries.sending import NotPossible

ACTS: Mapping[str, Callable[[Letter, User], None]] = {
    "again": sending.again,
    "confirm": sending.confirm,
    "withdraw": sending.withdraw,
}
SAID = {
    Way.COPY: "It is frozen below. Copy it from there.",
    Way.EML: "It is frozen below. Save the file and open it with your mail program.",
    Way.MAILTO: "It is frozen below. The link opens your mail program.",
    Way.SMTP: "It is frozen and on its way.",
    Way.ZENDESK: "It is frozen and on its way.",
}
ANCHOR = "#sent"


@changing
def send(request: HttpRequest, inquiry: Inquiry, person: User) -> HttpResponse:
    """Freeze the letter and let it leave."""
    way = request.POST.get("way", "")
    if way not in Way.values:
        return HttpResponseBadRequest("This is not what the form of the portal sends.")
    try:
        sending.send(inquiry, Way(way), person)
    except Blocked as blocked:
        return refused(request, inquiry, blocked)
    except NotPossible as why:
        messages.error(request, str(why))
        return redirect("inquiries:detail", inquiry.pk)
    messages.success(request, SAID[Way(way)])
    return redirect(reverse("inquiries:detail", args=[inquiry.pk]) + ANCHOR)


@require_POST
def act(request: HttpRequest, number: int, key: int) -> HttpResponse:
    """Do with a letter what a person decides."""
    person = inquirer(request)
    letter = _letter(request, number, key)
    chosen = ACTS.get(request.POST.get("act", ""))
    if chosen is None:
        return HttpResponseBadRequest("This is not what the form of the portal sends.")
    try:
        chosen(letter, person)
    except NotPossible as why:
        messages.warning(request, str(why))
    return redirect(reverse("inquiries:detail", args=[number]) + ANCHOR)


@never_cache
@require_safe
def eml(request: HttpRequest, number: int, key: int) -> HttpResponse:
    """Return a letter as a file that mail programs open."""
    letter = _letter(request, number, key)
    if sending.checksum(letter) != letter.checksum:
        raise Http404("the letter was changed")
    response = HttpResponse(mailing.eml(letter), content_type="message/rfc822")
    response["Content-Disposition"] = f'attachment; filename="{letter.inquiry.reference}.eml"'
    return response


def _letter(request: HttpRequest, number: int, key: int) -> Letter:
    letters = letters_of(visible(request, number), cast(User, request.user))
    found = next((each for each in letters if each.pk == key), None)
    if found is None:
        raise Http404("no such letter")
    return found
