"""What writing a comment has in common on errors and on messages."""

from http import HTTPStatus
from typing import cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from support_portal.accounts.models import User
from support_portal.comments.services import add_comment
from support_portal.dashboard.thread import CommentForm, Thread

ANCHOR = "#comments"


class HtmxRequest(HttpRequest):
    """A request that HtmxMiddleware has seen."""

    htmx: HtmxDetails


def writer(request: HttpRequest) -> User:
    """Return the person who writes; PermissionDenied for those who may only read."""
    user = cast(User, request.user)
    if not user.may("comment"):
        raise PermissionDenied("Your role may read comments and not write them.")
    return user


def saved(form: CommentForm, kind: str, key: UUID, author: User) -> bool:
    """Keep the comment if it is one."""
    if not form.is_valid():
        return False
    add_comment(kind=kind, key=str(key), body=form.cleaned_data["body"], author=author)
    return True


def fragment(request: HttpRequest, thread: Thread, *, refused: bool = False) -> HttpResponse:
    """Return the thread alone, for htmx to swap."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "comments/_thread.html", {"thread": thread}, status=status)
