"""Pressing 8x8 for an inquiry that waits: the drafted text, and the note that it was used."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from support_portal.dashboard.views.inquiries import inquirer
from support_portal.dashboard.views.inquiry import visible
from support_portal.inquiries import escalating
from support_portal.inquiries.models import AWAITED


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def escalate(request: HttpRequest, number: int) -> HttpResponse:
    """Show the text to send; a POST records that it was used."""
    person = inquirer(request)
    inquiry = visible(request, number)
    text, error = request.POST.get("text", ""), ""
    if request.method == "POST":
        try:
            escalating.used(inquiry, text, person)
        except escalating.Refused as refused:
            error = str(refused)
        else:
            messages.success(request, "It is recorded that you escalated it.")
            return redirect("inquiries:detail", number)
    elif inquiry.state not in AWAITED:
        messages.warning(request, f"Nothing is awaited: {inquiry.reference} is {inquiry.state}.")
        return redirect("inquiries:detail", number)
    context = {
        "inquiry": inquiry,
        "text": text if error else escalating.drafted(inquiry, person),
        "error": error,
        "longest": escalating.LONGEST,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(request, "inquiries/escalate.html", context, status=status)
