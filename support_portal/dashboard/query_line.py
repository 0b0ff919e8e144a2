"""The query line over a list, as it is drawn: what it says, and where it was not understood."""

from collections.abc import Sequence
from dataclasses import dataclass

from support_portal.browsing.filtering import Filter
from support_portal.browsing.language import Problem
from support_portal.insights.models import Kind

AROUND = 40  # characters that are shown before and after what was not understood
LONGEST = 60  # characters of it that are shown
_SEARCHED = {
    Kind.ERROR: (
        "Words are looked for in the texts of errors: those that errors of a kind share by their "
        "beginning, names and ids in them as a whole. Accents and capitals make no difference, "
        "bare numbers are not looked for."
    ),
    Kind.MESSAGE: (
        "Messages have no text of their own here: words are looked for in the meaning of their codes."
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line, and the part of it that is meant."""

    text: str
    before: str
    meant: str
    after: str


@dataclass(frozen=True, slots=True)
class QueryLine:
    """The line, its faults, and what may be written in it."""

    text: str
    faults: Sequence[Fault]
    said: Sequence[str]  # wrong with the filter as a whole, when it does not come from the line
    words: Sequence[tuple[str, str]]  # an example, and what it is about
    searched: str


def shown(asked: Filter, typed: str | None, problems: Sequence[Problem]) -> QueryLine:
    """Return the line of a filter, or what was typed instead."""
    text = typed if typed is not None and problems else asked.line()
    return QueryLine(
        text,
        [_fault(text, problem) for problem in problems],
        [] if problems else asked.errors.get("q", []),
        [(each.example, each.label) for each in asked.fields.values() if each.example],
        _SEARCHED[asked.kind],
    )


def _fault(text: str, problem: Problem) -> Fault:
    start, end = problem.start, max(problem.end, problem.start + 1)
    meant = text[start:end]
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Fault(
        problem.text,
        ("…" if start > AROUND else "") + before,
        meant if len(meant) <= LONGEST else meant[: LONGEST - 1] + "…",
        after + ("…" if len(text) > end + AROUND else ""),
    )
