"""Queries about what a question chooses, composed once for all questions of one form.

Questions of one form differ in their values alone: another code, another sub-account.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from support_portal.core.composed import Composed
from support_portal.events.models import Seeing, listed
from support_portal.insights.asking import Choice, Question
from support_portal.insights.models import Kind

MOST_FORMS = 32  # of one query
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Form:
    """What is left of a choice when its values are taken away."""

    trait: str
    values: int
    nothing: bool  # None is among them
    without: bool
    spans: tuple[tuple[int, int], ...]

    def filled(self, values: Iterator[Any]) -> Choice:
        """Return the choice of the next values."""
        nothing = (None,) if self.nothing else ()
        chosen = frozenset((*islice(values, self.values), *nothing))
        return Choice(chosen, self.without, self.spans)


class Asking:
    """The rows of a queryset that is made of a question and of some other values.

    ``make`` looks at the choices and the reader of the question alone; see core.composed.
    """

    def __init__(self, make: "Callable[..., QuerySet[Any, Any]]") -> None:
        self._make = make
        self._kept = lru_cache(MOST_FORMS)(self._composed)

    def __call__(self, question: Question, *values: Any) -> list[Any]:
        """Return the rows, in one query."""
        if question.readings:  # hardly two are of one form
            return list(self._make(question, *values))
        forms, chosen = _apart(question)
        return self._kept(question.kind, forms)(listed(question.reader), chosen, *values)

    def _composed(self, kind: Kind, forms: Sequence[Form]) -> Composed[Any]:
        def make(sub_accounts: Any, chosen: Sequence[Any], *values: Any) -> Any:
            left, choices = iter(chosen), dict[str, list[Choice]]()
            for form in forms:
                choices.setdefault(form.trait, []).append(form.filled(left))
            reader = Seeing(sub_accounts)
            return self._make(Question(kind, _NO_TIME, _NO_TIME, reader, choices), *values)

        return Composed(make)


def _apart(question: Question) -> tuple[tuple[Form, ...], list[Any]]:
    """Return the forms of the choices, and all their values."""
    forms, chosen = [], []
    for trait, choices in question.chosen.items():
        for choice in choices:
            values = [value for value in choice.values if value is not None]
            forms.append(
                Form(trait, len(values), None in choice.values, choice.without, choice.spans)
            )
            chosen += values
    return tuple(forms), chosen
