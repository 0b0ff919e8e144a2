"""The page of one API error."""

from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.browsing.looks import looked
from support_portal.dashboard.error_page import error_context
from support_portal.dashboard.line_of_time import folding
from support_portal.dashboard.thread import CommentForm
from support_portal.dashboard.views import comments
from support_portal.dashboard.views.lookup import not_held_id
from support_portal.events import held
from support_portal.events.models import ErrorEvent
from support_portal.lookup.subjects import of_error


@require_safe
def detail(request: HttpRequest, error_id: UUID) -> HttpResponse:
    """Show an error; what is not held, or not for this person, gets the page that helps."""
    error = _visible(request, error_id)
    if error is None:
        return not_held_id(request, "error_id", error_id)
    looked(cast(User, request.user), "error", error.error_id)
    return _page(request, error)


@require_POST
def comment(request: comments.HtmxRequest, error_id: UUID) -> HttpResponse:
    """Add a comment."""
    comments.writer(request)
    error = _visible(request, error_id)
    if error is None:
        return not_held_id(request, "error_id", error_id)
    return comments.posted(request, of_error(error), lambda form: _page(request, error, form))


def _visible(request: HttpRequest, error_id: UUID) -> ErrorEvent | None:
    return held.error(error_id, cast(User, request.user))


def _page(request: HttpRequest, error: ErrorEvent, form: CommentForm | None = None) -> HttpResponse:
    user = cast(User, request.user)
    context = error_context(
        error,
        user,
        timezone.now(),
        asked_raw="raw" in request.GET,
        folding=folding(request, reverse("errors:detail", args=[error.error_id])),
        form=form,
        reply=request.GET.get("reply", ""),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.OK
    return render(request, "errors/detail.html", context, status=status)
