"""A thread of comments and the form under it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError

from support_portal.accounts.models import User
from support_portal.comments.models import Comment
from support_portal.comments.selectors import thread
from support_portal.comments.services import BODY_LIMIT
from support_portal.dashboard.comment_text import Paragraph, paragraphs

NOBODY = "Unknown author"


class CommentForm(forms.Form):
    """One field.  What was typed stays in it when it is refused."""

    body = forms.CharField(
        label="Comment",
        required=False,  # said in our own words below
        strip=False,
        widget=forms.Textarea(
            attrs={
                "class": "input",
                "rows": 3,
                "data-comment": "",
                "placeholder": "Write a comment. It stays plain text.",
            }
        ),
    )

    def clean_body(self) -> str:
        """Say what is wrong with the text, in words."""
        body: str = self.cleaned_data["body"]
        length = len(body.replace("\r\n", "\n").strip())
        if not length:
            raise ValidationError("Write something first.")
        if length > BODY_LIMIT:
            raise ValidationError(
                f"That is {length:,} characters. A comment holds {BODY_LIMIT:,}; split it in two."
            )
        return body


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as the page shows it."""

    id: int
    author: str
    known: bool  # who wrote it
    source: str
    created_at: datetime
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments on one target and, for those who may write, the form."""

    remarks: Sequence[Remark]
    form: CommentForm | None
    action: str  # where the form goes


def thread_about(
    kind: str, key: str, user: User, action: str, form: CommentForm | None = None
) -> Thread:
    """Return the thread of one target as ``user`` sees it."""
    remarks = [_remark(comment) for comment in thread(kind, key)]
    writing = (form or CommentForm()) if user.may("comment") else None
    return Thread(remarks, writing, action)


def _remark(comment: Comment) -> Remark:
    return Remark(
        comment.pk,
        _author(comment),
        bool(comment.author or comment.author_name),
        comment.source,
        comment.created_at,
        paragraphs(comment.body),
    )


def _author(comment: Comment) -> str:
    if comment.author is None:
        return comment.author_name or NOBODY
    return comment.author.get_full_name() or comment.author.get_username()
