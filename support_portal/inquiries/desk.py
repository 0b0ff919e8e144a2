"""When the desk works, and how long 8x8 may take before it is asked again.

8x8 publishes no times for its messaging platform, so these are what the team expects.  They come from the
settings until a lead changes them in the portal; both are the same texts and are read here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import IntegrityError, transaction

from support_portal.accounts.models import User
from support_portal.inquiries.hours import Hours
from support_portal.inquiries.models import DeskRules, Severity

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_TARGET = Decimal(2_000)  # business hours: a year
MOST_HOLIDAYS = 400
LONGEST_HOLIDAYS = 20_000
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


class Refused(ValueError):
    """What was typed makes no desk; ``faults`` says why for each field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = faults


class Overtaken(Exception):
    """Somebody saved other rules meanwhile; ``now`` is what counts."""

    def __init__(self, now: "Desk") -> None:
        super().__init__(str(now.number))
        self.now = now


@dataclass(frozen=True, slots=True)
class Target:
    """How long 8x8 may take, in business hours."""

    answer: timedelta
    solution: timedelta


@dataclass(frozen=True, slots=True)
class Desk:
    """The rules that count."""

    hours: Hours
    targets: Mapping[str, Target]  # by severity
    said: Mapping[str, str]  # the texts that they were read from
    number: int = 0  # of the row; 0: no lead ever changed them
    own: bool = False  # they are not those of the settings


def names() -> list[str]:
    """Return the names of all texts that make a desk."""
    times = [f"{each.value}_{what}" for each in Severity for what in ("answer", "solution")]
    return ["zone", "days", "opens", "closes", "holidays", *times]


def read(said: Mapping[str, str], *, number: int = 0, own: bool = False) -> Desk:
    """Return the desk that texts describe, or raise Refused."""
    faults: dict[str, str] = {}
    found: dict[str, object] = {}
    for name in names():
        try:
            found[name] = _READERS.get(name, _length)(said.get(name, "").strip())
        except ValueError as fault:
            faults[name] = str(fault)
    if not faults and found["closes"] != time(0) and not found["opens"] < found["closes"]:  # type: ignore[operator]
        faults["closes"] = "It closes after it opens; 00:00 is the end of the day."
    targets = {each.value: _target(each.value, found, faults) for each in Severity}
    if faults:
        raise Refused(faults)
    hours = Hours(**{name: found[name] for name in ("zone", "days", "opens", "closes", "holidays")})  # type: ignore[arg-type]
    return Desk(hours, targets, dict(said), number, own)


def configured(number: int = 0) -> Desk:
    """Return the desk of the settings; Refused when they make none."""
    return read(settings.DESK, number=number)


def current() -> Desk:
    """Return the rules that count, in one query."""
    newest = DeskRules.objects.order_by("-number").first()
    if newest is None or newest.reset:
        return configured(newest.number if newest else 0)
    return read(newest.said, number=newest.number, own=True)


def change(said: Mapping[str, str], author: User, *, base: int) -> Desk:
    """Let other rules count from now on, over those of ``base``; Refused or Overtaken."""
    read(said)
    return _add(author, base, said={name: said.get(name, "").strip() for name in names()})


def reset(author: User, *, base: int) -> Desk:
    """Let the settings count again; Overtaken when somebody was quicker."""
    return _add(author, base, reset=True)


def _add(author: User, base: int, **values: object) -> Desk:
    try:
        with transaction.atomic():
            newest = DeskRules.objects.order_by("-number").values_list("number", flat=True).first()
            if (newest or 0) != base:
                raise Overtaken(current())
            DeskRules.objects.create(number=base + 1, author=author, **values)
    except IntegrityError:
        raise Overtaken(current()) from None
    return current()


_zones = cache(available_timezones)  # which looks through hundreds of files


def _zone(text: str) -> ZoneInfo:
    if text not in _zones():
        raise ValueError(f"“{text[:60]}” is not a time zone. Example: Asia/Singapore")
    return ZoneInfo(text)


def _days(text: str) -> frozenset[int]:
    words = re.split(r"[\s,]+", text.lower()) if text else []
    if wrong := next((word for word in words if word not in DAYS), None):
        raise ValueError(f"“{wrong[:20]}” is no day; expected {', '.join(DAYS)}")
    if not words:
        raise ValueError("Choose at least one day.")
    return frozenset(DAYS.index(word) + 1 for word in words)


def _clock(text: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text[:20]}” is no time of day. Example: 09:00")
    return time(int(found[1]), int(found[2]))


def _holidays(text: str) -> frozenset[date]:
    """Read a date a line, or between commas; what stands behind it is its name."""
    lines = [line.strip() for line in re.split(r"[\n,;]", text[:LONGEST_HOLIDAYS]) if line.strip()]
    if len(lines) > MOST_HOLIDAYS or len(text) > LONGEST_HOLIDAYS:
        raise ValueError(f"Up to {MOST_HOLIDAYS} holidays.")
    return frozenset(map(_date, lines))


def _date(line: str) -> date:
    try:
        return date.fromisoformat(line.split()[0])
    except ValueError:
        raise ValueError(
            f"“{line[:40]}” does not begin with a date. Example: 2026-12-25 Christmas Day"
        ) from None


def _length(text: str) -> timedelta:
    try:
        hours = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"“{text[:20]}” is no number of hours.") from None
    if not hours.is_finite() or not 0 < hours <= LONGEST_TARGET:
        raise ValueError(f"More than 0 and up to {LONGEST_TARGET:,} business hours.")
    return timedelta(minutes=max(1, round(hours * 60)))


_READERS = {
    "zone": _zone, "days": _days, "opens": _clock, "closes": _clock, "holidays": _holidays,
}  # fmt: skip


def _target(severity: str, found: Mapping[str, object], faults: dict[str, str]) -> Target:
    answer, solution = (found.get(f"{severity}_{what}") for what in ("answer", "solution"))
    if not isinstance(answer, timedelta) or not isinstance(solution, timedelta):
        return Target(timedelta(), timedelta())  # a fault was noted
    if solution < answer:
        faults[f"{severity}_solution"] = "A solution takes no less than a first answer."
    return Target(answer, solution)
