"""What the team says about a code, as its page shows it, and the forms to say it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms

from support_portal.dashboard.comment_text import Paragraph, paragraphs
from support_portal.knowledge.models import Note, Override, Version
from support_portal.knowledge.selectors import history
from support_portal.knowledge.services import LIMITS, LONGEST_STEP, MOST_STEPS, Words
from support_portal.knowledge.subjects import Subject
from support_portal.knowledge.versions import LONGEST_REASON
from support_portal.reason_codes import Retry, Whose

V = TypeVar("V", bound=Note | Override)
AS_THE_TABLES = ("", "as the tables say")
FIELDS = {
    "name": "Name",
    "headline": "What happened",
    "whose": "Whose problem",
    "retry": "Retry",
    "retry_after": "When",
    "next_step": "Next step",
    "customer_text": "Tell the customer",
}
INPUT = {"class": "input", "autocomplete": "off"}


@dataclass(frozen=True, slots=True)
class Told(Generic[V]):
    """One version as the page shows it."""

    version: V
    paragraphs: tuple[Paragraph, ...] = ()  # of a note
    changes: tuple[tuple[str, str], ...] = ()  # of an override: field and what it says


@dataclass(frozen=True, slots=True)
class Story(Generic[V]):
    """What is said about one subject now, and what was said before, newest first."""

    subject: Subject
    now: Told[V]
    before: tuple[Told[V], ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything the team ever said about a code."""

    notes: Sequence[Story[Note]]
    overrides: Sequence[Story[Override]]


def knowledge_of(registry: str, code: int) -> Knowledge:
    """Return what the team says about a code, in two queries."""
    notes, overrides = history(registry, code)
    return Knowledge(
        stories(Told(note, paragraphs=paragraphs(note.text)) for note in notes),
        stories(Told(each, changes=tuple(changes(each))) for each in overrides),
    )


def stories(told: Iterable[Told[V]]) -> list[Story[V]]:
    """Return one story for each subject; what holds everywhere comes first."""
    found: dict[Subject, list[Told[V]]] = defaultdict(list)
    for each in told:
        found[each.version.subject].append(each)
    return sorted(
        (Story(subject, each[0], tuple(each[1:])) for subject, each in found.items()),
        key=lambda story: (story.now.version.ended, story.subject.where),
    )


def changes(override: Override) -> Iterator[tuple[str, str]]:
    """Yield what an override says, field by field, in words."""
    for field, label in FIELDS.items():
        value = getattr(override, field)
        if value:
            yield label, said(field, value)


def said(field: str, value: Any) -> str:
    """Return a field of an override in words."""
    if field == "whose":
        return Whose(value).label
    if field == "retry":
        return Retry(value).label
    return "\n".join(value) if field == "next_step" else str(value)


class PlaceForm(forms.Form):
    """For whom something is said."""

    operator = forms.CharField(
        label="Only for the operator",
        help_text="Its name. Empty: for all.",
        required=False,
        widget=forms.TextInput(attrs=INPUT),
    )
    country = forms.CharField(
        label="Only for the country",
        help_text="Two letters, for example PH. Empty: everywhere.",
        required=False,
        widget=forms.TextInput(attrs={**INPUT, "size": 4}),
    )
    base = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    def place(self) -> dict[str, str]:
        """Return operator and country as they were typed."""
        return {name: self.cleaned_data[name] for name in ("operator", "country")}

    def rebase(self, number: int) -> None:
        """Let what was typed be saved over version ``number``."""
        self.data = {name: self.data.get(name) for name in self.data} | {"base": number}

    def refuse(self, faults: dict[str, str]) -> None:
        """Say what is wrong beside each field; a field that is not asked for speaks for the form."""
        for field, sentence in faults.items():
            self.add_error(field if field in self.fields else None, sentence)


def _reason(help_text: str) -> forms.CharField:
    return forms.CharField(
        label="Why",
        help_text=f"{help_text} Up to {LONGEST_REASON} characters, kept in the history.",
        required=False,  # said in our own words by knowledge.services
        widget=forms.Textarea(attrs={"class": "input", "rows": 2}),
    )


class NoteForm(PlaceForm):
    """A note of the team."""

    text = forms.CharField(
        label="Note",
        help_text="Plain text. Addresses that begin with https:// become links. Empty: remove it.",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 8}),
    )
    reason = _reason("Needed for a change.")
    field_order = ("text", "operator", "country", "reason", "base")


class OverrideForm(PlaceForm):
    """What the team says instead of the tables."""

    name = forms.CharField(
        label=FIELDS["name"],
        help_text=f"What to call this code. Up to {LIMITS['name']} characters.",
        required=False,
        widget=forms.TextInput(attrs=INPUT),
    )
    headline = forms.CharField(
        label=FIELDS["headline"],
        help_text="In one sentence.",
        required=False,
        widget=forms.TextInput(attrs=INPUT),
    )
    whose = forms.ChoiceField(
        label=FIELDS["whose"],
        choices=[AS_THE_TABLES, *((each.value, each.label) for each in Whose)],
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )
    retry = forms.ChoiceField(
        label=FIELDS["retry"],
        choices=[
            AS_THE_TABLES,
            *((each.value, each.label) for each in Retry if each is not Retry.UNKNOWN),
        ],
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )
    retry_after = forms.CharField(
        label=FIELDS["retry_after"],
        help_text="Only for “Yes, later”, for example: after an hour.",
        required=False,
        widget=forms.TextInput(attrs=INPUT),
    )
    next_step = forms.CharField(
        label=FIELDS["next_step"],
        help_text=f"Up to {MOST_STEPS} lines, one step each, up to {LONGEST_STEP} characters.",
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )
    customer_text = forms.CharField(
        label=FIELDS["customer_text"],
        help_text="Without sub-accounts, routes, ids, numbers, or names of our suppliers.",
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )
    reason = _reason("What do you know that the tables do not?")
    field_order = (*FIELDS, "operator", "country", "reason", "base")

    @classmethod
    def about(cls, *, listed: bool, **given: Any) -> "OverrideForm":
        """Return the form for a code; one that a table lists keeps its name."""
        form = cls(**given)
        if listed:
            del form.fields["name"]
        return form

    def words(self) -> Words:
        """Return what was typed."""
        given = {name: self.cleaned_data.get(name, "") for name in FIELDS}
        return Words(**given | {"next_step": given["next_step"].splitlines()})


def note_values(note: Note | None, subject: Subject) -> dict[str, Any]:
    """Return the form of a note as it is before anybody typed."""
    return _place(note, subject) | {"text": note.text if note else ""}


def with_outcome(values: dict[str, Any], reference: str, outcome: str) -> dict[str, Any]:
    """Return the form of a note with what an inquiry came to under it, unless it stands there."""
    text = values["text"]
    if f"{reference}," in text or f"{reference}:" in text:
        return values
    reason = f"What {reference} came to" if values["base"] else ""
    return values | {"text": "\n\n".join(filter(None, [text, outcome])), "reason": reason}


def override_values(override: Override | None, subject: Subject) -> dict[str, Any]:
    """Return the form of an override as it is before anybody typed."""
    values = {name: getattr(override, name, "") for name in FIELDS}
    return _place(override, subject) | values | {"next_step": "\n".join(values["next_step"])}


def _place(version: Version | None, subject: Subject) -> dict[str, Any]:
    return {
        "operator": subject.operator,
        "country": subject.country,
        "base": version.number if version else 0,
    }
