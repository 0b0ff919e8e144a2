"""Exports: exactly the rows of a list as a file."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.browsing.exports.naming import file_name
from support_portal.browsing.exports.streaming import Download
from support_portal.browsing.exports.tables import TABLES
from support_portal.browsing.exports.writing import Format, writer
from support_portal.browsing.filtering import Filter
from support_portal.insights.models import Kind

LISTS = {Kind.ERROR: "errors:list", Kind.MESSAGE: "messages:list"}
_BUSY = "Two exports are being downloaded already. Try again when one of them has ended."


@require_safe
def stream(request: HttpRequest, kind: Kind, form: str) -> HttpResponseBase:
    """Send the rows that the address filters, newest first, beginning at once."""
    person, now = cast(User, request.user), timezone.now()
    asked = Filter.read(kind, request.GET, now)
    if asked.errors:  # the list says what is wrong, beside the field
        return redirect(f"{reverse(LISTS[kind])}?{request.GET.urlencode()}")
    table, query = TABLES[kind], asked.to_query()
    parts = asked.parts(person, table.order[0]) or [asked.rows(person)]
    written = writer(Format(form), table, bom=request.GET.get("bom") == "1")
    told = f"{kind} as {form} by {person.get_username()} of {query or 'everything'}"
    pieces = Download.begin(table, parts, written, told)
    if pieces is None:
        messages.warning(request, _BUSY)
        return redirect(f"{reverse(LISTS[kind])}?{query}")
    return _file(pieces, Format(form), file_name(kind, query, now, form))


def _file(pieces: Download, form: Format, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=form.content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
