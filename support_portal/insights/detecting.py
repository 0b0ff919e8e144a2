"""The detector: proposes an incident when failures leave their band, and ends it when they are back.

It looks at the counts of the last quarter of an hour and at the same hours of the weeks before, once
or twice a minute.  Nothing is locked while it looks; what it finds is written under a lock.  With
fewer than two weeks of counts it says nothing.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.urls import reverse

from support_portal.accounts.models import Role, User
from support_portal.core.locks import hold_for_transaction
from support_portal.events.models import EVERYTHING, allowed
from support_portal.events.tally import minute
from support_portal.insights import asking, bands, combinations, counting, incidents, usual
from support_portal.insights.asking import moment
from support_portal.insights.bands import LONGEST, Counts, Group, Level, Suspect
from support_portal.insights.combinations import Combined
from support_portal.insights.models import Act, Grain, Incident, IncidentStep, Kind, State, Volume
from support_portal.notices.models import Kind as Notices
from support_portal.notices.services import News, tell

HOUR = Grain.HOUR.value
QUIET = timedelta(minutes=10)  # back in the band for so long: it has ended
RESUMES = timedelta(hours=1)  # what leaves its band again within that is the same incident
MOST_GROUPS = 500  # that are looked at in one run, those with most records first
MOST_OPEN = 20  # incidents at once; more would be read by nobody
SPANS = (3, 6, LONGEST)  # minutes over which traffic is measured; the busiest counts
HISTORY_KEPT = 600.0  # seconds

Row = tuple[int, int, Combined, int]


@dataclass(frozen=True, slots=True)
class History:
    """The weeks before: counts by week and hour, and how many weeks are known."""

    weeks: int
    hours: Sequence[int]
    counts: Counts

    def rates(self, of: Mapping[Group, Mapping[int, int]], group: Group, place: int) -> list[float]:
        """Return how many there were in a minute of one of the hours, week by week."""
        found = of.get(group, {})
        return [found.get(_when(ago, place), 0) / HOUR for ago in range(1, self.weeks + 1)]


history_kept: usual.Kept[History] = usual.Kept(HISTORY_KEPT)


def detect(now: datetime) -> None:
    """Look once."""
    at = minute(now)
    suspects, levels, counts = _look(at)
    live = Incident.objects.filter(Q(ended_at=None) | Q(over_at__gte=now - RESUMES))
    if not suspects and not live.exists():
        return
    with transaction.atomic():
        hold_for_transaction(incidents.LOCK)
        standing = list(live.select_related("merged_into").order_by("began_at", "id"))
        _settle(_Run(now, at, suspects, levels, counts), standing)
    incidents.kept.forget()


def _look(at: int) -> tuple[list[Suspect], dict[Group, Level], Counts]:
    """Return the groups beyond their bands up to a minute, what is usual, and the counts."""
    rows = list(_rows(Q(grain=Grain.MINUTE, bucket__gt=at - LONGEST, bucket__lte=at)))
    counts = Counts.of(rows)
    standing = {incidents.group_of(each) for each in Incident.objects.filter(ended_at=None)}
    many = {group: sum(found.values()) for group, found in counts.failures.items()}
    busy = sorted(
        (group for group in many if many[group] >= bands.LEAST), key=lambda each: -many[each]
    )
    wanted = standing.union(busy[:MOST_GROUPS])
    if not wanted:
        return [], {}, counts
    history = _history(at)
    if history.weeks < usual.LEAST_WEEKS:
        return [], {}, counts
    levels = {group: _level(group, counts, history, at) for group in wanted}
    over = {
        group: span
        for group in busy[:MOST_GROUPS]
        if (span := bands.is_over(counts.failures[group], at, levels[group]))
    }
    span = min(over.values(), default=0)
    recent = Counts.of(row for row in rows if row[0] > at - span)
    suspects = [
        Suspect(
            group,
            levels[group],
            counts.failures[group],
            recent.members[group],
            span,
            recent.told[group],
        )
        for group in over
    ]
    lasting = [each for each in suspects if each.lasts]
    return lasting, levels, counts


def _level(group: Group, counts: Counts, history: History, at: int) -> Level:
    """Return what is usual in a minute; of the hour and its neighbours the busiest."""
    scope = group.scope
    failing = counts.failures.get(group, Counter[int]())
    sent = counts.traffic.get(scope, Counter[int]())
    now = max(
        sum(
            sent.get(each, 0) - failing.get(each, 0) * (group.kind == Kind.MESSAGE) for each in some
        )
        / len(some)
        for some in (range(at - span + 1, at + 1) for span in SPANS)
    )
    whole = Group(group.kind, group.code, group.registry)
    levels = []
    for place in range(len(history.hours)):
        failures = history.rates(history.counts.failures, group, place)
        traffic = history.rates(history.counts.traffic, scope, place)
        share = _share(history, whole, place)
        levels.append(bands.level(failures, traffic, max(0.0, now), share))
    return max(levels, key=lambda each: each.minute)


def _share(history: History, whole: Group, place: int) -> float:
    """Return how much of all messages usually fails like that."""
    failures = sum(history.rates(history.counts.failures, whole, place))
    messages = sum(history.rates(history.counts.traffic, Group(""), place))
    return failures / messages if messages else 0.0


def _history(at: int) -> History:
    hour = at // HOUR * HOUR
    return history_kept.get(hour, lambda: _read_history((hour - HOUR, hour, hour + HOUR)))


def _read_history(hours: Sequence[int]) -> History:
    agos = range(1, usual.WEEKS + 1)
    buckets = {
        hour - ago * usual.WEEK: _when(ago, place)
        for place, hour in enumerate(hours)
        for ago in agos
    }
    rows = list(_rows(Q(grain=HOUR, bucket__in=buckets)))
    traffic = dict.fromkeys(agos, 0)
    for bucket, _, _, number in rows:
        traffic[buckets[bucket] // len(hours)] += number
    counts = Counts.of(
        (buckets[bucket], key, columns, number) for bucket, key, columns, number in rows
    )
    counts.members.clear()
    counts.told.clear()
    return History(usual.known_weeks(traffic), hours, counts)


def _when(ago: int, place: int) -> int:
    return ago * 3 + place


def _rows(condition: Q) -> Iterator[Row]:
    rows = list(
        Volume.objects.filter(condition, count__gt=0).values_list(
            "bucket", "combination_id", "count"
        )
    )
    named = combinations.known.named({key for _, key, _ in rows})
    for bucket, key, number in rows:
        if key in named:
            yield bucket, key, named[key], number


@dataclass(frozen=True, slots=True)
class _Run:
    """What one look found."""

    now: datetime
    at: int
    suspects: Collection[Suspect]
    levels: Mapping[Group, Level]
    counts: Counts

    @property
    def until(self) -> datetime:
        """Return the end of the minute that was looked at last."""
        return moment(self.at + 1)


def _settle(run: _Run, standing: Sequence[Incident]) -> None:
    """Write down what is new, what goes on, and what has ended."""
    over = {each.id: each for each in standing if _goes_on(run, each)}
    open_ones = sum(each.ended_at is None for each in standing)
    for suspect in bands.causes(run.suspects):
        known = _known(run, suspect, standing)
        for each in known:
            over[each.id] = each
            target = each.merged_into
            if target is not None and target.state in (State.PROPOSED, State.CONFIRMED):
                over[target.id] = next((one for one in standing if one.id == target.id), target)
        if not known and open_ones < MOST_OPEN:
            _propose(run, suspect)
            open_ones += 1
    for each in over.values():
        _go_on(run, each)
    for each in standing:
        if each.id not in over and each.ended_at is None and each.over_at <= run.now - QUIET:
            each.ended_at = each.over_at
            each.save(update_fields=["ended_at"])
            _note(run, each, Act.ENDED)


def _goes_on(run: _Run, incident: Incident) -> bool:
    group = incidents.group_of(incident)
    if incident.ended_at is not None or group not in run.levels:
        return False
    return bands.stays_over(run.counts.failures.get(group, {}), run.at, run.levels[group])


def _known(run: _Run, suspect: Suspect, standing: Sequence[Incident]) -> list[Incident]:
    """Return the incidents that already stand for what a suspect is."""
    return [each for each in standing if _same(run, suspect, each)]


def _same(run: _Run, suspect: Suspect, incident: Incident) -> bool:
    group = incidents.group_of(incident)
    if group == suspect.group:
        return True
    if group.kind != suspect.group.kind:
        return False
    members = run.counts.members.get(group, Counter[int]())
    shared = sum(number for key, number in suspect.members.items() if key in members)
    rest = suspect.number - shared  # without what is known: is it still too much?
    mostly = shared >= suspect.number / 2
    return mostly and not bands.is_beyond(rest, suspect.usual.of(suspect.span))


def _propose(run: _Run, suspect: Suspect) -> None:
    group, level = suspect.group, suspect.usual
    began = bands.began(suspect.minutes, run.at, level)
    incident = Incident(
        kind=group.kind,
        code=group.code,
        registry=group.registry,
        **{name: getattr(group, name) for name in incidents.TRAITS},
        found_at=run.now,
        began_at=moment(began),
        over_at=run.until,
        usual=level.of(run.at + 1 - began),
    )
    _count(incident, run)
    incident.save(force_insert=True)
    _note(run, incident, Act.PROPOSED)
    tell([_news(incident, person) for person in _leads(incident)], run.now)


def _go_on(run: _Run, incident: Incident) -> None:
    """Bring the numbers up to date; what had ended goes on, unless somebody closed it."""
    group = incidents.group_of(incident)
    level, until = run.levels.get(group), run.until
    if level:
        minutes = run.counts.failures.get(group, Counter[int]())
        until = max(incident.over_at, moment(bands.last_high(minutes, run.at, level) + 1))
        incident.usual += level.minute * (minute(until) - minute(incident.over_at))
    incident.over_at = until
    if incident.state == State.CLOSED or incident.state == State.MERGED:
        incident.save(update_fields=["over_at", "usual"])
        return
    if incident.ended_at is not None:
        incident.ended_at = None
        _note(run, incident, Act.RESUMED)
    _count(incident, run)
    incident.save(update_fields=["over_at", "usual", "ended_at", "records", "peak"])


def _count(incident: Incident, run: _Run) -> None:
    """Count its records from its beginning, by days and hours where its minutes are forgotten."""
    began = minute(incident.began_at)
    first = max(began, (counting.first_minute_kept() // HOUR + 1) * HOUR)
    question = incidents.question(incident, EVERYTHING, run.now)
    within = Volume.objects.filter(grain=Grain.MINUTE, bucket__gte=first, bucket__lte=run.at)
    total = Sum("count", filter=asking.picked(question))
    numbers = dict(within.values_list("bucket").annotate(total=total).filter(total__gt=0))
    before = 0
    if began < first:
        bars = asking.bars(replace(question, end=moment(first)), Grain.DAY.value)
        before = sum(sum(bar.parts.values()) for bar in bars)
    incident.records = before + sum(numbers.values())
    incident.peak = max(incident.peak, *numbers.values(), 0)


def _note(run: _Run, incident: Incident, act: Act) -> None:
    IncidentStep.objects.create(incident=incident, act=act, made_at=run.now)


def _leads(incident: Incident) -> list[User]:
    """Return who is told: leads who may see it."""
    people = User.objects.filter(is_active=True, role__in=[Role.LEAD, Role.ADMINISTRATOR])
    seen = [(person, allowed(person)) for person in people.select_related("team").order_by("id")]
    return [person for person, own in seen if own is None or incident.sub_account in own]


def _news(incident: Incident, person: User) -> News:
    return News(
        user=person,
        kind=Notices.INCIDENT,
        title=f"Unusual: {incidents.subject(incident)}",
        text="Confirm it, give it a name, or close it with a reason.",
        link=reverse("incidents:detail", args=[incident.id]),
        once=f"incident {incident.id}",
    )
