"""Noting codes and wordings that were never seen before, while the drain records them."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from support_portal.knowledge.models import Drift, DriftKind, DriftState, Override
from support_portal.payloads import wording
from support_portal.reason_codes import Context, Reading, decode

MOST_SAMPLES = 5
MOST_A_DAY = 50  # new entries of one table; what comes beyond is counted in one more entry
# All messages that a batch brings of one code may be different.  Taking the wording of each would
# slow the drain down, so a few are read, and an entry was seen at least as often as it says.
MOST_MESSAGES = 20


class Place(NamedTuple):
    """A code and where it was read."""

    context: str
    channel: str
    code: int


class Sighting(NamedTuple):
    """A code that came with a message, and the record it came in."""

    place: Place
    message: str
    kind: str  # error, message or happening
    record: UUID
    at: datetime


@dataclass(frozen=True)
class Novelty:
    """What tells entries of the inbox apart."""

    kind: DriftKind
    registry: str
    code: int
    form: str
    day: str = ""  # of an entry that stands for more

    @cached_property
    def id(self) -> UUID:
        """Return the key, the same for the same wording in any spelling."""
        likeness = wording.likeness(self.form)
        parts = (str(wording.VERSION), self.registry, str(self.code), likeness, self.day)
        return UUID(bytes=hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).digest())


@dataclass(slots=True)
class Seen:
    """How often something new was seen in a batch, and where."""

    novelty: Novelty
    times: int
    first: datetime
    last: datetime
    samples: list[list[str]]

    @classmethod
    def once(cls, novelty: Novelty, sighting: Sighting) -> "Seen":
        """Return what one sighting tells."""
        sample = [sighting.kind, str(sighting.record)]
        return cls(novelty, 1, sighting.at, sighting.at, [sample])

    def add(self, other: "Seen") -> None:
        """Count what another one saw as well."""
        self.times += other.times
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.samples = first_few(self.samples + other.samples)


def first_few(samples: Sequence[list[str]]) -> list[list[str]]:
    """Return the first samples, each record once."""
    unique = dict.fromkeys((kind, record) for kind, record in samples)
    return [list(sample) for sample in unique][:MOST_SAMPLES]


def note(sightings: Iterable[Sighting]) -> None:
    """Put what is new into the inbox, and count what is open there.

    Called by the drain, in its transaction and under its lock, so one at a time, and once for each
    fact whatever dies in between.
    """
    found = _novelties(sightings)
    if not found:
        return
    there = Drift.objects.in_bulk(found)
    # What was settled is known, and costs no writing.
    waiting = [entry for entry in there.values() if entry.state == DriftState.OPEN]
    fresh = [seen for key, seen in found.items() if key not in there]
    if waiting or fresh:
        with transaction.atomic():  # a refusal here is not one of the facts
            _count(waiting, found)
            _add(fresh)


@lru_cache(maxsize=4_096)
def novelty(place: Place, message: str) -> Novelty | None:
    """Return what is new about a code with its message, None when the tables have both."""
    reading = decode(Context(place.context), place.channel, place.code)
    if not reading.home:
        return None
    form = wording.form(message)
    if not reading.known:
        return Novelty(DriftKind.UNKNOWN, reading.home, reading.code, form)
    if not form or wording.likeness(form) in _official(reading):
        return None
    return Novelty(DriftKind.REWORDED, reading.home, reading.code, form)


def _novelties(sightings: Iterable[Sighting]) -> dict[UUID, Seen]:
    found: dict[UUID, Seen] = {}
    messages: dict[Place, set[str]] = {}
    for sighting in sightings:
        read = messages.setdefault(sighting.place, set())
        if sighting.message not in read:
            if len(read) == MOST_MESSAGES:
                continue
            read.add(sighting.message)
        new = novelty(sighting.place, sighting.message[: wording.LONGEST_READ])
        if new is not None:
            _gather(found, Seen.once(new, sighting))
    return found


def _gather(found: dict[UUID, Seen], seen: Seen) -> None:
    if there := found.get(seen.novelty.id):
        there.add(seen)
    else:
        found[seen.novelty.id] = seen


@lru_cache(maxsize=1_024)
def _likenesses(*texts: str) -> frozenset[str]:
    return frozenset(map(wording.likeness, texts))


def _official(reading: Reading) -> frozenset[str]:
    if reading.reason is None:
        return frozenset()
    return _likenesses(reading.reason.name, reading.reason.detail, reading.reason.text)


def _count(entries: Collection[Drift], found: Mapping[UUID, Seen]) -> None:
    for entry in entries:
        seen = found[entry.id]
        entry.seen += seen.times
        entry.first_seen = min(entry.first_seen, seen.first)
        entry.last_seen = max(entry.last_seen, seen.last)
        entry.samples = first_few(entry.samples + seen.samples)
    Drift.objects.bulk_update(entries, ["seen", "first_seen", "last_seen", "samples"])


def _add(fresh: Collection[Seen]) -> None:
    """Add entries as far as there is room for their table today; count the rest in one."""
    if not fresh:
        return
    today = timezone.now().date()
    named = _named(fresh)
    room: Counter[str] = Counter()
    for registry in {seen.novelty.registry for seen in fresh}:
        there = Drift.objects.filter(registry=registry, noted_on=today)
        room[registry] = MOST_A_DAY - there.exclude(kind=DriftKind.MORE).count()
    rows: list[Drift] = []
    beyond: dict[UUID, Seen] = {}
    for seen in fresh:
        registry = seen.novelty.registry
        if room[registry] > 0:
            room[registry] -= 1
            rows.append(_row(seen, today, named))
        else:
            more = Novelty(DriftKind.MORE, registry, 0, "", today.isoformat())
            _gather(beyond, replace(seen, novelty=more))
    Drift.objects.bulk_create(rows)
    if beyond:
        _count_beyond(beyond, today)


def _count_beyond(beyond: dict[UUID, Seen], today: date) -> None:
    there = Drift.objects.in_bulk(beyond)
    _count(there.values(), beyond)
    Drift.objects.bulk_create(
        _row(seen, today, frozenset()) for key, seen in beyond.items() if key not in there
    )


def _row(seen: Seen, today: date, named: frozenset[tuple[str, int]]) -> Drift:
    new = seen.novelty
    # A code that the team named is known by its name; what is new is the wording.
    known = (new.registry, new.code) in named
    return Drift(
        id=new.id,
        kind=DriftKind.REWORDED if known else new.kind,
        registry=new.registry,
        code=new.code,
        form=new.form,
        seen=seen.times,
        first_seen=seen.first,
        last_seen=seen.last,
        noted_on=today,
        samples=seen.samples,
    )


def _named(fresh: Iterable[Seen]) -> frozenset[tuple[str, int]]:
    """Return the unlisted codes among them that the team has named."""
    codes = {seen.novelty.code for seen in fresh if seen.novelty.kind is DriftKind.UNKNOWN}
    if not codes:
        return frozenset()
    found = Override.objects.filter(current=True, revoked=False, code__in=codes).exclude(name="")
    return frozenset(found.values_list("registry", "code"))
