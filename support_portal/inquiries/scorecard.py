"""How 8x8 answers: times to a first answer and to a solution, in four queries for any number.

While 8x8 waited for us its business hours did not count; time on the clock went on.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Self

from django.db.models import Count, Q

from support_portal.events.models import Reader
from support_portal.inquiries.clocks import pauses_of
from support_portal.inquiries.desk import Desk
from support_portal.inquiries.hours import Span, between_beside
from support_portal.inquiries.models import AWAITED, OVER, Cause, Evidence, Inquiry, Kind, Severity

MOST = 5_000  # inquiries of a period; the newest
FEW = 5  # fewer than that say nothing about the next one
AGES = (1, 3, 7, 14, 30)  # days


@dataclass(frozen=True, slots=True)
class Times:
    """How long something took; without figures where there are too few."""

    count: int
    median: timedelta | None = None  # of business hours
    p90: timedelta | None = None
    wall_median: timedelta | None = None
    wall_p90: timedelta | None = None
    in_time: int = 0  # as quickly as was expected

    @classmethod
    def of(cls, took: Sequence["Took"]) -> Self:
        """Return the figures of what was taken."""
        in_time = sum(each.in_time for each in took)
        if len(took) < FEW:
            return cls(len(took), in_time=in_time)
        worked, passed = [each.worked for each in took], [each.passed for each in took]
        return cls(
            len(took), _middle(worked), _tenth(worked), _middle(passed), _tenth(passed), in_time
        )

    @property
    def few(self) -> bool:
        """Tell whether there are too few for figures."""
        return self.count < FEW


@dataclass(frozen=True, slots=True)
class Took:
    """How long one inquiry took, in business hours and on the clock, and whether that was in time."""

    worked: timedelta
    passed: timedelta
    in_time: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One inquiry."""

    number: int
    kind: str
    severity: str
    cause: str
    answer: Took | None
    solution: Took | None
    over: bool  # it is, or was before it was reopened
    reopened: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of some inquiries."""

    sent: int
    answer: Times
    solution: Times
    over: int
    reopened: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Return the figures of ``rows``."""
        return cls(
            len(rows),
            Times.of([each.answer for each in rows if each.answer]),
            Times.of([each.solution for each in rows if each.solution]),
            sum(each.over for each in rows),
            sum(each.reopened for each in rows),
        )


@dataclass(frozen=True, slots=True)
class Scorecard:
    """All that is told of a period; groups with the most inquiries come first."""

    all: Score
    kinds: Mapping[str, Score]
    severities: Mapping[str, Score]
    codes: Mapping[tuple[str, int], Score]  # by table and code
    operators: Mapping[str, Score]
    causes: Sequence[tuple[str, int]]
    ages: Sequence[int]  # of what is open now: younger than each of AGES, and older
    cut: bool  # there were more than MOST


def scorecard(
    reader: Reader, rules: Desk, begin: datetime, end: datetime, now: datetime
) -> Scorecard:
    """Return the figures of what was sent in a period, as far as ``reader`` sees it."""
    sent = Inquiry.objects.visible_to(reader).filter(sent_at__gte=begin, sent_at__lt=end)
    newest = sent.order_by("-sent_at", "-number")
    found = list(newest.only(*_FIELDS)[: MOST + 1])
    shown = found[:MOST]
    pauses = pauses_of(newest.values("pk")[:MOST])
    rows = {each.pk: _row(each, rules, pauses[each.pk]) for each in shown}
    codes, operators = _places(newest)
    return Scorecard(
        all=Score.of(list(rows.values())),
        kinds=_grouped(rows.values(), lambda each: [each.kind], Kind.values),
        severities=_grouped(rows.values(), lambda each: [each.severity], Severity.values),
        codes=_grouped(rows.values(), lambda each: codes[each.number]),
        operators=_grouped(rows.values(), lambda each: operators[each.number]),
        causes=[
            (each, number)
            for each, number in Counter(row.cause for row in rows.values()).most_common()
            if each in Cause.values
        ],
        ages=_ages(reader, now),
        cut=len(found) > MOST,
    )


_FIELDS = (
    "number", "kind", "severity", "state", "cause_kind", "reopened", "sent_at", "answered_at",
    "solved_at", "answer_due_at", "solution_due_at",
)  # fmt: skip


def _row(inquiry: Inquiry, rules: Desk, pauses: Sequence[Span]) -> Row:
    return Row(
        number=inquiry.pk,
        kind=inquiry.kind,
        severity=inquiry.severity,
        cause=inquiry.cause_kind,
        answer=_took(inquiry.sent_at, inquiry.answered_at, inquiry.answer_due_at, rules, pauses),
        solution=_took(inquiry.sent_at, inquiry.solved_at, inquiry.solution_due_at, rules, pauses),
        over=inquiry.state in OVER or inquiry.reopened > 0,
        reopened=inquiry.reopened > 0,
    )


def _took(
    sent: datetime | None,
    done: datetime | None,
    due: datetime | None,
    rules: Desk,
    pauses: Sequence[Span],
) -> Took | None:
    if sent is None or done is None:
        return None
    worked = between_beside(rules.hours, sent, done, pauses)
    return Took(worked, done - sent, due is None or done <= due)


def _places(newest: Any) -> tuple[dict[int, set[tuple[str, int]]], dict[int, set[str]]]:
    """Return the codes and the operators of each of the inquiries that are looked at, and of no other."""
    codes: dict[int, set[tuple[str, int]]] = defaultdict(set)
    operators: dict[int, set[str]] = defaultdict(set)
    evidence = Evidence.objects.filter(inquiry__in=newest.values("pk")[:MOST])
    told = evidence.values_list("inquiry_id", "registry", "code", "operator").distinct()
    for number, registry, code, operator in told.iterator():
        if code is not None:
            codes[number].add((registry, code))
        if operator:
            operators[number].add(operator)
    return codes, operators


def _grouped(
    rows: Iterable[Row], keys: Callable[[Row], Iterable[Any]], order: Sequence[Any] = ()
) -> dict[Any, Score]:
    """Return the figures of each group: in a given order, else those with most inquiries first."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        for key in keys(row):
            groups[key].append(row)
    known = [key for key in order if key in groups]
    keys_in_order = known or sorted(groups, key=lambda key: (-len(groups[key]), key))
    return {key: Score.of(groups[key]) for key in keys_in_order}


def _ages(reader: Reader, now: datetime) -> list[int]:
    """Return how many of the open ones were sent within each of AGES, and before."""
    edges = [now + timedelta(days=1), *(now - timedelta(days=days) for days in AGES)]
    spans = {
        f"age{place}": Count("pk", filter=Q(sent_at__lte=young) & Q(sent_at__gt=old))
        for place, (young, old) in enumerate(pairwise(edges))
    }
    spans["older"] = Count("pk", filter=Q(sent_at__lte=edges[-1]))
    awaited = Inquiry.objects.filter(state__in=AWAITED).visible_to(reader)
    return list(awaited.aggregate(**spans).values())


def _middle(lengths: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=median(each.total_seconds() for each in lengths))


def _tenth(lengths: Iterable[timedelta]) -> timedelta:
    """Return what nine of ten kept to: one of the lengths, not something between two."""
    ordered = sorted(lengths)
    return ordered[math.ceil(0.9 * len(ordered)) - 1]
