"""Whose something is and how it stands, as pages show and ask for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from support_portal.accounts.models import RANKS, RIGHTS, Role, User
from support_portal.dashboard import clock
from support_portal.lookup import subjects
from support_portal.notices.subjects import Subject
from support_portal.teamwork import services
from support_portal.teamwork.models import Kind, Standing, StandingStep, State

RIGHT = "handle incidents"
MOST_PEOPLE = 200
MOST_MINE = 6
LOOKS: Mapping[State, tuple[str, str]] = {
    State.OPEN: ("none", "ring"),
    State.WATCHING: ("us", "eye"),
    State.WAITING: ("us", "queued"),
    State.SOLVED: ("ok", "ok"),
    State.MUTED: ("none", "deaf"),
}
MUTES = {
    "1h": ("1 hour", timedelta(hours=1)),
    "8h": ("8 hours", timedelta(hours=8)),
    "1d": ("1 day", timedelta(days=1)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
}
PORTAL = "The portal"


@dataclass(frozen=True, slots=True)
class Shown:
    """How something stands, in words."""

    state: State
    tone: str
    icon: str
    word: str  # "Muted until 14:00", "Open, came back"
    who: str
    since: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Mine:
    """Something that is the reader's."""

    title: str
    href: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Card:
    """How something stands, and the form to let it stand otherwise."""

    about: Subject
    shown: Shown
    steps: Sequence[tuple[str, str, StandingStep]]  # who, and what
    may_change: bool
    states: Sequence[tuple[str, str]]
    mutes: Sequence[tuple[str, str]]
    people: Sequence[tuple[int, str]]
    typed: Mapping[str, str]
    faults: Mapping[str, str]


def shown(standing: Standing | None, now: datetime | None = None) -> Shown:
    """Say how something stands; what nobody said anything of is open."""
    if standing is None:
        return Shown(State.OPEN, *LOOKS[State.OPEN], State.OPEN.label, "", None, 0)
    state = standing.now(now or timezone.now())
    tone, icon = LOOKS[state]
    word = state.label
    if state is State.MUTED and standing.muted_until:
        word = f"Muted until {clock.day_and_clock(standing.muted_until)}"
    elif state is State.OPEN and standing.came_back_at:
        tone, icon, word = "warn", "repeat", "Open, came back"
    who = name_of(standing.assignee) if standing.assignee else ""
    return Shown(state, tone, icon, word, who, standing.since, standing.version)


def card(
    about: Subject,
    person: User,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> Card:
    """Return the card of a group or an incident as ``person`` sees it."""
    standing = services.standing(about.kind, about.key)
    now = shown(standing)
    may = person.may(RIGHT)
    return Card(
        about,
        now,
        [(_who(step), _what(step), step) for step in services.history(about)],
        may,
        State.choices,
        [(key, label) for key, (label, _) in MUTES.items()],
        _people(about, standing) if may else [],
        typed or _typed(standing, now),
        faults or {},
    )


def of_groups(group_ids: Iterable[int]) -> dict[int, Shown]:
    """Return how groups of errors stand, those of which anybody ever said anything."""
    keys = [str(group_id) for group_id in group_ids if group_id]
    found = services.standings(Kind.GROUP, keys) if keys else {}
    return {int(key): shown(standing) for key, standing in found.items()}


def of_incidents(ids: Iterable[object]) -> dict[str, Shown]:
    """Return how incidents stand."""
    found = services.standings(Kind.INCIDENT, map(str, ids))
    return {key: shown(standing) for key, standing in found.items()}


def mine(person: User) -> list[Mine]:
    """Return what is the reader's, as far as they may see it."""
    found = []
    for standing in services.mine(person, MOST_MINE):
        about = subjects.find(standing.kind, standing.key, person)
        if about:
            found.append(Mine(about.title, about.href, shown(standing)))
    return found


def name_of(person: User) -> str:
    """Return what a person is called."""
    return person.get_full_name() or person.get_username()


def _typed(standing: Standing | None, now: Shown) -> dict[str, str]:
    assignee = standing.assignee_id if standing else None
    return {
        "state": now.state,
        "assignee": str(assignee or ""),
        "mute": "1d",
        "why": "",
        "base": str(now.version),
    }


def _people(about: Subject, standing: Standing | None) -> list[tuple[int, str]]:
    """Return whose it can be and whose it is; it is asked once for each set of sub-accounts who may see it."""
    roles = [role for role in Role if RANKS[role] >= RANKS[RIGHTS[RIGHT]]]
    people = User.objects.filter(is_active=True, role__in=roles).select_related("team")
    sees: dict[tuple[str, ...] | None, bool] = {}
    found = []
    for person in people.order_by("first_name", "username")[:MOST_PEOPLE]:
        own = None if person.sub_accounts is None else tuple(person.sub_accounts)
        if own not in sees:
            sees[own] = about.seen_by(person)
        if sees[own]:
            found.append((person.pk, name_of(person)))
    now = standing.assignee if standing else None
    if now and now.pk not in dict(found):  # saving takes it from nobody unasked
        found.append((now.pk, name_of(now)))
    return found


def _who(step: StandingStep) -> str:
    return name_of(step.author) if step.author else PORTAL


def _what(step: StandingStep) -> str:
    words = State(step.state).label.lower()
    if step.muted_until:
        words += f" until {clock.day_and_clock(step.muted_until)}"
    return f"{words}, {step.assignee_name}" if step.assignee_name else f"{words}, nobody’s"
