"""The inbox of codes and wordings that were never seen before, for leads."""

from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.dashboard import drifted
from support_portal.dashboard.addresses import changed, not_understood
from support_portal.dashboard.views.listing import page_links, page_size, page_sizes
from support_portal.knowledge import drift
from support_portal.knowledge.models import Drift, DriftKind, DriftState
from support_portal.knowledge.versions import Refused

SETTLED = "settled"
KINDS = {"": "All", DriftKind.UNKNOWN.value: "Codes", DriftKind.REWORDED.value: "Wordings"}
TOO_LATE = "Somebody was quicker. This is how it stands now."


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List what waits, or what was settled, the one seen last first."""
    person = _lead(request)
    settled = request.GET.get("state") == SETTLED
    kind = request.GET.get("kind", "")
    wrong = not_understood(request.GET, state=[SETTLED], kind=KINDS)
    rows = drift.entries(open_only=not settled, kind="" if wrong else kind)
    page = paginate(
        rows.none() if wrong else rows,
        cursor=request.GET.get("cursor", ""),
        size=page_size(request),
    )
    context = {
        "entries": drifted.shown(page, person),
        "settled": settled,
        "wrong": wrong,
        "open_href": changed(request, state=None),
        "settled_href": changed(request, state=SETTLED),
        "kinds": [
            {"title": title, "href": changed(request, kind=each or None), "current": each == kind}
            for each, title in KINDS.items()
        ],
        "page": page,
        "links": page_links(request, page),
        "sizes": page_sizes(request, page.size),
    }
    return render(request, "codes/drift.html", context)


@require_POST
def accept(request: HttpRequest, drift_id: UUID) -> HttpResponse:
    """Take the wording for one of this code from now on."""
    person = _lead(request)
    get_object_or_404(Drift, pk=drift_id)
    done = drift.settle(drift_id, DriftState.ACCEPTED, author=person)
    return _settled(request, done=done, said="The wording is known from now on.")


@require_POST
def reopen(request: HttpRequest, drift_id: UUID) -> HttpResponse:
    """Let what was set aside wait again."""
    person = _lead(request)
    get_object_or_404(Drift, pk=drift_id)
    done = drift.settle(drift_id, DriftState.OPEN, author=person, before=DriftState.ASIDE)
    return _settled(request, done=done, said="It waits again.")


@require_http_methods(["GET", "HEAD", "POST"])
def aside(request: HttpRequest, drift_id: UUID) -> HttpResponse:
    """Ask why, then set an entry aside."""
    person = _lead(request)
    entry = get_object_or_404(Drift, pk=drift_id)
    why, error = request.POST.get("why", ""), ""
    if request.method == "POST":
        try:
            done = drift.settle(drift_id, DriftState.ASIDE, author=person, reason=why)
        except Refused as refusal:
            error = refusal.faults["reason"]
        else:
            said = "It was set aside. It is kept, and can be opened again."
            return _settled(request, done=done, said=said)
    (shown,) = drifted.shown([entry], person)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    context = {"shown": shown, "why": why, "error": error}
    return render(request, "codes/drift_aside.html", context, status=status)


def _lead(request: HttpRequest) -> User:
    person = cast(User, request.user)
    if not person.may("correct codes"):
        raise PermissionDenied("What was never seen before is for leads to look at.")
    return person


def _settled(request: HttpRequest, *, done: bool, said: str) -> HttpResponse:
    if done:
        messages.success(request, said)
    else:
        messages.warning(request, TOO_LATE)
    return redirect("codes:drift")
