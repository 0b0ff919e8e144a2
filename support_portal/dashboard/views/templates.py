"""The templates of letters: shown to all, written, tried and taken back by leads."""

from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.dashboard.template_pages import TemplateForm, changes, previews, shown, texts
from support_portal.inquiries import templating
from support_portal.inquiries.letters import TEMPLATES, VARIABLES, Template
from support_portal.inquiries.models import Kind

FOR_LEADS = "The templates of letters are for leads to write."
PREVIEW = "preview"


@never_cache
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """List the templates."""
    found = [(Kind(kind), each) for kind, each in templating.newest().items()]
    return render(request, "inquiries/templates.html", {"templates": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a template with its history; a POST of a lead tries or saves what was typed."""
    now = _current(kind)
    if request.method != "POST":
        return _page(request, kind, now, TemplateForm.of(now))
    author = _lead(request)
    form = TemplateForm(request.POST)
    if not form.is_valid():
        return _page(request, kind, now, form)
    try:
        if request.POST.get("act") == PREVIEW:
            return _page(request, kind, now, form, tried=templating.written(kind, form.typed()))
        saved = templating.save(kind, form.typed(), author, base=form.cleaned_data["base"])
    except templating.Refused as refused:
        form.refuse(refused.faults)
        return _page(request, kind, now, form)
    except templating.Overtaken as overtaken:
        form.rebase(overtaken.now.number)
        return _page(request, kind, overtaken.now, form, overtaken=True)
    messages.success(request, f"Version {saved.number} counts for new drafts from now on.")
    return redirect("inquiries:template", kind)


@require_POST
def restore(request: HttpRequest, kind: str) -> HttpResponse:
    """Let an earlier version count again; 0 are the built-in words."""
    author = _lead(request)
    _current(kind)
    number, base = (_number(request.POST.get(name, "")) for name in ("number", "base"))
    if number and all(each.number != number for each in templating.history(kind)):
        raise Http404("no such version")
    try:
        saved = templating.restore(kind, number, author, base=base)
    except templating.Overtaken:
        messages.warning(
            request, "Somebody changed it in the meantime. Read it again, then decide."
        )
    else:
        messages.success(request, f"It is version {saved.number} now, and counts for new drafts.")
    return redirect("inquiries:template", kind)


def _current(kind: str) -> templating.Version:
    if kind not in TEMPLATES:
        raise Http404("no such kind of inquiry")
    return templating.current(kind)


def _lead(request: HttpRequest) -> User:
    person = cast(User, request.user)
    if not person.may("run the desk"):
        raise PermissionDenied(FOR_LEADS)
    return person


def _number(text: str) -> int:
    """Return a version that a form names; one that cannot be for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 10**9


def _page(
    request: HttpRequest,
    kind: str,
    now: templating.Version,
    form: TemplateForm,
    *,
    tried: Template | None = None,
    overtaken: bool = False,
) -> HttpResponse:
    status = HTTPStatus.OK
    if overtaken:
        status = HTTPStatus.CONFLICT
    elif form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    versions = templating.history(kind)
    context: dict[str, Any] = {
        "kind": Kind(kind),
        "now": now,
        "form": form,
        "variables": VARIABLES.items(),
        "may_change": cast(User, request.user).may("run the desk"),
        "previews": previews(kind, tried or now.template),
        "tried": tried is not None,
        "theirs": list(changes(form.typed(), texts(now.template))) if overtaken else [],
        "overtaken": overtaken,
        "history": shown(versions),
    }
    return render(request, "inquiries/template.html", context, status=status)
