"""Saying whose something is and how it stands."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from support_portal.accounts.models import User
from support_portal.dashboard.standings import MUTES, RIGHT, card
from support_portal.lookup import subjects
from support_portal.notices.subjects import Subject
from support_portal.teamwork.models import Kind, State
from support_portal.teamwork.services import Overtaken, Refused, Wanted, change

TOO_LATE = "Somebody was quicker. This is how it stands now; nothing of yours was done."
ANCHOR = "#standing"


@require_POST
def stand(request: HttpRequest) -> HttpResponse:
    """Let a group or an incident stand otherwise, or be somebody's."""
    person = cast(User, request.user)
    kind = request.POST.get("kind", "")
    about = subjects.find(kind, request.POST.get("key", ""), person)
    if about is None or kind not in Kind:
        raise Http404("no such group or incident")
    if not person.may(RIGHT):
        raise PermissionDenied("Your role may read how it stands and not change it.")
    try:
        change(about, _wanted(request, person), person, timezone.now())
    except Refused as refused:
        return _again(request, about, refused.faults)
    except Overtaken:
        messages.warning(request, TOO_LATE)
    else:
        messages.success(request, "Saved.")
    return redirect(about.href + ANCHOR)


def _wanted(request: HttpRequest, person: User) -> Wanted:
    said = request.POST
    asked, base = said.get("state", ""), said.get("base", "")
    if asked not in State:
        raise Refused(state="Choose how it stands.")
    mute = MUTES.get(said.get("mute", ""))
    return Wanted(
        State(asked),
        int(base) if base.isascii() and base.isdecimal() and len(base) < 9 else 0,
        person if said.get("take") else _assignee(said.get("assignee", "")),
        timezone.now() + mute[1] if mute else None,
        said.get("why", ""),
    )


def _assignee(text: str) -> User | None:
    if not text:
        return None
    key = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
    person = User.objects.filter(pk=key).select_related("team").first()
    if person is None:
        raise Refused(assignee="There is no such colleague.")
    return person


def _again(request: HttpRequest, about: Subject, faults: dict[str, str]) -> HttpResponse:
    names = ("state", "assignee", "mute", "why", "base")
    typed = {name: request.POST.get(name, "") for name in names}
    context = {"about": about, "standing": card(about, cast(User, request.user), typed, faults)}
    return render(request, "teamwork/again.html", context, status=422)
