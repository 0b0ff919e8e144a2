"""What was not understood, and sending it through the intake again."""

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.core import sealing
from support_portal.core.keyset import paginate
from support_portal.dashboard import foreign
from support_portal.dashboard.refusals import reasons, title_of
from support_portal.dashboard.views.listing import page_links
from support_portal.ingest import services
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.models import QuarantineEntry

REPLAY_LIMIT = 500  # a press; each item is a delivery of its own
_NOT_FOR_ALL = "The text is shown to those who look after all sub-accounts."
_NO_KEY = "The text cannot be shown: the key that sealed it is not in the ring."


@dataclass(frozen=True, slots=True)
class Shown:
    """A quarantined item as the page shows it."""

    entry: QuarantineEntry
    title: str
    text: str
    withheld: str = ""  # why there is no text


@require_safe
def quarantine(request: HttpRequest) -> HttpResponse:
    """List what was not understood, newest first, with the reason and the masked text."""
    reason = request.GET.get("reason", "")
    waiting = QuarantineEntry.objects.waiting()
    chosen = waiting.filter(reason=reason) if _is_word(reason) else waiting
    page = paginate(chosen, cursor=request.GET.get("cursor", ""), size=25)
    return render(
        request,
        "intake/quarantine.html",
        {
            "entries": [_shown(entry, _person(request)) for entry in page],
            "page": page,
            "links": page_links(request, page),
            "reason": reason if _is_word(reason) else "",
            "title": title_of(reason) if _is_word(reason) else "",
            "reasons": reasons(),
            "may_replay": _person(request).may("replay"),
        },
    )


@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """Send quarantined items through the intake again: one, those of a reason, or all."""
    person = _person(request)
    if not person.may("replay"):
        raise PermissionDenied("Sending items through the intake again is for leads.")
    waiting = _asked_for(request)
    replayed = services.replay(waiting[:REPLAY_LIMIT], by=person.get_username())
    doorbell.ring()
    messages.success(request, _replayed(replayed, left=waiting.count()))
    return redirect(_back_to_list(request))


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _is_word(reason: str) -> bool:
    return bool(reason) and len(reason) <= 40 and reason.isidentifier()


def _shown(entry: QuarantineEntry, person: User) -> Shown:
    """Show an item; whose it is was not understood, so not everybody may read it."""
    title = title_of(entry.reason)
    if person.sub_accounts is not None:
        return Shown(entry, title, "", _NOT_FOR_ALL)
    try:
        return Shown(entry, title, foreign.shown(sealing.unseal(entry.body)))
    except sealing.Unsealable:
        return Shown(entry, title, "", _NO_KEY)


def _asked_for(request: HttpRequest) -> QuerySet[QuarantineEntry]:
    """Return the waiting entries that the form names; none when it names nothing."""
    waiting = QuarantineEntry.objects.waiting()
    if entry := request.POST.get("entry"):
        try:
            return waiting.filter(pk=entry)
        except ValidationError:
            return waiting.none()
    reason = request.POST.get("reason", "")
    if _is_word(reason):
        return waiting.filter(reason=reason)
    return waiting if request.POST.get("all") == "yes" else waiting.none()


def _replayed(count: int, *, left: int) -> str:
    items = "1 item was" if count == 1 else f"{count:,} items were"
    rest = f" {left:,} of these still wait." if left else ""
    return f"{items} sent through the intake again.{rest}"


def _back_to_list(request: HttpRequest) -> str:
    reason = request.POST.get("back", "")
    address = reverse("intake:quarantine")
    return f"{address}?{urlencode({'reason': reason})}" if _is_word(reason) else address
