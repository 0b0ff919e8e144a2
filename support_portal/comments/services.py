"""Saying something about an error or a message."""

from datetime import datetime

from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.comments.models import Comment, Target

BODY_LIMIT = 10_000
NUL = "\x00"


class EmptyComment(ValueError):
    """There is nothing to say."""


class LongComment(ValueError):
    """The text is longer than BODY_LIMIT characters."""


def add_comment(
    *,
    kind: str,
    key: str,
    body: str,
    author: User | None = None,
    author_name: str = "",
    source: str = "",
    created_at: datetime | None = None,
) -> Comment:
    """Keep ``body`` as typed; only what no database can hold (NUL) becomes U+FFFD.

    ``author_name`` and ``source`` are for comments that were made elsewhere.
    """
    body = body.replace("\r\n", "\n").replace(NUL, "\ufffd").strip()
    if not body:
        raise EmptyComment("Write something first.")
    if len(body) > BODY_LIMIT:
        raise LongComment(f"{len(body):,} characters; a comment holds {BODY_LIMIT:,}.")
    return Comment.objects.create(
        target_kind=Target(kind),
        target_key=key,
        body=body,
        author=author,
        author_name=author_name,
        source=source,
        created_at=created_at or timezone.now(),
    )
