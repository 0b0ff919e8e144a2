"""How we listen now, when we did not, and how much comes in against what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from support_portal.core.composed import Composed
from support_portal.events.models import Reader, Seeing, listed
from support_portal.ingest.listening.models import (
    ArrivalCount,
    DeafInterval,
    Measure,
    Role,
    SignOfLife,
)
from support_portal.ingest.listening.services import MISSED, PATIENCE

MINUTE, HOUR = 60, 3600
WEEK = 7 * 24  # hours
WEEKS = 4
DAY = 24  # hours
BAR = 15  # minutes
MOST_BESIDE = 5  # intervals beside one record
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life of a role, and how many of its processes live."""

    role: Role
    seen_at: datetime
    living: int
    now: datetime

    @property
    def missed(self) -> bool:
        """Tell whether it is so old that something is wrong."""
        return self.now - self.seen_at > PATIENCE[self.role]

    @property
    def age(self) -> timedelta:
        """Return how old it is; a clock that was set back makes no negative age."""
        return max(timedelta(), self.now - self.seen_at)


@dataclass(frozen=True, slots=True)
class Bar:
    """What came in a quarter of an hour, and what usually does."""

    began_at: datetime
    items: int
    usual: float | None
    deaf: bool = False


@dataclass(frozen=True, slots=True)
class Rates:
    """How much comes in."""

    last_minutes: float  # a minute, over the last five
    last_hour: int
    usual_hour: float | None  # in the same hour of the last weeks; None: nobody knows yet
    bars: tuple[Bar, ...]  # the last 24 hours, oldest first


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent through which door, and when last."""

    source: str
    sender: str
    items: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Dropped:
    """How often a rule dropped something, and when last."""

    items: int
    last_at: datetime


def deaf_between(
    reader: Reader,
    sub_account: str,
    began: datetime,
    ended: datetime,
    *,
    most: int = MOST_BESIDE,
) -> tuple[DeafInterval, ...]:
    """Return when we did not hear what concerns ``sub_account``, the first few by time."""
    asked = listed(reader), sub_account, began, ended
    return tuple(_beside(*asked) if most == MOST_BESIDE else _touching(*asked)[:most])


def _touching(
    sub_accounts: Any, sub_account: Any, began: Any, ended: Any
) -> QuerySet[DeafInterval]:
    rows = DeafInterval.objects.visible_to(Seeing(sub_accounts)).touching(began, ended)
    return rows.filter(sub_account__in=["", sub_account]).order_by("began_at")


_beside = Composed(lambda *asked: _touching(*asked)[:MOST_BESIDE])


def signs(now: datetime) -> dict[Role, Sign]:
    """Return the last sign of each role that ever gave one."""
    rows = (
        SignOfLife.objects.order_by()
        .values("role")
        .annotate(latest=Max("seen_at"), living=Count("id", filter=Q(seen_at__gte=now - MISSED)))
        .values_list("role", "latest", "living")
    )
    return {Role(role): Sign(Role(role), latest, living, now) for role, latest, living in rows}


def deaf_since(found: Mapping[Role, Sign]) -> datetime | None:
    """Return since when no web process gave a sign; None when one does, or none ever did."""
    web = found.get(Role.WEB)
    return web.seen_at if web and web.missed else None


def listened_since(now: datetime) -> datetime | None:
    """Return since when we have listened without a gap; None when we do not now."""
    web = signs(now).get(Role.WEB)
    if web is None or web.missed:
        return None
    ended = DeafInterval.objects.ours().aggregate(latest=Max("ended_at"))["latest"]
    return ended or ALWAYS


def rates(now: datetime) -> Rates:
    """Return how much came in the last 24 hours, and how much usually does."""
    minute = int(now.timestamp()) // MINUTE
    hours = _by_hour(now)
    return Rates(
        last_minutes=_in_minutes(minute - 5, minute - 1) / 5,
        last_hour=_in_minutes(minute - 60, minute - 1),
        usual_hour=_usual_of_last_hour(hours, now),
        bars=_bars(hours, minute),
    )


def callers() -> list[Caller]:
    """Return who has sent so far, the latest first."""
    rows = ArrivalCount.objects.filter(measure=Measure.SENDER).order_by(
        "-last", "source", "subject"
    )
    return [
        Caller(row.source, row.subject, row.items, datetime.fromtimestamp(row.last, UTC))
        for row in rows
    ]


def dropped() -> dict[str, Dropped]:
    """Return how much each rule dropped so far; what it never dropped is not there."""
    rows = ArrivalCount.objects.filter(measure=Measure.RULE)
    return {row.subject: Dropped(row.items, datetime.fromtimestamp(row.last, UTC)) for row in rows}


@dataclass(frozen=True, slots=True)
class _Hours:
    """Items by hour since 1970, for the hours that a day is compared with."""

    items: Mapping[int, int]
    weeks: int  # of history, at most WEEKS

    def usual(self, hour: int) -> float | None:
        """Return the median of the same hour of the last weeks."""
        if not self.weeks:
            return None
        return median(self.items.get(hour - week * WEEK, 0) for week in range(1, self.weeks + 1))


def _by_hour(now: datetime) -> _Hours:
    current = int(now.timestamp()) // HOUR
    hourly = ArrivalCount.objects.filter(measure=Measure.HOUR)
    slots = [
        current - back - week * WEEK for back in range(DAY + 2) for week in range(1, WEEKS + 1)
    ]
    rows = hourly.filter(slot__in=slots).order_by().values("slot").annotate(total=Sum("items"))
    first = hourly.aggregate(first=Min("slot"))["first"]
    weeks = 0 if first is None else min(WEEKS, (current - DAY - first) // WEEK)
    return _Hours({row["slot"]: row["total"] for row in rows}, max(0, weeks))


def _usual_of_last_hour(hours: _Hours, now: datetime) -> float | None:
    """Return what usually comes in the sixty minutes before ``now``, which touch two hours."""
    hour, second = divmod(int(now.timestamp()), HOUR)
    this, before = hours.usual(hour), hours.usual(hour - 1)
    if this is None or before is None:
        return None
    return (this * second + before * (HOUR - second)) / HOUR


def _in_minutes(first: int, last: int) -> int:
    """Return what came from one minute to another; the present one is not over."""
    found = ArrivalCount.objects.filter(measure=Measure.MINUTE, slot__gte=first, slot__lte=last)
    return int(found.aggregate(total=Sum("items"))["total"] or 0)


def _bars(hours: _Hours, minute: int) -> tuple[Bar, ...]:
    last = minute // BAR
    first = last - DAY * 60 // BAR + 1
    rows = (
        ArrivalCount.objects.filter(measure=Measure.MINUTE, slot__gte=first * BAR)
        .order_by()
        .annotate(bar=F("slot") / BAR)
        .values("bar")
        .annotate(total=Sum("items"))
    )
    items = {row["bar"]: row["total"] for row in rows}
    deaf = _deaf_bars(first)
    return tuple(
        Bar(_moment(bar), items.get(bar, 0), _share(hours.usual(bar * BAR // 60)), bar in deaf)
        for bar in range(first, last + 1)
    )


def _deaf_bars(first: int) -> set[int]:
    """Return the bars in which we did not listen."""
    began = _moment(first)
    found: set[int] = set()
    for interval in DeafInterval.objects.ours().filter(ended_at__gte=began):
        ended = interval.ended_at or interval.began_at
        start = max(first, int(interval.began_at.timestamp()) // (BAR * MINUTE))
        found.update(range(start, int(ended.timestamp()) // (BAR * MINUTE) + 1))
    return found


def _moment(bar: int) -> datetime:
    return datetime.fromtimestamp(bar * BAR * MINUTE, UTC)


def _share(hour: float | None) -> float | None:
    return None if hour is None else hour * BAR / 60
