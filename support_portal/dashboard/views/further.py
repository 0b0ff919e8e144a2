"""The letter that adds evidence to one that has left: its page, its checks, and sending it."""

from http import HTTPStatus

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from support_portal.accounts.models import User
from support_portal.core.text import kept
from support_portal.dashboard.inquiring import AsideForm
from support_portal.dashboard.views.inquiries import inquirer
from support_portal.dashboard.views.inquiry import visible
from support_portal.dashboard.views.letters import ANCHOR, SAID
from support_portal.inquiries import sending, services
from support_portal.inquiries.gate import Blocked, judge, next_letter, set_aside
from support_portal.inquiries.models import OPEN, Inquiry, Letter, Way
from support_portal.inquiries.sending import LONGEST_WORDS, NotPossible
from support_portal.writing import plain


class WordsForm(forms.Form):
    """What a person writes above the evidence."""

    body = forms.CharField(
        label="In your words",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(
            attrs={"class": "input", "rows": 4, "placeholder": "What is new since the last letter."}
        ),
    )

    def clean_body(self) -> str:
        """Return the words as letters take them."""
        return kept(self.cleaned_data["body"])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def further_letter(request: HttpRequest, number: int) -> HttpResponse:
    """Show the letter as it would leave; a POST shows it with other words, or sends it."""
    person = inquirer(request)
    inquiry = visible(request, number)
    before = services.last_letter(inquiry)
    if before is None or inquiry.state not in OPEN or not services.untold(inquiry).exists():
        messages.info(request, "There is nothing that 8x8 has not been told of.")
        return redirect("inquiries:detail", number)
    form = WordsForm(request.POST or None)
    if form.is_bound and not form.is_valid():
        return _page(request, inquiry, person, before, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        if "mark" in request.POST:
            _set_aside(request, inquiry, person, form.cleaned_data["body"])
        elif request.POST.get("way") in Way.values:
            return _send(request, inquiry, person, before, form)
    except services.NotOpen:
        messages.warning(request, f"{inquiry.reference} is not open any more.")
        return redirect("inquiries:detail", number)
    return _page(request, inquiry, person, before, form)


def _send(
    request: HttpRequest, inquiry: Inquiry, person: User, before: Letter, form: WordsForm
) -> HttpResponse:
    way = Way(request.POST["way"])
    try:
        sending.send_further(inquiry, way, person, form.cleaned_data["body"])
    except (Blocked, NotPossible) as why:
        said = f"It stays here until this is mended or set aside: {why}."
        messages.error(request, said if isinstance(why, Blocked) else str(why))
        return _page(request, inquiry, person, before, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, SAID[way])
    return redirect(reverse("inquiries:detail", args=[inquiry.pk]) + ANCHOR)


def _set_aside(request: HttpRequest, inquiry: Inquiry, person: User, words: str) -> None:
    form = AsideForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Say why the check is set aside.")
        return
    known = form.cleaned_data
    if not set_aside(inquiry, known["mark"], known["reason"], person, words=words):
        messages.warning(request, "That is not found any more.")


def _page(
    request: HttpRequest,
    inquiry: Inquiry,
    person: User,
    before: Letter,
    form: WordsForm,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    words = form.cleaned_data.get("body", "") if form.is_bound else ""
    outgoing = next_letter(inquiry, words, person)
    verdict = judge(inquiry, outgoing.samples, draft=outgoing.draft, now=timezone.now())
    context = {
        "inquiry": inquiry,
        "before": before,
        "form": form,
        "words": words,
        "count": len(outgoing.samples),
        "letter": plain(outgoing.document),
        "mail_on": settings.MAIL_ON,
        "zendesk_on": bool(settings.ZENDESK.origin),
        "verdict": verdict,
        "blocking": len(verdict.blocking),
    }
    return render(request, "inquiries/further_letter.html", context, status=status)
