"""Watching ids that we do not hold yet."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.dashboard import watched
from support_portal.dashboard.addresses import changed, not_understood
from support_portal.dashboard.pasted import cleaned
from support_portal.dashboard.views.listing import page_links, page_size, page_sizes
from support_portal.payloads.ids import parse_id
from support_portal.watches import services
from support_portal.watches.looking import CLIENT_KINDS
from support_portal.watches.models import Kind, State, Watch
from support_portal.watches.services import DAYS, REMARK_LIMIT, USUAL_DAYS, VALUE_LIMIT, Wanted

SPANS = [(days, f"{days} day{'s' if days > 1 else ''} from now") for days in DAYS]
TABS = {"": "All", "open": "Open", "ended": "Ended"}


class WatchForm(forms.Form):
    """How long to watch, and a remark for oneself."""

    days = forms.TypedChoiceField(
        label="Until",
        choices=SPANS,
        coerce=int,
        initial=USUAL_DAYS,
        widget=forms.Select(attrs={"class": "input"}),
    )
    remark = forms.CharField(
        label="Remark",
        max_length=REMARK_LIMIT,
        required=False,
        help_text="It comes with the notice. For example the number of the ticket.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def watches(request: HttpRequest) -> HttpResponse:
    """List one's watches, newest first; a POST adds to them."""
    if request.method == "POST":
        return _watch(request)
    rows = Watch.objects.of(cast(User, request.user))
    shown, wrong = request.GET.get("show", ""), not_understood(request.GET, show=TABS)
    if wrong:
        rows = rows.none()
    elif shown == "open":
        rows = rows.open()
    elif shown == "ended":
        rows = rows.exclude(state=State.OPEN)
    page = paginate(rows, cursor=request.GET.get("cursor", ""), size=page_size(request))
    now = timezone.now()
    return render(
        request,
        "watches/list.html",
        {
            "page": page,
            "wrong": wrong,
            "rows": [watched.in_words(watch, now) for watch in page],
            "waits": any(watch.state == State.OPEN for watch in page),
            "links": page_links(request, page),
            "sizes": page_sizes(request, page.size),
            "tabs": [
                {"word": word, "href": changed(request, show=key or None), "current": key == shown}
                for key, word in TABS.items()
            ],
        },
    )


@require_safe
def state(request: HttpRequest, watch_id: UUID) -> HttpResponse:
    """Show the card of one watch alone: the page of what is missing asks for it while it waits."""
    found = Watch.objects.of(cast(User, request.user)).filter(id=watch_id).first()
    if found is None:
        raise Http404
    context = {"row": watched.in_words(found)}
    response = render(request, "watches/_card.html", context)
    if found.state != State.OPEN:
        response["HX-Trigger"] = "bell"
    return response


@require_POST
def cancel(request: HttpRequest, watch_id: UUID) -> HttpResponse:
    """Give up a watch."""
    if services.cancel(cast(User, request.user), watch_id):
        messages.success(request, "It is not watched any more.")
    return redirect(_way_back(request))


def _watch(request: HttpRequest) -> HttpResponse:
    form = WatchForm(request.POST)
    chosen = [read(text) for text in _chosen(request.POST)]
    if not form.is_valid() or None in chosen:
        return HttpResponseBadRequest("This is not what the form of the portal sends.")
    wanted = [one for one in chosen if one and one.wanted]
    days = form.cleaned_data["days"]
    opened = services.watch(
        cast(User, request.user),
        [one.wanted for one in wanted if one.wanted],
        days=days,
        remark=form.cleaned_data["remark"],
    )
    words = watched.said(opened, days) or "Choose something that is missing first."
    tone = "warning" if opened.over or not wanted else "success"
    if request.headers.get("HX-Request"):
        # With too many it is not known here which were left out: the page says so until reloaded.
        marked = [] if opened.over else wanted
        context = {"words": words, "tone": tone, "chosen": marked}
        return render(request, "watches/_said.html", context)
    messages.add_message(request, getattr(messages, tone.upper()), words)
    return redirect(_way_back(request))


def _chosen(sent: QueryDict) -> list[str]:
    """Return the rows that a form means: one, all that are missing, or those that are ticked."""
    if one := sent.get("one", ""):
        return [one]
    if sent.get("which") == "missing":
        return sent.get("missing", "").splitlines()
    return sent.getlist("row")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A row of a page, and what to watch for, if it is missing."""

    number: int
    wanted: Wanted | None


def read(text: str) -> Chosen | None:
    """Read a row as forms send it, "3 error_id 9e30…" or "3"; None for anything else."""
    number, _, thing = cleaned(text).partition(" ")
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        return None
    wanted = _wanted(thing) if thing else None
    return Chosen(int(number), wanted) if wanted or not thing else None


def _wanted(text: str) -> Wanted | None:
    kind, _, value = text.partition(" ")
    if kind not in Kind.values or not value or len(value) > VALUE_LIMIT:
        return None
    if kind in CLIENT_KINDS:
        return Wanted(kind, value)
    found = parse_id(value)
    return Wanted(kind, str(found)) if found else None


def _way_back(request: HttpRequest) -> str:
    """Return where the form says it came from, if that is on this site."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return address
    return resolve_url("watches:list")
