"""Exports: exactly the rows of a list as a file, sent at once or made in the background."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.browsing.exports import jobs
from support_portal.browsing.exports.naming import file_name
from support_portal.browsing.exports.streaming import Download, pieces
from support_portal.browsing.exports.tables import TABLES
from support_portal.browsing.exports.writing import Format, writer
from support_portal.browsing.filtering import LONGEST_ADDRESS, NAME_OF_LINE, TOO_MUCH, Filter
from support_portal.browsing.models import MOVING, Export, ExportState
from support_portal.browsing.views import find
from support_portal.dashboard.addresses import VIEW
from support_portal.dashboard.filters import said_of
from support_portal.dashboard.view_tabs import LISTS
from support_portal.dashboard.views.comments import HtmxRequest
from support_portal.insights.models import Kind

_BUSY = (
    "Two exports are being downloaded already. Try again when one of them has ended, or let it be "
    "made in the background."
)
_TOO_MANY = f"{jobs.MOST_MOVING} of your exports are being made, or {jobs.MOST_KEPT} are kept. Remove one first."
_TOO_LONG = "This filter is too long to be kept. Shorten it, or take the file at once."
_NARROWED = "You may see fewer sub-accounts now than when this was made. Ask for it again."
# State -> tone, icon, words.
STATES = {
    ExportState.WAITING: ("none", "queued", "waits"),
    ExportState.RUNNING: ("", "live", "is made"),
    ExportState.DONE: ("ok", "ok", "ready"),
    ExportState.FAILED: ("bad", "fail", "failed"),
    ExportState.CANCELLED: ("none", "x", "cancelled"),
    ExportState.EXPIRED: ("none", "x", "expired"),
}


@require_safe
def stream(request: HttpRequest, kind: Kind, form: str) -> HttpResponseBase:
    """Send the rows that the address filters, newest first, beginning at once."""
    person, now = cast(User, request.user), timezone.now()
    asked = _asked(request, kind, now)
    if asked is None or asked.errors:
        return _to_list(request, kind, request.GET)
    table, query = TABLES[kind], asked.to_query()
    parts = asked.parts(person, table.order[0]) or [asked.rows(person)]
    written = writer(Format(form), table, bom=request.GET.get("bom") == "1")
    told = f"{kind} as {form} by {person.get_username()} of {query or 'everything'}"
    download = Download.begin(pieces(table, parts, written), told)
    if download is None:
        messages.warning(request, _BUSY)
        return redirect(f"{reverse(LISTS[kind])}?{query}")
    return _file(download, Format(form), file_name(kind, query, now, form))


@require_safe
def exports(request: HtmxRequest) -> HttpResponse:
    """List the exports of this person that are made in the background, newest first."""
    mine = Export.objects.filter(owner=cast(User, request.user)).order_by("-id")
    shown = [_shown(each) for each in mine[: 2 * jobs.MOST_KEPT]]
    context = {"exports": shown, "moves": any(each["moves"] for each in shown)}
    template = "browsing/_exports.html" if request.htmx else "browsing/exports.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Let a file be made of the rows of a filter."""
    person, now = cast(User, request.user), timezone.now()
    try:
        kind, form = Kind(request.POST.get("kind", "")), Format(request.POST.get("form", ""))
    except ValueError:
        raise Http404("no such export") from None
    query = QueryDict(request.POST.get("query", ""))
    asked = Filter.read(kind, query, now)
    if asked.errors:
        return _to_list(request, kind, query)
    try:
        jobs.ask(person, asked, form, bom=request.POST.get("bom") == "1", now=now)
    except jobs.TooMany:
        messages.error(request, _TOO_MANY)
    except jobs.TooLong:
        messages.error(request, _TOO_LONG)
    return redirect("exports:list")


@require_safe
def download(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """Send a file that was made."""
    export = _mine(request, export_id)
    if not jobs.is_there(export, timezone.now()):
        raise Http404("no such file")
    if not jobs.may_open(export):
        messages.error(request, _NARROWED)
        return redirect("exports:list")
    told = f"{export.name} by {export.owner.get_username()}"
    sent = Download.begin(((piece, 0) for piece in jobs.pieces(export)), told)
    if sent is None:
        messages.warning(request, _BUSY)
        return redirect("exports:list")
    response = _file(sent, Format(export.form), export.name)
    response["Content-Length"] = str(export.size)
    return response


@require_POST
def cancel(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Stop making a file."""
    if jobs.cancel(_mine(request, export_id)):
        messages.success(request, "The export was cancelled.")
    return redirect("exports:list")


@require_POST
def remove(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """Let go of a file."""
    jobs.remove(_mine(request, export_id))
    messages.success(request, "The export was removed.")
    return redirect("exports:list")


def _asked(request: HttpRequest, kind: Kind, now: datetime) -> Filter | None:
    """Return what the list shows at the same address: a filter, a query line, or a view alone."""
    if NAME_OF_LINE in request.GET:
        return Filter.from_line(kind, request.GET[NAME_OF_LINE], now)[0]
    if set(request.GET) - {"bom"} != {VIEW}:
        return Filter.read(kind, request.GET, now)
    view = find(cast(User, request.user), request.GET[VIEW])
    return view.asked(now) if view and view.kind is kind else None


def _to_list(request: HttpRequest, kind: Kind, query: QueryDict) -> HttpResponse:
    """Lead to the list, which says what is wrong beside the field; what fits in no address is let go."""
    written = query.urlencode()
    if len(written) > LONGEST_ADDRESS:
        messages.error(request, TOO_MUCH)
        return redirect(LISTS[kind])
    return redirect(f"{reverse(LISTS[kind])}?{written}")


def _mine(request: HttpRequest, export_id: UUID) -> Export:
    mine = Export.objects.filter(owner=cast(User, request.user)).select_related("owner__team")
    return get_object_or_404(mine, pk=export_id)


def _shown(export: Export) -> dict[str, Any]:
    tone, icon, words = STATES[ExportState(export.state)]
    kind = Kind(export.kind)
    asked = Filter.read(kind, QueryDict(export.query), timezone.now())
    expected = max(export.expected or 0, export.rows)
    return {
        "export": export,
        "tone": tone,
        "icon": icon,
        "words": words,
        "moves": export.state in MOVING,
        "ready": jobs.is_there(export, timezone.now()),
        "said": said_of(asked),
        "list": f"{reverse(LISTS[kind])}?{export.query}",
        "percent": 100 * export.rows // expected if export.expected else None,
    }


def _file(sent: Download, form: Format, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(sent, content_type=form.content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
