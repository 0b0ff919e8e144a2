"""What became of an inquiry, as its page shows it: the forms and the replies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.dashboard.comment_text import Paragraph, paragraphs
from support_portal.dashboard.inputs import MomentField
from support_portal.inquiries.models import Cause, Inquiry, Mail, Reply, State
from support_portal.inquiries.replies.matching import is_from_8x8
from support_portal.inquiries.replies.reading import LARGEST
from support_portal.inquiries.services import person_name
from support_portal.inquiries.tracking import FIELDS, LONGEST, keepers, possible

ISO_DAY = "%Y-%m-%d"  # what browsers take; any other is an empty field
INPUT = {"class": "input", "autocomplete": "off"}


class TrackForm(forms.Form):
    """How an inquiry stands."""

    state = forms.ChoiceField(label="State", widget=forms.Select(attrs={"class": "input"}))
    ticket = forms.CharField(
        label="8x8's ticket number",
        required=False,
        max_length=LONGEST["ticket"],
        widget=forms.TextInput(attrs=INPUT),
    )
    due_on = forms.DateField(
        label="Next step due",
        required=False,
        widget=forms.DateInput(attrs={**INPUT, "type": "date"}, format=ISO_DAY),
    )
    owner = forms.ChoiceField(
        label="Looked after by",
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )
    cause_kind = forms.ChoiceField(
        label="Cause",
        required=False,
        choices=[("", "not said yet"), *Cause.choices],
        widget=forms.Select(attrs={"class": "input"}),
    )
    cause = forms.CharField(
        label="The cause in words",
        required=False,
        max_length=LONGEST["cause"],
        widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
    )
    fix = forms.CharField(
        label="Fix",
        required=False,
        max_length=LONGEST["fix"],
        widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
    )
    base = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    def __init__(self, inquiry: Inquiry, data: QueryDict | None = None) -> None:
        initial = {name: getattr(inquiry, name) for name in FIELDS} | {"base": inquiry.version}
        super().__init__(data, initial=initial | {"owner": inquiry.keeper.pk}, auto_id="track_%s")
        self._keeper = inquiry.keeper
        self._keepers = {str(each.pk): each for each in keepers(inquiry)}
        states = [(state.value, state.label) for state in possible(inquiry)]
        people = [(key, person_name(each)) for key, each in self._keepers.items()]
        self.fields["state"].choices = states  # type: ignore[attr-defined]
        self.fields["owner"].choices = people  # type: ignore[attr-defined]
        for name in FIELDS:  # so that what was left as it was is told from what was chosen
            self.fields[name].show_hidden_initial = True

    def go_on_from(self, inquiry: Inquiry) -> None:
        """Take what was not touched from the inquiry as it is now, and show it to be saved again."""
        now = TrackForm(inquiry)
        data = {name: self.data.get(name) for name in self.data} | {"base": inquiry.version}
        for name in FIELDS:
            if name not in self.changed_data:
                data[name] = now[name].value()
            data[self[name].html_initial_name] = now[name].value()
        self.data = data

    def clean_owner(self) -> User:
        """Return who was chosen; whoever looks after it now when nobody was."""
        return self._keepers.get(self.cleaned_data["owner"], self._keeper)

    def clean(self) -> dict[str, Any]:
        """Ask for the cause of what is solved: colleagues find it on the page of the code."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("state") == State.SOLVED and not said.get("cause_kind"):
            self.add_error(
                "cause_kind", "Choose the cause: it is counted, and found under the code."
            )
        return said


class ReplyForm(forms.Form):
    """An answer of 8x8."""

    at = MomentField(
        label="Answered at",
        required=False,
        help_text="Leave it empty for now. The clock of the first answer ends then.",
    )

    sender = forms.CharField(
        label="From",
        required=False,
        max_length=LONGEST["sender"],
        widget=forms.TextInput(attrs=INPUT),
    )
    text = forms.CharField(
        label="What 8x8 answered",
        max_length=LONGEST["reply"],
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )

    def clean_at(self) -> datetime | None:
        """Return a time that is over."""
        at: datetime | None = self.cleaned_data["at"]
        if at and at > timezone.now():
            raise forms.ValidationError("That time has not come yet.")
        return at


class MailForm(forms.Form):
    """An answer of 8x8 as a file of a mail program."""

    mail = forms.FileField(
        label="Or its mail, saved as .eml",
        widget=forms.FileInput(attrs={"class": "input", "accept": ".eml,message/rfc822"}),
    )

    def clean_mail(self) -> bytes:
        """Return the mail."""
        file = self.cleaned_data["mail"]
        if file.size > LARGEST:
            raise forms.ValidationError(f"A mail may have {LARGEST // 2**20} MB.")
        content: bytes = file.read()
        return content


@dataclass(frozen=True, slots=True)
class File:
    """A file of a mail; name and type are what its sender says."""

    number: int
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply in pieces, with what its mail has besides."""

    reply: Reply
    paragraphs: tuple[Paragraph, ...]
    quoted: tuple[Paragraph, ...]
    files: tuple[File, ...]
    doubts: tuple[str, ...] = ()  # about who wrote it


def answers(inquiry: Inquiry) -> list[Answer]:
    """Return the replies, oldest first."""
    replies = inquiry.replies.select_related("mail").defer("mail__body", "mail__text")
    return [_answer(each) for each in replies.order_by("at", "id")]


def _answer(reply: Reply) -> Answer:
    mail = reply.mail
    quoted = paragraphs(mail.quoted) if mail and mail.quoted else ()
    files = [File(number, *each) for number, each in enumerate(mail.files)] if mail else []
    doubts = tuple(_doubts(mail)) if mail else ()
    return Answer(reply, paragraphs(reply.text), quoted, tuple(files), doubts)


def _doubts(mail: Mail) -> Iterator[str]:
    """Say why a mail may not be of 8x8."""
    if not is_from_8x8(mail.address):
        yield "Its sender is at none of the domains that letters go to."
    if mail.failed:
        yield f"The mail server says that its sender may be forged: {mail.failed} failed."
