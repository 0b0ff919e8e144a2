"""Saying something about a code, and taking it back."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from support_portal.accounts.models import User
from support_portal.core.text import kept
from support_portal.knowledge import drift, versions
from support_portal.knowledge.models import Note, Override
from support_portal.knowledge.subjects import Subject
from support_portal.knowledge.versions import LONGEST_REASON, Refused
from support_portal.reason_codes import Retry, Whose, registries
from support_portal.reason_codes.customer_words import internal_word

LONGEST_NOTE = 10_000
LONGEST_STEP = 300
MOST_STEPS = 3
LIMITS = {"name": 100, "headline": 200, "retry_after": 100, "customer_text": 600}
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Words:
    """What the team says instead of the tables; an empty field leaves theirs."""

    name: str = ""
    headline: str = ""
    whose: str = ""
    retry: str = ""
    retry_after: str = ""
    next_step: Sequence[str] = ()
    customer_text: str = ""


def about(registry: str, code: int, *, operator: str = "", country: str = "") -> Subject:
    """Return the subject that somebody named; Refused when it makes no sense."""
    operator = " ".join(kept(operator).split())
    country = kept(country).upper()
    faults = {}
    if len(operator) > 100:
        faults["operator"] = "An operator has up to 100 characters."
    if country and not _COUNTRY.fullmatch(country):
        faults["country"] = "A country is two letters, for example PH."
    if operator and country:
        faults["country"] = "Name an operator or a country, not both."
    if faults:
        raise Refused(faults)
    return Subject(registry, code, operator, country)


def write_note(subject: Subject, text: str, *, base: int, author: User, reason: str = "") -> Note:
    """Keep a note as typed; an empty text removes it.  A change says why.

    ``base`` is the version that the author saw.  Raises Refused, or Overtaken when somebody was
    quicker.
    """
    text, reason = kept(text), kept(reason)
    faults = {}
    if len(text) > LONGEST_NOTE:
        faults["text"] = f"{len(text):,} characters; a note holds {LONGEST_NOTE:,}."
    if not text and not base:
        faults["text"] = "Write something first."
    if base:
        faults |= _reason_faults(reason)
    if faults:
        raise Refused(faults)
    return versions.add(Note, subject, base=base, author=author, reason=reason, text=text)


def override(subject: Subject, words: Words, *, base: int, author: User, reason: str) -> Override:
    """Say something else than the tables, with a reason.  Raises Refused or Overtaken."""
    clean, reason = _clean(words), kept(reason)
    faults = dict(_faults(subject, clean)) | _reason_faults(reason)
    if faults:
        raise Refused(faults)
    said = {name: getattr(clean, name) for name in Words.__slots__}
    said["next_step"] = list(clean.next_step)
    with transaction.atomic():
        version = versions.add(Override, subject, base=base, author=author, reason=reason, **said)
        if clean.name:
            drift.settle_named(subject, author)
    return version


def revoke(subject: Subject, *, base: int, author: User, reason: str) -> Override:
    """Take an override back, with a reason: the tables' words stand again."""
    reason = kept(reason)
    if faults := _reason_faults(reason):
        raise Refused(faults)
    return versions.add(Override, subject, base=base, author=author, reason=reason, revoked=True)


def _clean(words: Words) -> Words:
    return Words(
        name=_line(words.name),
        headline=_line(words.headline),
        whose=words.whose,
        retry=words.retry,
        retry_after=_line(words.retry_after),
        next_step=tuple(filter(None, map(_line, words.next_step))),
        customer_text=kept(words.customer_text),
    )


def _line(text: str) -> str:
    return " ".join(kept(text).split())


def _faults(subject: Subject, words: Words) -> Iterator[tuple[str, str]]:
    """Yield field and sentence for everything that cannot be kept."""
    for field, limit in LIMITS.items():
        if len(getattr(words, field)) > limit:
            yield field, f"That is too long; up to {limit} characters."
    if not any(getattr(words, field) for field in Words.__slots__):
        yield "headline", "Change at least one thing."
    if words.name and is_listed(subject):
        yield "name", "The table has a name for this code, and it stays."
    if words.whose and words.whose not in set(Whose):
        yield "whose", "Choose one of the list."
    yield from _retry_faults(words)
    if len(words.next_step) > MOST_STEPS or any(len(s) > LONGEST_STEP for s in words.next_step):
        yield "next_step", f"Up to {MOST_STEPS} lines of up to {LONGEST_STEP} characters."
    if found := internal_word(words.customer_text):
        yield "customer_text", f"“{found}” is not for customers. Say it without."


def _retry_faults(words: Words) -> Iterator[tuple[str, str]]:
    if words.retry and words.retry not in set(Retry) - {Retry.UNKNOWN}:
        yield "retry", "Choose one of the list."
    if words.retry == Retry.LATER and not words.retry_after:
        yield "retry_after", "Say when, for example: after an hour."
    if words.retry_after and words.retry != Retry.LATER:
        yield "retry_after", "This belongs to “Yes, later”, and only there."


def is_listed(subject: Subject) -> bool:
    """Tell whether the table has the code."""
    table = registries().get(subject.registry)
    return table is not None and subject.code in table.codes


def _reason_faults(reason: str) -> dict[str, str]:
    if not reason:
        return {"reason": "Say why."}
    if len(reason) > LONGEST_REASON:
        return {"reason": f"Up to {LONGEST_REASON} characters."}
    return {}
