"""The scorecard as a page and as a file: the period that is asked for, and the figures in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils import timezone

from support_portal.dashboard import clock
from support_portal.dashboard.tracking import ISO_DAY
from support_portal.inquiries.files import table
from support_portal.inquiries.hours import spoken
from support_portal.inquiries.models import Cause, Kind, Severity
from support_portal.inquiries.scorecard import AGES, FEW, Score, Scorecard, Times
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Context, Reading, decode, look_up, registries

SPANS = (30, 90, 365)  # days
USUAL_SPAN = 90
SHOWN = 20  # groups of a kind on the page; the file has all
HEAD = (
    "group", "name", "sent", "answered", "answer_median_business_h", "answer_p90_business_h",
    "answer_median_h", "answer_p90_h", "answered_in_time", "solved", "solution_median_business_h",
    "solution_p90_business_h", "solution_median_h", "solution_p90_h", "solved_in_time", "ended",
    "reopened",
)  # fmt: skip
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)
DAY = {"class": "input", "type": "date"}


class PeriodForm(forms.Form):
    """From which day to which, in the reader's zone; both belong to it."""

    begin = forms.DateField(
        label="Sent from",
        widget=forms.DateInput(attrs=DAY, format=ISO_DAY),
        validators=[MinValueValidator(FIRST)],
    )
    end = forms.DateField(
        label="to",
        widget=forms.DateInput(attrs=DAY, format=ISO_DAY),
        validators=[MaxValueValidator(LAST)],
    )

    def clean(self) -> dict[str, date]:
        """Ask for days in their order."""
        said: dict[str, date] = super().clean() or {}
        if "begin" in said and "end" in said and said["end"] < said["begin"]:
            self.add_error("end", "The last day comes after the first.")
        return said


@dataclass(frozen=True, slots=True)
class Period:
    """What is looked at; ``days`` is one of SPANS, or None for chosen days."""

    begin: datetime
    end: datetime
    form: PeriodForm
    days: int | None


def period(said: QueryDict, now: datetime) -> Period:
    """Return the period that an address asks for; where its days make none, the usual one."""
    if said.get("begin") or said.get("end"):
        form = PeriodForm(said)
        if form.is_valid():
            first, last = form.cleaned_data["begin"], form.cleaned_data["end"]
            return Period(_midnight(first), _midnight(last + timedelta(days=1)), form, None)
        return _last(USUAL_SPAN, now, form)
    asked = said.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else USUAL_SPAN
    return _last(days, now)


def _last(days: int, now: datetime, form: PeriodForm | None = None) -> Period:
    today = timezone.localdate(now)
    first = today - timedelta(days=days - 1)
    shown = form or PeriodForm(initial={"begin": first, "end": today})
    return Period(_midnight(first), _midnight(today + timedelta(days=1)), shown, days)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(0)))


@dataclass(frozen=True, slots=True)
class Line:
    """One group as the table shows it."""

    name: str
    score: Score
    reading: Reading | None = None
    table: str = ""  # of the code, for the list of its inquiries
    code: int | None = None

    @property
    def answer(self) -> Mapping[str, str]:
        """Return the times to a first answer in words."""
        return _told(self.score.answer)

    @property
    def solution(self) -> Mapping[str, str]:
        """Return the times to a solution in words."""
        return _told(self.score.solution)

    @property
    def reopened(self) -> str:
        """Return the share of what was over and was not."""
        score = self.score
        return _share(score.reopened, score.over)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one kind."""

    title: str
    lines: Sequence[Line]
    more: int  # that only the file has


def groups(card: Scorecard) -> list[Group]:
    """Return the tables of the page."""
    return [
        Group(title, lines[:SHOWN], max(0, len(lines) - SHOWN))
        for title, lines in (
            ("All", [Line("All inquiries", card.all)]),
            ("By kind", [Line(Kind(key).label, each) for key, each in card.kinds.items()]),
            ("By priority", [Line(Severity(k).label, each) for k, each in card.severities.items()]),
            ("By code", [_code(*key, each) for key, each in card.codes.items()]),
            ("By operator", [Line(key, each) for key, each in card.operators.items()]),
        )
        if lines
    ]


def _code(registry: str, code: int, score: Score) -> Line:
    table = registries().get(registry)
    reading = look_up(table, code) if table else decode(Context.BARE, "", code)
    return Line(f"{reading.label} {code}", score, reading, registry, code)


def ages(card: Scorecard) -> list[tuple[str, int]]:
    """Return how old what is open is: words and numbers."""
    names = [f"up to {_days(AGES[0])}"]
    names += [f"{young} to {_days(old)}" for young, old in pairwise(AGES)]
    return list(zip([*names, f"over {_days(AGES[-1])}"], card.ages, strict=True))


def causes(card: Scorecard) -> list[tuple[str, int]]:
    """Return what it came from, the most frequent first."""
    return [(Cause(key).label, number) for key, number in card.causes]


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _told(times: Times) -> dict[str, str]:
    """Return figures in words; why there are none where there are too few."""
    if times.median is None or times.p90 is None:
        few = f"too few: {times.count} of {FEW}" if times.count else "none yet"
        return {"few": few, "in_time": _share(times.in_time, times.count)}
    return {
        "median": spoken(times.median),
        "p90": spoken(times.p90),
        "wall_median": clock.duration(_minutes(times.wall_median)),
        "wall_p90": clock.duration(_minutes(times.wall_p90)),
        "in_time": _share(times.in_time, times.count),
    }


def _minutes(length: timedelta | None) -> timedelta:
    return (length or timedelta()) // timedelta(minutes=1) * timedelta(minutes=1)


def _share(part: int, whole: int) -> str:
    if not whole:
        return ""
    return f"{part:,} of {whole:,}" + (f", {round(100 * part / whole)} %" if whole >= FEW else "")


def as_csv(card: Scorecard) -> str:
    """Return all groups as a file: hours with decimals, nothing where there are too few."""
    return table(HEAD, _rows(card))


def _rows(card: Scorecard) -> Iterator[list[str]]:
    named = {
        "all": {"": card.all},
        "kind": {Kind(key).label: each for key, each in card.kinds.items()},
        "priority": {Severity(key).label: each for key, each in card.severities.items()},
        "code": {_code(*key, each).name: each for key, each in card.codes.items()},
        "operator": {masked_text(key): each for key, each in card.operators.items()},
    }
    for group, scores in named.items():
        for name, score in scores.items():
            yield [group, name, *_figures(score)]


def _figures(score: Score) -> list[str]:
    answer, solution = score.answer, score.solution
    return [
        str(score.sent),
        str(answer.count), *_hours(answer), str(answer.in_time),
        str(solution.count), *_hours(solution), str(solution.in_time),
        str(score.over), str(score.reopened),
    ]  # fmt: skip


def _hours(times: Times) -> list[str]:
    told = (times.median, times.p90, times.wall_median, times.wall_p90)
    return ["" if each is None else f"{each / timedelta(hours=1):.2f}" for each in told]
