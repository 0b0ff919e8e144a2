"""The editor of templates: its form, and what differs between two versions, word by word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import cast

from django import forms
from django.http import QueryDict

from support_portal.inquiries.letters import Template
from support_portal.inquiries.letters.example import EXAMPLES, UNLISTED, example
from support_portal.inquiries.templating import FIELDS, LONGEST, Version
from support_portal.writing import plain

SHOWN = 20  # versions
LABELS = {
    "subject": "Subject",
    "question": "Question",
    "unlisted": "Question about a code in no table",
    "expectation": "What we expect",
}
INPUT = {"class": "input", "autocomplete": "off"}
_WORDS = re.compile(r"\s+|[^\s]+")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "input", "rows": rows})


class TemplateForm(forms.Form):
    """What is typed is read by inquiries.templating, which says what is wrong with it."""

    subject = forms.CharField(
        label=LABELS["subject"], required=False, widget=forms.TextInput(attrs=INPUT)
    )
    question = forms.CharField(label=LABELS["question"], required=False, widget=_area(6))
    unlisted = forms.CharField(
        label=LABELS["unlisted"],
        help_text="Asked instead where our tables do not list the code. Empty: the question above.",
        required=False,
        widget=_area(4),
    )
    expectation = forms.CharField(label=LABELS["expectation"], required=False, widget=_area(3))
    reason = forms.CharField(
        label="Why",
        help_text=f"Stands in the history. Up to {LONGEST['reason']} characters.",
        required=False,
        widget=forms.TextInput(attrs=INPUT),
    )
    base = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    @classmethod
    def of(cls, version: Version) -> "TemplateForm":
        """Return the form as a version stands."""
        texts = {name: getattr(version.template, name) for name in FIELDS}
        return cls(initial=texts | {"base": version.number})

    def refuse(self, faults: Mapping[str, str]) -> None:
        """Say what is wrong beside the fields."""
        for name, fault in faults.items():
            self.add_error(name, fault)

    def rebase(self, number: int) -> None:
        """Let what was typed be saved over version ``number``."""
        data = cast(QueryDict, self.data).copy()
        data["base"] = str(number)
        self.data = data

    def typed(self) -> dict[str, str]:
        """Return what was typed, as inquiries.templating takes it."""
        return {name: self.cleaned_data[name] for name in (*FIELDS, "reason")}


@dataclass(frozen=True, slots=True)
class Change:
    """What differs in one field: pieces that stayed (""), went ("del") or came ("ins")."""

    label: str
    pieces: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A version in the history, and what it changed."""

    version: Version
    changes: Sequence[Change]
    current: bool


def shown(versions: Sequence[Version]) -> list[Shown]:
    """Return the history, newest first; each version beside the one before it."""
    before = [*versions[1:], versions[-1]]
    return [
        Shown(each, list(changes(texts(old.template), texts(each.template))), place == 0)
        for place, (each, old) in enumerate(zip(versions, before, strict=True))
    ][:SHOWN]


def texts(template: Template) -> dict[str, str]:
    """Return the texts of a template by their fields."""
    return {name: getattr(template, name) for name in FIELDS}


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    """Yield what differs between two templates, field by field."""
    for name, label in LABELS.items():
        one, other = (said[name].replace("\r\n", "\n") for said in (old, new))
        if one != other:
            yield Change(label, list(_pieces(one, other)))


def _pieces(old: str, new: str) -> Iterator[tuple[str, str]]:
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for word, begin, end, first, last in matcher.get_opcodes():
        if word == "equal":
            yield "", "".join(one[begin:end])
            continue
        if begin < end:
            yield "del", "".join(one[begin:end])
        if first < last:
            yield "ins", "".join(other[first:last])


def previews(kind: str, template: Template) -> list[tuple[str, str]]:
    """Return the letters of made-up evidence: what of, and the text."""
    told = [("a listed code" if kind in UNLISTED else "made-up evidence", EXAMPLES[kind])]
    if kind in UNLISTED and template.unlisted:
        told.append(("a code in no table", UNLISTED[kind]))
    return [(words, plain(example(kind, template, samples))) for words, samples in told]
