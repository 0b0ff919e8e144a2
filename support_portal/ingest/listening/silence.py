"""Who usually sends and does not: the silence of a sub-account.

The usual is what came in the same hours of the week of the last weeks, and of these weeks the
quietest counts: a campaign of one Monday makes no rule for the next.  A silence is recorded when
even the quietest of these weeks would have brought so many items that none is no accident.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min

from support_portal.core.ids import made_at
from support_portal.core.locks import hold_for_transaction
from support_portal.ingest.listening import selectors
from support_portal.ingest.listening.counting import HOUR, MINUTE
from support_portal.ingest.listening.models import ArrivalCount, DeafInterval, DeafKind, Measure
from support_portal.ingest.listening.services import LOCK
from support_portal.ingest.models import Delivery, Source

WATCHED = (Source.HOOK.value, Source.API.value)
WEEK = 7 * 24  # hours
WEEKS = 4  # looked back
ENOUGH_WEEKS = 2  # of history; with less nobody knows what is usual
LEAST_EXPECTED = 20.0  # the chance that a Poisson process brings none is 2 in a thousand million
SHORTEST = timedelta(minutes=10)  # a delivery that 8x8 repeats comes up to 131 s late
BEHIND = timedelta(seconds=30)
LONGEST = timedelta(days=7)  # then silence has become usual
LOOKED_BACK = 48  # hours of a silence whose usual is added up
MINUTES_KEPT = timedelta(days=2)
HOURS_KEPT = timedelta(weeks=WEEKS + 2)

Name = tuple[str, str]  # source, sub-account
Hours = Mapping[int, int]  # items by hour since 1970


@dataclass(frozen=True, slots=True)
class Voice:
    """A sub-account at one door: when it first and last spoke."""

    name: Name
    first_hour: int
    last_at: datetime


def watch(now: datetime) -> None:
    """Record who has fallen silent, end the silences of those who speak again, forget old counts."""
    since = None if _is_behind(now) else selectors.listened_since(now)
    voices = _voices()
    with transaction.atomic():
        hold_for_transaction(LOCK)
        silences = _silences(now)
        _end_silences(silences, voices, now)
        if since is not None:
            _record_silences(_not_known(voices, silences), since, now)
        _forget(now)


def expected(hours: Hours, first_hour: int, began: datetime, ended: datetime) -> float | None:
    """Return what the quietest of the last weeks brought in the hours from ``began`` to ``ended``.

    None when there is not enough history.  In a part of an hour no more is expected than in a part
    of the hour before: a day that begins at half past eight is not silent at ten past.
    """
    current = int(ended.timestamp()) // HOUR
    weeks = min(WEEKS, (current - first_hour) // WEEK)
    if weeks < ENOUGH_WEEKS:
        return None
    total = 0.0
    for hour, share in _shares(began, ended):
        usual = _quietest(hours, hour, weeks)
        if share < 1.0:
            usual = min(usual, _quietest(hours, hour - 1, weeks))
        total += usual * share
    return total


def _shares(began: datetime, ended: datetime) -> Iterator[tuple[int, float]]:
    """Yield the hours from ``began`` to ``ended`` with the share of each that lies between."""
    start, end = began.timestamp(), ended.timestamp()
    first = max(int(start) // HOUR, int(end) // HOUR - LOOKED_BACK)
    for hour in range(first, int(end) // HOUR + 1):
        share = (min(end, (hour + 1) * HOUR) - max(start, hour * HOUR)) / HOUR
        yield hour, max(0.0, share)


def _quietest(hours: Hours, hour: int, weeks: int) -> int:
    return min(hours.get(hour - week * WEEK, 0) for week in range(1, weeks + 1))


def _is_behind(now: datetime) -> bool:
    """Tell whether what has come is not counted yet, so that silence proves nothing."""
    oldest = Delivery.objects.pending().values_list("id", flat=True).first()
    return oldest is not None and now - made_at(oldest) > BEHIND


def _voices() -> list[Voice]:
    """Return who spoke in the weeks that are kept."""
    rows = (
        ArrivalCount.objects.filter(measure=Measure.HOUR, source__in=WATCHED)
        .exclude(subject="")
        .values_list("source", "subject")
        .annotate(first=Min("slot"), latest=Max("last"))
    )
    return [
        Voice((source, subject), first, datetime.fromtimestamp(latest, UTC))
        for source, subject, first, latest in rows
    ]


def _silences(now: datetime) -> dict[Name, DeafInterval]:
    """Return the newest silence of each."""
    rows = DeafInterval.objects.filter(
        kind=DeafKind.SILENT, began_at__gte=now - HOURS_KEPT
    ).order_by("began_at")
    return {(row.sources, row.sub_account): row for row in rows}


def _not_known(voices: Sequence[Voice], silences: Mapping[Name, DeafInterval]) -> list[Voice]:
    """Return the voices whose silence is not recorded: it may have ended by becoming usual."""
    return [
        voice
        for voice in voices
        if not (known := silences.get(voice.name)) or known.began_at < voice.last_at
    ]


def _end_silences(
    silences: Mapping[Name, DeafInterval], voices: Sequence[Voice], now: datetime
) -> None:
    spoke = {voice.name: voice.last_at for voice in voices}
    for name, silence in silences.items():
        last = spoke.get(name)
        if silence.ended_at:
            continue
        if last and last > silence.began_at:
            silence.ended_at = last
        elif now - silence.began_at >= LONGEST:
            silence.ended_at = silence.began_at + LONGEST
        else:
            continue
        silence.save(update_fields=["ended_at"])


def _record_silences(voices: Sequence[Voice], listened_since: datetime, now: datetime) -> None:
    """Record the silences of ``voices``; what was not heard while we were deaf is no silence."""
    quiet = [
        (voice, max(voice.last_at, listened_since))
        for voice in voices
        if now - max(voice.last_at, listened_since) >= SHORTEST
    ]
    history = _history([voice.name for voice, _ in quiet], now)
    for voice, since in quiet:
        usual = expected(history[voice.name], voice.first_hour, since, now)
        if usual is not None and usual >= LEAST_EXPECTED:
            source, sub_account = voice.name
            DeafInterval.objects.create(
                kind=DeafKind.SILENT,
                sources=source,
                sub_account=sub_account,
                began_at=since,
                expected=int(usual),
            )


def _history(names: Sequence[Name], now: datetime) -> dict[Name, dict[int, int]]:
    """Return the counts of the hours of the week that lie in the last LOOKED_BACK hours."""
    current = int(now.timestamp()) // HOUR
    slots = [
        current - back - week * WEEK
        for back in range(LOOKED_BACK + 2)
        for week in range(1, WEEKS + 1)
    ]
    found: dict[Name, dict[int, int]] = defaultdict(dict)
    if names:
        rows = ArrivalCount.objects.filter(
            measure=Measure.HOUR, slot__in=slots, subject__in={subject for _, subject in names}
        ).values_list("source", "subject", "slot", "items")
        for source, subject, slot, items in rows:
            found[source, subject][slot] = items
    return found


def _forget(now: datetime) -> None:
    moment = int(now.timestamp())
    for measure, seconds, kept in (
        (Measure.MINUTE, MINUTE, MINUTES_KEPT),
        (Measure.HOUR, HOUR, HOURS_KEPT),
    ):
        oldest = (moment - int(kept.total_seconds())) // seconds
        ArrivalCount.objects.filter(measure=measure, slot__lt=oldest).delete()
