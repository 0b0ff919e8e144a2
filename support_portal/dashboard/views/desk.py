"""When the desk works and how long 8x8 may take: shown to all, changed by leads."""

import zoneinfo
from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from support_portal.accounts.models import User
from support_portal.dashboard.desk_form import DeskForm
from support_portal.inquiries import clocks, desk
from support_portal.inquiries.models import DeskRules

SHOWN = 10
FOR_LEADS = "The hours of the desk are for leads to set."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules that count; a POST of a lead changes them."""
    now = desk.current()
    if request.method != "POST":
        return _page(request, now, DeskForm(now))
    author = _lead(request)
    form = DeskForm(now, request.POST)
    if not form.is_valid():
        return _page(request, now, form)
    try:
        clocks.rule(form.said(), author, base=form.cleaned_data["base"])
    except desk.Refused as refused:
        form.refuse(refused.faults)
        return _page(request, now, form)
    except desk.Overtaken as overtaken:
        form.rebase(overtaken.now.number)
        return _page(request, overtaken.now, form, overtaken=True)
    messages.success(request, "Saved. All that is awaited is due by these rules now.")
    return redirect("inquiries:desk")


@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Let the settings of the installation count again."""
    author = _lead(request)
    base = request.POST.get("base", "")
    try:
        clocks.rule(None, author, base=int(base) if base.isdecimal() else -1)
    except desk.Overtaken:
        messages.warning(request, "Somebody changed them in the meantime. Read them again.")
    else:
        messages.success(request, "The settings of the installation count again.")
    return redirect("inquiries:desk")


def _lead(request: HttpRequest) -> User:
    person = cast(User, request.user)
    if not person.may("run the desk"):
        raise PermissionDenied(FOR_LEADS)
    return person


def _page(
    request: HttpRequest, now: desk.Desk, form: DeskForm, *, overtaken: bool = False
) -> HttpResponse:
    status = HTTPStatus.OK
    if overtaken:
        status = HTTPStatus.CONFLICT
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    current = DeskForm(now)
    context = {
        "form": form,
        "now": now,
        "may_change": cast(User, request.user).may("run the desk"),
        "theirs": _differences(form, current) if overtaken else [],
        "zones": sorted(zoneinfo.available_timezones()),
        "history": list(DeskRules.objects.select_related("author").order_by("-number")[:SHOWN]),
    }
    return render(request, "inquiries/desk.html", context, status=status)


def _differences(form: DeskForm, theirs: DeskForm) -> list[tuple[str, str]]:
    """Return what counts now otherwise than it was typed: label and value."""
    said = form.said()
    return [
        (str(theirs.fields[name].label), value or "(empty)")
        for name, value in theirs.initial.items()
        if name in said and (_text(value) != said[name])
        for value in [_text(value)]
    ]


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
