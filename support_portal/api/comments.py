"""What colleagues and machines say about records: read, and said once for each call."""

from typing import Annotated, TypedDict

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api.auth import callers_only
from support_portal.api.parameters import SHOWN, idempotency_key, page_limit
from support_portal.comments import services
from support_portal.comments.models import Comment, Target
from support_portal.comments.services import (
    EmptyComment,
    GoneComment,
    LongComment,
    OtherComment,
)
from support_portal.comments.telling import name_of
from support_portal.core.keyset import paginate
from support_portal.ingest.bodies import read_body
from support_portal.ingest.callers import Refused, for_machines, require_method
from support_portal.lookup.answers import time
from support_portal.lookup.shapes import Address, Moment
from support_portal.lookup.subjects import find
from support_portal.notices.subjects import Subject

READS, WRITES = "comments:read", "comments:write"
PARAMETERS = ("kind", "key", "limit", "cursor")
TargetWord = Annotated[str, msgspec.Meta(extra_json_schema={"enum": Target.values})]


class NewComment(msgspec.Struct):
    """What is said about a record, by whom; it may answer another comment on it."""

    kind: TargetWord
    key: str
    body: str
    author: Annotated[str, msgspec.Meta(min_length=1, max_length=150)]
    reply_to: int | None = None


class CommentShape(TypedDict):
    """A comment as it was typed: plain text, in which nothing is escaped.

    A foreign one was written elsewhere, and ``source`` says where.  Of one that is gone only that it
    was there is told.
    """

    id: int
    author: str
    foreign: bool
    source: str | None
    body: str
    mentions: list[str]
    reply_to: int | None
    version: int
    created_at: Moment
    edited_at: Moment | None
    gone_at: Moment | None


class CommentAnswer(TypedDict):
    """One comment, and what it is about."""

    about: str
    url: Address
    comment: CommentShape


class CommentsAnswer(TypedDict):
    """A page of comments, the newest first; ``next`` is the cursor of the page after it."""

    about: str
    url: Address
    comments: list[CommentShape]
    next: str | None


def listed(request: HttpRequest, reader: Admitted) -> HttpResponse:
    """Return the comments on a record that the token may read, the newest first."""
    wrong = next((name for name in request.GET if name not in PARAMETERS), None)
    if wrong is not None:
        raise Refused(
            400, f"{wrong[:SHOWN]!r} is not understood. There are: {', '.join(PARAMETERS)}."
        )
    about = _about(request.GET.get("kind", ""), request.GET.get("key", ""), reader)
    newest_first = Comment.objects.about(about.kind, about.key).order_by("-created_at", "-id")
    page = paginate(newest_first, cursor=request.GET.get("cursor", ""), size=page_limit(request))
    if page.bad_cursor:
        raise Refused(400, "'cursor' is what 'next' of the page before said.")
    answer: CommentsAnswer = {
        "about": about.title,
        "url": about.href,
        "comments": [_shape(each) for each in page],
        "next": page.older or None,
    }
    return JsonResponse(answer)


def say(request: HttpRequest, token: Admitted) -> HttpResponse:
    """Comment on a record that the token may read; the same call again says nothing more."""
    key = idempotency_key(request)
    asked = _asked(request)
    about = _about(asked.kind, asked.key, token)
    answered = None if asked.reply_to is None else _answered(about, asked.reply_to)
    try:
        comment, new = services.post(
            about,
            asked.body,
            token=token,
            key=key,
            author_name=_name(asked.author),
            reply_to=answered,
        )
    except (EmptyComment, LongComment) as wrong:
        raise Refused(400, str(wrong)) from None
    except GoneComment:
        raise _no_comment(asked.reply_to) from None
    except OtherComment:
        raise Refused(422, "This Idempotency-Key was sent with another call before.") from None
    answer: CommentAnswer = {"about": about.title, "url": about.href, "comment": _shape(comment)}
    return JsonResponse(answer, status=201 if new else 200)


_READ = callers_only(listed, READS, "GET", "HEAD")
_SAY = callers_only(say, WRITES, "POST")


@for_machines
def collection(request: HttpRequest) -> HttpResponse:
    """Answer by method."""
    require_method(request, "GET", "HEAD", "POST")
    return (_SAY if request.method == "POST" else _READ)(request)


def _about(kind: str, key: str, reader: Admitted) -> Subject:
    if kind not in Target.values:
        known = ", ".join(Target.values)
        raise Refused(400, f"'kind' is one of {known}, not {kind[:SHOWN]!r}.")
    found = find(kind, key, reader)
    if found is None:
        raise Refused(404, f"There is no {kind} {key[:SHOWN]!r}.")
    return found


def _answered(about: Subject, id: int) -> Comment:
    """Return the comment that is answered, on the same record; it may be taken back by now."""
    rows = Comment.objects.about(about.kind, about.key)
    found = rows.filter(pk=id).first() if 0 < id < 2**63 else None
    if found is None:
        raise _no_comment(id)
    return found


def _no_comment(id: int | None) -> Refused:
    return Refused(400, f"There is no comment {id} to answer here.")


def _asked(request: HttpRequest) -> NewComment:
    try:
        return msgspec.json.decode(read_body(request), type=NewComment)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        why = str(error)[:200] if isinstance(error, msgspec.ValidationError) else "it is no JSON"
        shape = '{"kind": "error", "key": "…", "author": "…", "body": "…"}'
        raise Refused(400, f"Send {shape} in UTF-8: {why}.") from None


def _name(author: str) -> str:
    name = " ".join(author.split())
    if not name or not name.isprintable():
        raise Refused(400, "'author' is the name of whoever says it.")
    return name


def _shape(comment: Comment) -> CommentShape:
    return {
        "id": comment.pk,
        "author": name_of(comment),
        "foreign": comment.author_id is None,
        "source": comment.source or None,
        "body": comment.body,
        "mentions": list(comment.mentions),
        "reply_to": comment.reply_to_id,
        "version": comment.version,
        "created_at": time(comment.created_at),
        "edited_at": time(comment.edited_at),
        "gone_at": time(comment.gone_at),
    }
