"""Files: uploading them, watching them being read, and what became of their records."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.core.keyset import paginate
from support_portal.dashboard import file_pages
from support_portal.dashboard.views.comments import HtmxRequest
from support_portal.dashboard.views.listing import page_links
from support_portal.ingest.doorbell import file_bell
from support_portal.ingest.files import columns, services, uploads
from support_portal.ingest.files.models import FileState, ImportedFile
from support_portal.ingest.files.uploads import KeepingHandler
from support_portal.ingest.limits import gate

FORM_MARGIN = 64 * 2**10  # what a form adds to the files in it
PAGE_SIZE = 25
_NOT_YOURS = (
    "What became of a file is told to whoever uploaded it and to those who look after all "
    "sub-accounts."
)


@csrf_exempt  # checked in _take, for the form must not be read before somebody keeps its files
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """List the files, and take new ones."""
    person = _person(request)
    if not person.may("see_files"):
        raise PermissionDenied("Files are for agents and leads.")
    if request.method != "POST":
        return _list(cast(HtmxRequest, request), person)
    if not person.may("upload"):
        raise PermissionDenied("Uploading files is for leads.")
    if _announced(request) > settings.UPLOAD_LIMIT + FORM_MARGIN:
        return _too_large(request)
    if full := gate.standing().full:
        return _closed(request, full.sentence)
    return _take(request, uploads.keep_uploads(request, person, settings.UPLOAD_LIMIT))


@require_safe
def file(request: HtmxRequest, file_id: UUID) -> HttpResponse:
    """Show how far a file is, what it asks, and what became of its records."""
    found = _found(request, file_id)
    template = "intake/_file.html" if request.htmx else "intake/file.html"
    response = render(request, template, _page(request, found))
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def confirm(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Answer the question of a file: what its columns are, or that it is wanted again."""
    found = _acted_on(request, file_id)
    chosen, order = file_pages.answers(request, found), request.POST.get("order", "")
    try:
        services.confirm(found, chosen, order=order, anyway="anyway" in request.POST)
    except columns.Incomplete as why:
        doubt = {"incomplete": str(why), "doubtful": isinstance(why, columns.Doubtful)}
        page = _page(request, found, chosen, order) | doubt
        return render(request, "intake/file.html", page, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    file_bell.ring()
    return redirect("intake:file", file_id)


@require_POST
def cancel(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Stop taking a file."""
    found = _acted_on(request, file_id)
    if services.cancel(found, by=_person(request).get_username()):
        messages.success(request, "The file was cancelled. What was read of it before stays.")
    file_bell.ring()
    return redirect("intake:file", file_id)


@require_POST
def retry(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Go on with a file that stopped."""
    found = _acted_on(request, file_id)
    if not services.retry(found):
        messages.error(request, "The bytes of this file are gone. Upload it again.")
    file_bell.ring()
    return redirect("intake:file", file_id)


@require_safe
def rejects(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """Download what was not understood of a file."""
    found = _found(request, file_id)
    return file_pages.download(found, as_lines=request.GET.get("as") == "lines")


@csrf_protect
def _take(request: HttpRequest, handler: KeepingHandler) -> HttpResponse:
    """Read the form, by which its files are kept, and say what came of them."""
    arrived = uploads.arrived(request, handler)
    if handler.too_large:
        return _too_large(request)
    if any(each.state == FileState.WAITING for each in arrived):
        file_bell.ring()
    if request.accepts("text/html"):
        return _told(request, arrived)
    return JsonResponse({"files": [_as_data(each) for each in arrived]})


def _told(request: HttpRequest, arrived: list[ImportedFile]) -> HttpResponseRedirect:
    if not arrived:
        messages.error(request, "No file arrived. Choose one, and wait until all of it is sent.")
    for each in arrived:
        if each.state == FileState.FAILED:
            messages.error(request, f"{each.name}: {each.problem}")
        elif each.state == FileState.ASKING:
            messages.warning(request, f"{each.name} has arrived and has a question.")
        else:
            messages.success(request, f"{each.name} has arrived and is being read.")
    one = arrived[0] if len(arrived) == 1 else None
    if one and one.state == FileState.ASKING:
        return redirect("intake:file", one.id)
    return redirect("intake:files")


def _as_data(one: ImportedFile) -> dict[str, str]:
    return {
        "name": one.name,
        "state": one.state,
        "problem": one.problem,
        "href": reverse("intake:file", args=[one.id]),
    }


def _too_large(request: HttpRequest) -> HttpResponse:
    limit = filesizeformat(settings.UPLOAD_LIMIT)
    return render(request, "413.html", {"limit": limit}, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _closed(request: HttpRequest, why: str) -> HttpResponse:
    """Say that nothing is taken now, before any of it is read."""
    sentence = f"{why} Nothing was kept: send it again later."
    if not request.accepts("text/html"):
        answer = {"files": [], "problem": sentence}
        return JsonResponse(answer, status=HTTPStatus.SERVICE_UNAVAILABLE)
    messages.error(request, sentence)
    return redirect("intake:files")


def _list(request: HtmxRequest, person: User) -> HttpResponse:
    newest = ImportedFile.objects.newest_first().select_related("uploaded_by")
    page = paginate(newest, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    shown = file_pages.shown(page.rows, person)
    template = "intake/_files.html" if request.htmx else "intake/files.html"
    context = {
        "files": shown,
        "page": page,
        "links": page_links(request, page),
        "moves": any(each.moves for each in shown),
        "here": request.get_full_path(),
        "may_upload": person.may("upload"),
        "limit": filesizeformat(settings.UPLOAD_LIMIT),
        "limit_bytes": settings.UPLOAD_LIMIT,
        "accepted": file_pages.ACCEPTED,
    }
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _page(
    request: HttpRequest,
    found: ImportedFile,
    chosen: Sequence[str] = (),
    order: str | None = None,
) -> dict[str, Any]:
    """Return what the page of a file shows; with a question go the answers so far."""
    [shown] = file_pages.shown([found], _person(request))
    asks = found.state == FileState.ASKING
    may_act = file_pages.may_act(_person(request), found)
    return {
        "shown": shown,
        "facts": file_pages.facts(found),
        "reasons": file_pages.reject_reasons(found) if shown.progress.quarantined else [],
        "may_act": may_act,
        "may_cancel": may_act and (shown.moves or asks),
        "may_retry": may_act and file_pages.can_retry(found),
    } | (file_pages.question(found, chosen, order) if asks else {})


def _found(request: HttpRequest, file_id: UUID) -> ImportedFile:
    person = _person(request)
    found = ImportedFile.objects.filter(pk=file_id).select_related("uploaded_by").first()
    if found is None:
        raise Http404
    if not person.may("see_files") or not file_pages.may_open(person, found):
        raise PermissionDenied(_NOT_YOURS)
    return found


def _acted_on(request: HttpRequest, file_id: UUID) -> ImportedFile:
    found = _found(request, file_id)
    if not file_pages.may_act(_person(request), found):
        raise PermissionDenied("Answering for files and cancelling them is for leads.")
    return found


def _announced(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
