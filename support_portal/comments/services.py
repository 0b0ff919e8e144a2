"""Saying something about a record, saying it otherwise, and taking it back."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from support_portal.accounts.admission import Admitted
from support_portal.accounts.models import User
from support_portal.comments import telling
from support_portal.comments.mentions import mentioned
from support_portal.comments.models import Comment, EarlierText, Target
from support_portal.core.text import kept
from support_portal.notices.subjects import Subject

BODY_LIMIT = 10_000
REASON_LIMIT = 500


class EmptyComment(ValueError):
    """There is nothing to say."""


class LongComment(ValueError):
    """The text is longer than BODY_LIMIT characters."""


class OtherComment(Exception):
    """The same name stands for another comment already."""


class GoneComment(Exception):
    """What is answered was taken back."""


class NotYours(Exception):
    """Only who wrote a comment may change it."""


class Overtaken(Exception):
    """The comment was changed or taken back meanwhile; ``now`` is how it stands."""

    def __init__(self, now: Comment) -> None:
        super().__init__(str(now))
        self.now = now


def add_comment(
    *,
    kind: str,
    key: str,
    body: str,
    author: User | None = None,
    author_name: str = "",
    source: str = "",
    created_at: datetime | None = None,
    reply_to: Comment | None = None,
    once: str | None = None,
) -> Comment:
    """Keep ``body`` as typed; only what no database can hold (NUL) becomes U+FFFD.

    ``author_name`` and ``source`` are for comments that were made elsewhere.
    """
    return Comment.objects.create(
        target_kind=Target(kind),
        target_key=key,
        body=checked(body),
        author=author,
        author_name=author_name,
        source=source,
        created_at=created_at or timezone.now(),
        reply_to=reply_to,
        once=once,
    )


def say(
    about: Subject, body: str, author: User, *, reply_to: Comment | None = None, form: str = ""
) -> Comment:
    """Keep what a person says and tell whom it concerns; the same ``form`` sent twice says it once.

    A browser that goes back brings the same form with other words: that is another comment.
    """
    body = checked(body)
    once = mark("form", str(author.pk), form, about.kind, about.key, body) if form else None

    def make() -> Comment:
        comment = add_comment(
            kind=about.kind, key=about.key, body=body, author=author, reply_to=reply_to, once=once
        )
        people = _call(comment, about)
        telling.follow(about, author, wanted=True)
        telling.tell(comment, about, people)
        return comment

    return _once(once, make)[0]


def bring(
    about: Subject, body: str, *, source: str, id: str, author_name: str, at: datetime | None
) -> bool:
    """Keep a comment that was written elsewhere and tell who follows; False when it was here.

    Foreign words call nobody.  ``id`` is the comment's at its source.
    """
    _, new = _foreign(
        about,
        checked(body),
        once=mark("import", source, id),
        source=source,
        author_name=author_name,
        created_at=at,
    )
    return new


def post(
    about: Subject,
    body: str,
    *,
    token: Admitted,
    key: str,
    author_name: str,
    reply_to: Comment | None,
) -> tuple[Comment, bool]:
    """Keep what a machine says; return it, and whether this call said it.

    It is marked as foreign, with the token as its source, and calls nobody.  ``key`` is the machine's
    own name for the call: made again it says nothing, and OtherComment when it says something else.
    What was taken back cannot be answered any more (GoneComment), but may have been before.
    """
    body = checked(body)
    once = mark("token", str(token.id), key)
    if reply_to and reply_to.gone_at and not _already(once):
        raise GoneComment
    said, new = _foreign(
        about,
        body,
        once=once,
        source=f"the token {token.name}"[:200],
        author_name=author_name,
        reply_to=reply_to,
    )
    told = (about.kind, about.key, body, author_name, reply_to.pk if reply_to else None)
    kept_as = (said.target_kind, said.target_key, said.body, said.author_name, said.reply_to_id)
    if said.gone_at is None and kept_as != told:
        raise OtherComment
    return said, new


def _foreign(about: Subject, body: str, *, once: str, **told: Any) -> tuple[Comment, bool]:
    """Keep foreign words once and tell who follows; return them, and whether they are new."""

    def make() -> Comment:
        comment = add_comment(kind=about.kind, key=about.key, body=body, once=once, **told)
        telling.tell(comment, about, [])
        return comment

    return _once(once, make)


def _call(comment: Comment, about: Subject) -> list[User]:
    """Note whom a comment calls, and return those of them who may see what it is about."""
    people = mentioned(comment.body)
    may = [person for person in people if about.seen_by(person)]
    comment.mentions = [person.username for person in may]
    comment.untold = [person.username for person in people if person not in may]
    comment.save(update_fields=["mentions", "untold"])
    telling.called(may, about)
    return may


def edit(comment: Comment, about: Subject, body: str, author: User, *, base: int) -> None:
    """Say it otherwise; what was said before is kept.  Who is called for the first time is told."""
    if comment.author_id != author.pk:
        raise NotYours
    body = checked(body)
    with transaction.atomic():
        now = _locked(comment)
        if now.version != base or now.gone_at:
            raise Overtaken(now)
        if now.body == body:
            return
        said_at = now.edited_at or now.created_at
        EarlierText.objects.create(comment=now, version=now.version, body=now.body, said_at=said_at)
        before = set(now.mentions)
        now.body, now.version, now.edited_at = body, now.version + 1, timezone.now()
        now.save(update_fields=["body", "version", "edited_at"])
        people = [each for each in _call(now, about) if each.username not in before]
        telling.tell_called(now, about, people)


def take_back(comment: Comment, person: User, *, why: str = "") -> None:
    """Delete one's own comment, or remove somebody's with a reason.

    Its texts go for good: people paste what must not be kept.  Who took it back, and when, stays.
    """
    with transaction.atomic():
        now = _locked(comment)
        if now.gone_at:
            return
        now.body, now.mentions, now.untold = "", [], []
        now.gone_at, now.gone_by, now.gone_why = timezone.now(), person, kept(why)[:REASON_LIMIT]
        now.version += 1
        now.save(
            update_fields=[
                "body",
                "mentions",
                "untold",
                "gone_at",
                "gone_by",
                "gone_why",
                "version",
            ]
        )
        now.earlier.all().delete()
        telling.withdraw(now)


def checked(body: str) -> str:
    """Return a text as it is kept; EmptyComment or LongComment where it cannot be."""
    body = kept(body)
    if not body:
        raise EmptyComment("Write something first.")
    if len(body) > BODY_LIMIT:
        raise LongComment(f"{len(body):,} characters; a comment holds {BODY_LIMIT:,}.")
    return body


def mark(*parts: str) -> str:
    """Return what tells one form, or one imported comment, from all others."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _once(once: str | None, make: Callable[[], Comment]) -> tuple[Comment, bool]:
    """Return what is kept under a name, and whether it was made now; without a name it always is."""
    if before := _already(once):
        return before, False
    try:
        with transaction.atomic():
            return make(), True
    except IntegrityError:
        if before := _already(once):  # made at the same moment
            return before, False
        raise


def _already(once: str | None) -> Comment | None:
    return Comment.objects.filter(once=once).first() if once else None


def _locked(comment: Comment) -> Comment:
    rows = Comment.objects.select_for_update(of=("self",)).select_related("author")
    return rows.get(pk=comment.pk)
