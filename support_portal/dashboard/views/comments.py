"""Comments: writing one on any record, changing it, taking it back, and following a thread."""

from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from support_portal.accounts.models import User
from support_portal.comments import services
from support_portal.comments.models import Comment, Target
from support_portal.comments.people import suggested
from support_portal.comments.telling import follow as follow_thread
from support_portal.dashboard.thread import (
    CommentForm,
    EditForm,
    Thread,
    quote,
    remark_of,
    thread_about,
)
from support_portal.lookup import subjects
from support_portal.notices.subjects import Subject

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


def posted(
    request: HtmxRequest, about: Subject, page: Callable[[CommentForm], HttpResponse]
) -> HttpResponse:
    """Keep a comment, then show the thread again (htmx) or lead to it; ``page`` shows a refused one."""
    user = writer(request)
    form = CommentForm(request.POST)
    if not form.is_valid():
        if request.htmx:
            return _fragment(request, thread_about(about, user, form), refused=True)
        return page(form)
    said = form.cleaned_data
    answered = _of_thread(about, said["reply_to"])
    services.say(about, said["body"], user, reply_to=answered, form=said["form"])
    if request.htmx:
        return _fragment(request, thread_about(about, user))
    return redirect(about.href + ANCHOR)


@never_cache
@require_safe
def detail(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show one comment with everything that it said before."""
    comment, about = _visible(request, comment_id)
    return render(request, "comments/detail.html", _context(request, comment, about))


@require_safe
def quoted(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Return the beginning of an answer, for the box."""
    comment, _ = _visible(request, comment_id)
    return HttpResponse(quote(comment), content_type="text/plain; charset=utf-8")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Say a comment of one's own otherwise."""
    comment, about = _own(request, comment_id)
    if comment.gone_at and request.method != "POST":
        return redirect(f"{about.href}#comment-{comment.pk}")
    if request.method != "POST":
        form = EditForm(initial={"body": comment.body, "base": comment.version})
        return _edit_page(request, comment, about, form)
    form = EditForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, comment, about, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    said, author = form.cleaned_data, cast(User, request.user)
    try:
        services.edit(comment, about, said["body"], author, base=said["base"])
    except services.Overtaken as overtaken:
        form.rebase(overtaken.now.version)
        context = {"theirs": remark_of(overtaken.now, author)}
        return _edit_page(request, overtaken.now, about, form, HTTPStatus.CONFLICT, **context)
    return redirect(f"{about.href}#comment-{comment.pk}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Delete a comment of one's own, or remove somebody's with a reason."""
    comment, about = _visible(request, comment_id)
    person = writer(request)
    mine = comment.author_id == person.pk
    if not mine and not person.may("remove comments"):
        raise PermissionDenied("Leads may remove what others wrote.")
    why = request.POST.get("why", "").strip()
    wrong = _wrong(why, needed=not mine)
    if request.method != "POST" or wrong:
        context = _context(request, comment, about) | {
            "mine": mine,
            "why": why,
            "wrong": wrong if request.method == "POST" else "",
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if context["wrong"] else HTTPStatus.OK
        return render(request, "comments/take_back.html", context, status=status)
    services.take_back(comment, person, why=why)
    messages.success(request, "The comment is deleted." if mine else "The comment is removed.")
    return redirect(about.href + ANCHOR)


@require_POST
def follow(request: HtmxRequest) -> HttpResponse:
    """Follow a thread, or do not any more."""
    person = cast(User, request.user)
    about = _subject(request.POST.get("kind", ""), request.POST.get("key", ""), person)
    follow_thread(about, person, wanted=request.POST.get("follow") == "yes")
    if request.htmx:
        return render(request, "comments/_follow.html", {"thread": thread_about(about, person)})
    return redirect(about.href + ANCHOR)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Return the people who can be called on a record and whose name begins so."""
    about = _subject(request.GET.get("kind", ""), request.GET.get("key", ""), writer(request))
    found = suggested(request.GET.get("q", ""), about)
    return JsonResponse(
        {"people": [{"name": each.username, "full": each.get_full_name()} for each in found]}
    )


def _fragment(request: HttpRequest, thread: Thread, *, refused: bool = False) -> HttpResponse:
    """Return the thread alone, for htmx to swap."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "comments/_thread.html", {"thread": thread}, status=status)


def _subject(kind: str, key: str, person: User) -> Subject:
    about = subjects.find(kind, key, person)
    if about is None or kind not in Target:
        raise Http404("no such record")
    return about


def _visible(request: HttpRequest, comment_id: int) -> tuple[Comment, Subject]:
    rows = Comment.objects.select_related("author", "gone_by")
    comment = rows.filter(pk=comment_id).first()
    if comment is None:
        raise Http404("no such comment")
    person = cast(User, request.user)
    return comment, _subject(comment.target_kind, comment.target_key, person)


def _own(request: HttpRequest, comment_id: int) -> tuple[Comment, Subject]:
    comment, about = _visible(request, comment_id)
    if comment.author_id != writer(request).pk:
        raise PermissionDenied("Only who wrote a comment may change it.")
    return comment, about


def _of_thread(about: Subject, comment_id: int | None) -> Comment | None:
    rows = Comment.objects.about(about.kind, about.key).present()
    return rows.filter(pk=comment_id).first() if comment_id else None


def _context(request: HttpRequest, comment: Comment, about: Subject) -> dict[str, object]:
    person = cast(User, request.user)
    return {
        "comment": comment,
        "about": about,
        "remark": remark_of(comment, person),
        "earlier": list(comment.earlier.order_by("-version")),
        "may_change": person.may("comment"),
        "may_remove": person.may("remove comments"),
    }


def _edit_page(
    request: HttpRequest,
    comment: Comment,
    about: Subject,
    form: EditForm,
    status: HTTPStatus = HTTPStatus.OK,
    **more: object,
) -> HttpResponse:
    context = {
        "comment": comment,
        "about": about,
        "form": form,
        "draft": f"{request.user.pk} edit {comment.pk} {comment.version}",
        **more,
    }
    return render(request, "comments/edit.html", context, status=status)


def _wrong(why: str, *, needed: bool) -> str:
    if needed and not why:
        return "Say why."
    limit = services.REASON_LIMIT
    return f"Up to {limit} characters." if len(why) > limit else ""
