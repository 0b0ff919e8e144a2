"""Codes and wordings that were never seen before, as pages show them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.events.models import ErrorEvent, Happening, Message
from support_portal.knowledge.drift import history
from support_portal.knowledge.models import Drift, DriftKind, DriftState, DriftStep
from support_portal.reason_codes import Reading, Registry, look_up, registries

# State -> tone, icon, word.
STATES = {
    DriftState.OPEN: ("warn", "warn", "Waits"),
    DriftState.NAMED: ("ok", "check", "Named"),
    DriftState.ACCEPTED: ("ok", "check", "Accepted"),
    DriftState.ASIDE: ("none", "x", "Set aside"),
}
STEPS = {
    DriftState.OPEN: "opened it again",
    DriftState.NAMED: "named it",
    DriftState.ACCEPTED: "accepted the wording",
    DriftState.ASIDE: "set it aside",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A record in which it was seen."""

    id: str
    what: str
    href: str


@dataclass(frozen=True, slots=True)
class Done:
    """A step of the history in words."""

    step: DriftStep
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a page shows it."""

    entry: Drift
    table: Registry
    reading: Reading
    state: tuple[str, str, str]
    samples: tuple[Sample, ...]  # those that the reader may see
    readable: bool  # else its wording may come from a sub-account that the reader does not see
    history: tuple[Done, ...]

    @property
    def waits(self) -> bool:
        """Tell whether it is open."""
        return self.entry.state == DriftState.OPEN

    @property
    def unknown(self) -> bool:
        """Tell whether it is a code without a name."""
        return self.entry.kind == DriftKind.UNKNOWN

    @property
    def more(self) -> bool:
        """Tell whether it stands for more of its table on one day."""
        return self.entry.kind == DriftKind.MORE


def shown(entries: Iterable[Drift], person: User) -> list[Shown]:
    """Return entries with the samples that ``person`` may see, in a fixed number of queries."""
    entries = [entry for entry in entries if entry.registry in registries()]
    seen = _visible(entries, person)
    steps: dict[UUID, list[Done]] = defaultdict(list)
    for step in history(entries) if entries else ():
        steps[step.drift_id].append(Done(step, STEPS[DriftState(step.state)]))
    return [_shown(entry, seen, steps[entry.id], person) for entry in entries]


def _shown(entry: Drift, seen: set[tuple[str, str]], done: Sequence[Done], person: User) -> Shown:
    table = registries()[entry.registry]
    samples = tuple(_sample(*each) for each in entry.samples if tuple(each) in seen)
    return Shown(
        entry=entry,
        table=table,
        reading=look_up(table, entry.code),
        state=STATES[DriftState(entry.state)],
        samples=samples,
        readable=bool(samples) or person.sub_accounts is None,
        history=tuple(done),
    )


def _sample(kind: str, key: str) -> Sample:
    if kind == "error":
        return Sample(key, "errorId", reverse("errors:detail", args=[key]))
    return Sample(key, "umid", reverse("messages:detail", args=[key]))


def _visible(entries: Iterable[Drift], person: User) -> set[tuple[str, str]]:
    """Return which samples there still are for this person."""
    asked: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        for kind, key in entry.samples:
            asked[kind].add(key)
    errors = ErrorEvent.objects.visible_to(person).filter(error_id__in=asked["error"])
    messages = Message.objects.visible_to(person).filter(umid__in=asked["message"])
    around = Happening.objects.visible_to(person).filter(umid__in=asked["message"])
    umids = {*messages.values_list("umid", flat=True), *around.values_list("umid", flat=True)}
    return {
        *(("error", str(key)) for key in errors.values_list("error_id", flat=True)),
        *(("message", str(key)) for key in umids),
    }
