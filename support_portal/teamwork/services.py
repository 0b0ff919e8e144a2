"""Saying whose something is and how it stands, by version and with a history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from support_portal.accounts.models import User
from support_portal.core.composed import Composed, padded
from support_portal.core.text import kept
from support_portal.notices.models import Kind as Notices
from support_portal.notices.services import News, tell_once
from support_portal.notices.subjects import Subject
from support_portal.teamwork.models import Kind, Standing, StandingStep, State

REASON_LIMIT = 500
LONGEST_MUTE = timedelta(days=90)
NEEDS_REASON = frozenset({State.SOLVED, State.MUTED})
MOST_STEPS = 50


class Refused(ValueError):
    """What was asked cannot be done; ``faults`` says why for each field."""

    def __init__(self, **faults: str) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


class Overtaken(Exception):
    """Somebody else changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How it is to stand, and which version was seen (0: none yet)."""

    state: State
    base: int
    assignee: User | None = None
    muted_until: datetime | None = None
    reason: str = ""


def standing(kind: str, key: str) -> Standing | None:
    """Return how something stands; None where nobody ever said anything."""
    return Standing.objects.filter(kind=kind, key=key).select_related("assignee").first()


def standings(kind: str, keys: Iterable[str]) -> dict[str, Standing]:
    """Return how several stand, by their keys."""
    return {each.key: each for each in _standings(str(kind), padded(keys))}


_standings = Composed(
    lambda kind, keys: Standing.objects.filter(kind=kind, key__in=keys).select_related("assignee")
)


def history(about: Subject) -> Sequence[StandingStep]:
    """Return what was changed, newest first."""
    steps = StandingStep.objects.filter(kind=about.kind, key=about.key)
    return list(steps.select_related("author").order_by("-id")[:MOST_STEPS])


def mine(person: User, most: int) -> list[Standing]:
    """Return what is a person's and not solved, the newest first."""
    rows = Standing.objects.filter(assignee=person).exclude(state=State.SOLVED)
    return list(rows.order_by("-since", "-id")[:most])


def muted_keys(kind: str, now: datetime) -> frozenset[str]:
    """Return of what nobody wants to hear at present."""
    return frozenset(Standing.objects.muted(kind, now).values_list("key", flat=True))


def change(about: Subject, wanted: Wanted, author: User, now: datetime) -> None:
    """Let it stand otherwise; nobody does it over somebody else's."""
    before = standing(about.kind, about.key)
    had = before.assignee_id if before else None
    wanted = _checked(about, wanted, had, now)
    values = {
        "state": wanted.state,
        "assignee": wanted.assignee,
        "muted_until": wanted.muted_until,
        "since": now,
        "came_back_at": None,
        "version": wanted.base + 1,
    }
    with transaction.atomic():
        _put(about, wanted.base, values)
        _note(about.kind, about.key, author, wanted, now)
        _tell(about, wanted, author, had)


def _checked(about: Subject, wanted: Wanted, had: int | None, now: datetime) -> Wanted:
    reason = kept(wanted.reason)
    faults = {}
    if wanted.state in NEEDS_REASON and not reason:
        faults["reason"] = "Say why."
    elif len(reason) > REASON_LIMIT:
        faults["reason"] = f"Up to {REASON_LIMIT} characters."
    until = wanted.muted_until if wanted.state is State.MUTED else None
    if wanted.state is State.MUTED and (until is None or not now < until <= now + LONGEST_MUTE):
        faults["muted_until"] = f"Say until when, at most {LONGEST_MUTE.days} days ahead."
    person = wanted.assignee  # whose it is already may keep it
    if person and person.pk != had and not (person.is_active and about.seen_by(person)):
        faults["assignee"] = "That colleague may not see it. Choose another."
    if faults:
        raise Refused(**faults)
    return Wanted(wanted.state, wanted.base, wanted.assignee, until, reason)


def _put(about: Subject, base: int, values: Mapping[str, Any]) -> None:
    if base:
        mine = Standing.objects.filter(kind=about.kind, key=about.key, version=base)
        if not mine.update(**values):
            raise Overtaken
        return
    try:
        with transaction.atomic():
            Standing.objects.create(kind=about.kind, key=about.key, **values)
    except IntegrityError:
        raise Overtaken from None


def _note(kind: str, key: str, author: User | None, wanted: Wanted, now: datetime) -> None:
    StandingStep.objects.create(
        kind=Kind(kind),
        key=key,
        author=author,
        made_at=now,
        state=wanted.state,
        assignee_name=_name(wanted.assignee) if wanted.assignee else "",
        muted_until=wanted.muted_until,
        reason=wanted.reason,
    )


def _tell(about: Subject, wanted: Wanted, author: User, before: int | None) -> None:
    person = wanted.assignee
    if person is None or person.pk in (author.pk, before):
        return
    title = f"{_name(author)} gave you {about.title}"
    once = f"{about.kind} {about.key} {wanted.base + 1}"
    tell_once([News(person, Notices.TALK, title, about.href, once, wanted.reason)])


def _name(person: User) -> str:
    return person.get_full_name() or person.get_username()
