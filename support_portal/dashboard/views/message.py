"""The page of one message."""

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
from support_portal.dashboard.line_of_time import folding
from support_portal.dashboard.message_page import message_context
from support_portal.dashboard.thread import CommentForm
from support_portal.dashboard.views import comments, happening
from support_portal.dashboard.views.lookup import not_held_id
from support_portal.events import held
from support_portal.events.models import Message
from support_portal.lookup.subjects import of_message


@require_safe
def detail(request: HttpRequest, umid: UUID) -> HttpResponse:
    """Show a message; what is not held, or not for this person, gets the page that helps."""
    message = _visible(request, umid)
    if message is None:
        return happening.page(request, umid) or not_held_id(request, "umid", umid)
    looked(cast(User, request.user), "message", message.umid)
    return _page(request, message)


@require_POST
def comment(request: comments.HtmxRequest, umid: UUID) -> HttpResponse:
    """Add a comment."""
    comments.writer(request)
    message = _visible(request, umid)
    if message is None:
        return not_held_id(request, "umid", umid)
    return comments.posted(request, of_message(message), lambda form: _page(request, message, form))


def _visible(request: HttpRequest, umid: UUID) -> Message | None:
    return held.message(umid, cast(User, request.user))


def _page(request: HttpRequest, message: Message, form: CommentForm | None = None) -> HttpResponse:
    user = cast(User, request.user)
    context = message_context(
        message,
        user,
        timezone.now(),
        asked_raw="raw" in request.GET,
        folding=folding(request, reverse("messages:detail", args=[message.umid])),
        form=form,
        reply=request.GET.get("reply", ""),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.OK
    return render(request, "messages/detail.html", context, status=status)
