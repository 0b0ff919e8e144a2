"""The words of each kind of letter in versions: what leads wrote, and the built-in ones under all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from support_portal.accounts.models import User
from support_portal.core.text import kept
from support_portal.inquiries.letters import TEMPLATES, VARIABLES, Template
from support_portal.inquiries.letters.language import Wrong, parse
from support_portal.inquiries.models import LetterTemplate

FIELDS = ("subject", "question", "unlisted", "expectation")
NEEDED = ("subject", "question")
LONGEST = {
    "subject": 300, "question": 3_000, "unlisted": 3_000, "expectation": 3_000, "reason": 300,
}  # fmt: skip


class Refused(ValueError):
    """What was typed is no template; ``faults`` says why for each field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


class Overtaken(Exception):
    """Somebody saved another version meanwhile: ``now``."""

    def __init__(self, now: "Version") -> None:
        super().__init__(str(now.number))
        self.now = now


@dataclass(frozen=True, slots=True)
class Version:
    """The words of a kind under their number; ``row`` is None for the built-in ones that nobody changed."""

    number: int
    template: Template
    row: LetterTemplate | None = None

    @property
    def built_in(self) -> bool:
        """Tell whether the words are the built-in ones."""
        return self.row is None or self.row.built_in


def current(kind: str) -> Version:
    """Return the version that counts."""
    rows = LetterTemplate.objects.filter(kind=kind).select_related("author")
    return _version(kind, rows.order_by("-number").first())


def version(kind: str, number: int) -> Version:
    """Return a version; the built-in words stand under 0."""
    if not number:
        return _version(kind, None)
    rows = LetterTemplate.objects.filter(kind=kind, number=number).select_related("author")
    return _version(kind, rows.first())


def history(kind: str) -> list[Version]:
    """Return all versions, newest first; the built-in one, under 0, is the last."""
    rows = LetterTemplate.objects.filter(kind=kind).select_related("author").order_by("-number")
    return [*(_version(kind, row) for row in rows), _version(kind, None)]


def newest() -> dict[str, Version]:
    """Return the version that counts of every kind, in one query."""
    rows = LetterTemplate.objects.select_related("author").order_by("number")
    last = {row.kind: row for row in rows}
    return {kind: _version(kind, last.get(kind)) for kind in TEMPLATES}


def written(kind: str, said: Mapping[str, str]) -> Template:
    """Return the template that was typed, or raise Refused."""
    texts = {name: kept(said.get(name, "")) for name in FIELDS}
    texts["subject"] = " ".join(texts["subject"].split())
    faults = {name: fault for name, text in texts.items() if (fault := _fault(name, text))}
    if len(kept(said.get("reason", ""))) > LONGEST["reason"]:
        faults["reason"] = f"Up to {LONGEST['reason']} characters."
    if faults:
        raise Refused(faults)
    return Template(TEMPLATES[kind].thing, **texts)


def save(kind: str, said: Mapping[str, str], author: User, *, base: int) -> Version:
    """Let these words count from now on, over version ``base``; Refused or Overtaken."""
    template = written(kind, said)
    texts = {name: getattr(template, name) for name in FIELDS}
    return _add(kind, author, base, reason=kept(said.get("reason", "")), **texts)


def restore(kind: str, number: int, author: User, *, base: int) -> Version:
    """Let an earlier version count again, as a new one; Overtaken when somebody was quicker."""
    old = version(kind, number)
    texts = {} if old.built_in else {name: getattr(old.template, name) for name in FIELDS}
    words = f"as in version {number}" if number else "the built-in words"
    return _add(kind, author, base, reason=words, built_in=old.built_in, **texts)


def _add(kind: str, author: User, base: int, **values: object) -> Version:
    try:
        with transaction.atomic():
            if current(kind).number != base:
                raise Overtaken(current(kind))
            LetterTemplate.objects.create(kind=kind, number=base + 1, author=author, **values)
    except IntegrityError:
        raise Overtaken(current(kind)) from None
    return current(kind)


def _version(kind: str, row: LetterTemplate | None) -> Version:
    if row is None or row.built_in:
        return Version(row.number if row else 0, TEMPLATES[kind], row)
    texts = {name: getattr(row, name) for name in FIELDS}
    return Version(row.number, Template(TEMPLATES[kind].thing, **texts), row)


def _fault(name: str, text: str) -> str:
    """Return what is wrong with a text, "" when nothing is."""
    if name in NEEDED and not text:
        return "Write something: a letter without it is not sent."
    if len(text) > LONGEST[name]:
        return f"Up to {LONGEST[name]:,} characters; these are {len(text):,}."
    try:
        parse(text, VARIABLES)
    except Wrong as wrong:
        return str(wrong)
    return ""
