"""From what the tables say and what the team says to the one verdict that everything shows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from support_portal.core.composed import Composed
from support_portal.knowledge.models import Override
from support_portal.reason_codes import Reading, Retry, Verdict, Whose

Place = tuple[str, int]
FEW = 8  # codes for which the question is kept: one for each number of them


@dataclass(frozen=True, slots=True)
class Opinion:
    """A reading with the team's word on it."""

    reading: Reading  # what is shown
    official: Reading  # what the tables say
    overrides: tuple[Override, ...] = ()  # those that have a say, the most specific first
    elsewhere: tuple[Override, ...] = ()  # for operators or countries that the record does not tell

    @property
    def changes(self) -> frozenset[str]:
        """Return the fields of the verdict in which the team says something else."""
        shown, official = self.reading.verdict, self.official.verdict
        return frozenset(
            name for name in Verdict.__slots__ if getattr(shown, name) != getattr(official, name)
        )


class Opinions:
    """The overrides of some codes, read at once."""

    def __init__(self, overrides: Iterable[Override] = ()) -> None:
        self._by_code: dict[Place, list[Override]] = defaultdict(list)
        for each in overrides:
            self._by_code[each.registry, each.code].append(each)

    def __bool__(self) -> bool:
        """Tell whether the team says anything."""
        return bool(self._by_code)

    def on(self, reading: Reading, *, operator: str = "", country: str = "") -> Opinion:
        """Return ``reading`` as the team sees it for this operator and country.

        Field by field the most specific word counts: operator, then country, then everywhere.
        """
        mine: list[Override] = []
        elsewhere: list[Override] = []
        for each in self._by_code.get((reading.home, reading.code), ()):
            (mine if _concerns(each, operator, country) else elsewhere).append(each)
        if not mine:
            return Opinion(reading, reading, (), _open(elsewhere, operator, country))
        mine.sort(key=_precedence)
        return Opinion(
            _merged(reading, mine), reading, tuple(mine), _open(elsewhere, operator, country)
        )


def opinions(readings: Iterable[Reading | None]) -> Opinions:
    """Return what the team says about these readings, in one query."""
    codes = {reading.code for reading in readings if reading is not None and reading.home}
    if not codes:
        return Opinions()
    asked = sorted(codes)
    return Opinions(_overrides(asked) if len(asked) <= FEW else _of_codes(asked))


def _of_codes(codes: Sequence[Any]) -> QuerySet[Override]:
    return Override.objects.current().filter(code__in=codes, revoked=False)


_overrides = Composed(_of_codes)


def _concerns(override: Override, operator: str, country: str) -> bool:
    if override.operator:
        return override.operator.casefold() == operator.casefold()
    return override.country in ("", country)


def _open(overrides: Iterable[Override], operator: str, country: str) -> tuple[Override, ...]:
    """Return those that may be about the record: it does not tell its operator or country."""
    return tuple(each for each in overrides if not (operator if each.operator else country))


def _precedence(override: Override) -> tuple[int, int]:
    return 0 if override.operator else 1 if override.country else 2, -override.pk


def _merged(reading: Reading, overrides: Sequence[Override]) -> Reading:
    """Return the reading with the first word of ``overrides`` in each field that one of them has."""

    def said(field: str) -> str:
        return next((value for each in overrides if (value := getattr(each, field))), "")

    verdict = reading.verdict
    retry = next((each for each in overrides if each.retry), verdict)
    steps = next((each.next_step for each in overrides if each.next_step), verdict.next_step)
    return replace(
        reading,
        name=said("name") or reading.name,
        named_by_team=bool(said("name")),
        verdict=Verdict(
            whose=Whose(said("whose") or verdict.whose),
            retry=Retry(retry.retry),
            retry_after=retry.retry_after,
            headline=said("headline") or verdict.headline,
            next_step=tuple(steps),
            customer_text=said("customer_text") or verdict.customer_text,
        ),
    )
