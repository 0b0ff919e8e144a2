"""Watches in words: how each stands, and what came of asking for some."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.composed import Composed
from support_portal.dashboard import clock
from support_portal.lookup import Item
from support_portal.watches.looking import address
from support_portal.watches.models import Kind, State, Watch
from support_portal.watches.services import OPEN_LIMIT, Opened

# How a watch stands -> tone, icon, word.
LOOKS = {
    State.OPEN: ("none", "ring", "Not here yet"),
    State.ARRIVED: ("ok", "ok", "Arrived"),
    State.EXPIRED: ("warn", "warn", "Did not arrive"),
    State.CANCELLED: ("none", "x", "Given up"),
}
SHOWN_AT_HOME = 5


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch as pages show it."""

    watch: Watch
    tone: str
    icon: str
    word: str
    left: str  # "6 d 23 h left"; "" when it is over
    href: str


def is_missing(item: Item) -> bool:
    """Tell whether a thing was looked for and is not held."""
    return item.searched and item.found is False


def can_watch(item: Item) -> bool:
    """Tell whether a thing is missing and of a kind that one can wait for."""
    return is_missing(item) and item.thing.kind in Kind.values


def key(number: int, item: Item) -> str:
    """Return what forms send for a thing: its number, and what to watch for if it can be watched.

    Phone numbers are in no form.
    """
    thing = item.thing
    return f"{number} {thing.kind} {thing.value}" if can_watch(item) else str(number)


def in_words(watch: Watch, now: datetime | None = None) -> Watched:
    """Say how a watch stands."""
    tone, icon, word = LOOKS[State(watch.state)]
    left = ""
    if watch.state == State.OPEN:
        rest = max(timedelta(), watch.expires_at - (now or timezone.now()))
        left = f"{clock.duration(rest)} left"
    return Watched(watch, tone, icon, word, left, address(watch))


def newest(person: User) -> list[Watched]:
    """Return the last few watches of a person."""
    return [in_words(watch) for watch in Watch.objects.of(person)[:SHOWN_AT_HOME]]


_open = Composed(lambda person, value: Watch.objects.of(person).open().filter(value=value)[:1])


def open_watch(person: User, value: str) -> Watched | None:
    """Return how ``person`` watches this id at present, if they do."""
    found = _open.first(person.pk, value)
    return in_words(found) if found else None


def among(person: User, values: Iterable[str]) -> set[str]:
    """Return those of ``values`` that ``person`` watches at present."""
    rows = Watch.objects.of(person).open().filter(value__in=list(values)).order_by()
    return set(rows.values_list("value", flat=True))


def said(opened: Opened, days: int) -> str:
    """Say what came of wanting to watch."""
    span = "1 day" if days == 1 else f"{days} days"
    parts = []
    if opened.new:
        things = "It is" if opened.new == 1 else f"{opened.new:,} ids are"
        parts.append(f"{things} watched for {span}. The bell tells you when something arrives.")
    if opened.already:
        one = "1 was" if opened.new or opened.over else "It was"
        things = one if opened.already == 1 else f"{opened.already:,} were"
        parts.append(f"{things} watched already.")
    if opened.over:
        parts.append(
            f"{opened.over:,} {'was' if opened.over == 1 else 'were'} not added: {OPEN_LIMIT} ids is the most that one person can"
            " watch. Give some up under Watches first."
        )
    return " ".join(parts)
