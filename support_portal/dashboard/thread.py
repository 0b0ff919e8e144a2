"""A thread of comments and the form under it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from support_portal.accounts.models import User
from support_portal.comments.models import Comment
from support_portal.comments.selectors import thread
from support_portal.comments.services import BODY_LIMIT
from support_portal.comments.telling import follows, name_of
from support_portal.dashboard.comment_text import Block, blocks
from support_portal.notices.subjects import Subject

LONGEST_QUOTE = 600  # characters


class CommentForm(forms.Form):
    """What somebody writes.  It stays in its field when it is refused."""

    body = forms.CharField(
        label="Comment",
        required=False,  # said in our own words below
        strip=False,
        widget=forms.Textarea(
            attrs={
                "class": "input",
                "rows": 3,
                "data-comment": "",
                "placeholder": "Write a comment. It stays plain text; @name calls a colleague.",
            }
        ),
    )
    # What the browser sends twice is said once.
    form = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    reply_to = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput
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


class EditForm(CommentForm):
    """A comment that is said otherwise, and the version that was read."""

    base = forms.IntegerField(min_value=1, max_value=2**31 - 2, widget=forms.HiddenInput)

    def rebase(self, version: int) -> None:
        """Let what was typed be saved over ``version``."""
        self.data = {name: self.data.get(name) for name in self.data} | {"base": version}


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as the page shows it."""

    id: int
    author: str
    known: bool  # who wrote it
    source: str
    created_at: datetime
    blocks: tuple[Block, ...]
    excerpt: str
    edited_at: datetime | None = None
    gone: str = ""  # how, where it was taken back
    gone_at: datetime | None = None
    answers: "Remark | None" = None
    mine: bool = False
    untold: tuple[str, ...] = ()  # whom it names and who may not see the record
    foreign: bool = False  # written elsewhere, by nobody of the team


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments on one target and, for those who may write, the form."""

    remarks: Sequence[Remark]
    form: CommentForm | None
    action: str  # where the form goes
    about: Subject
    draft: str  # under which name the browser keeps what was not sent yet
    following: bool
    may_remove: bool
    answering: Remark | None = None

    @property
    def said(self) -> Sequence[Remark]:
        """Return what still stands there."""
        return [remark for remark in self.remarks if not remark.gone]


def thread_about(
    about: Subject, user: User, form: CommentForm | None = None, reply: str = ""
) -> Thread:
    """Return the thread of one target as ``user`` sees it; ``reply`` is the comment to answer."""
    comments = thread(about.kind, about.key)
    remarks = _remarks(comments, user)
    asked = str(form["reply_to"].value() or "") if form else reply
    answered = next((each for each in comments if str(each.pk) == asked and not each.gone_at), None)
    writing = form or _empty(answered)
    return Thread(
        remarks,
        writing if user.may("comment") else None,
        f"{about.href}comments/",
        about,
        f"{user.pk} {about.kind} {about.key}",
        follows(about, user),
        user.may("remove comments"),
        next((each for each in remarks if answered and each.id == answered.pk), None),
    )


def quote(comment: Comment) -> str:
    """Return the beginning of an answer: who said it, and what."""
    text = comment.body
    if len(text) > LONGEST_QUOTE:
        text = text[:LONGEST_QUOTE].rstrip() + " …"
    lines = [f"{' '.join(name_of(comment).split())} wrote:", *text.split("\n")]
    return "".join(f"> {line}\n" for line in lines) + "\n"


def remark_of(comment: Comment, user: User) -> Remark:
    """Return one comment as the page shows it."""
    parts = blocks(comment.body, comment.mentions)
    return Remark(
        comment.pk,
        name_of(comment),
        bool(comment.author or comment.author_name),
        comment.source,
        comment.created_at,
        parts,
        _excerpt(parts),
        comment.edited_at,
        _gone(comment),
        comment.gone_at,
        mine=comment.author_id is not None and comment.author_id == user.pk,
        untold=tuple(comment.untold),
        foreign=comment.author is None,
    )


def _remarks(comments: Sequence[Comment], user: User) -> list[Remark]:
    found: dict[int, Remark] = {}
    for comment in comments:
        remark = remark_of(comment, user)
        if answered := found.get(comment.reply_to_id or 0):
            remark = replace(remark, answers=answered)
        found[comment.pk] = remark
    return list(found.values())


def _empty(answered: Comment | None) -> CommentForm:
    values = {"form": uuid4().hex}
    if answered:
        values |= {"body": quote(answered), "reply_to": str(answered.pk)}
    return CommentForm(initial=values)


def _excerpt(parts: Sequence[Block]) -> str:
    """Return the first paragraph that is said, else the first that is quoted."""
    said = [block for block in parts if not block.quoted] or parts
    lines = said[0].paragraphs[0] if said else ()
    return " ".join("".join(piece.text for piece in line) for line in lines)


def _gone(comment: Comment) -> str:
    if not comment.gone_at:
        return ""
    if comment.gone_by_id == comment.author_id:
        return "Deleted by its author"
    who = comment.gone_by
    name = (who.get_full_name() or who.get_username()) if who else "a lead"
    return f"Removed by {name}: {comment.gone_why}"
