"""The page for what we do not hold: how it was read, what the id says, what lies near it in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from support_portal.accounts.models import User
from support_portal.dashboard.deaf import Deaf, beside
from support_portal.dashboard.finding import UUID_KINDS, Hit, error_hit, message_hit
from support_portal.dashboard.pasted import NAMES
from support_portal.events.models import ErrorEvent, Message
from support_portal.payloads.forensics import IdFamily, examine
from support_portal.payloads.recognise import Thing
from support_portal.payloads.times import parse_time

NEAR = timedelta(seconds=5)
MOST_NEAR = 10
FAMILIES = {
    "seq-v1": "Sequential, as SQL Server makes them",
    "v1": "Version 1, made from a clock",
    "v7": "Version 7, made from a clock",
    "comb": "COMB, a random id with a time at its end",
    "random": "Random",
    "none": "None that we know",
}


@dataclass(frozen=True, slots=True)
class Near:
    """A record close to the moment in question."""

    hit: Hit
    offset: float  # seconds after the moment; negative before it


@dataclass(frozen=True, slots=True)
class NotHeld:
    """What the page says about a thing that leads nowhere."""

    thing: Thing
    kind: str
    how: str
    family: IdFamily | None
    family_name: str
    moment: datetime | None  # told beside it, or carried inside it
    moment_told: bool
    near: tuple[Near, ...]
    deaf: tuple[Deaf, ...]  # when we did not listen at that moment


def not_held(thing: Thing, things: Sequence[Thing], user: User) -> NotHeld:
    """Collect what helps with ``thing``; ``things`` are all those of the text."""
    told = _told_moment(things)
    family = examine(UUID(thing.value), told) if thing.kind in UUID_KINDS else None
    moment = told or (family.embedded_at if family else None)
    return NotHeld(
        thing=thing,
        kind=NAMES[thing.kind],
        how=how_it_was_read(thing),
        family=family,
        family_name=FAMILIES[family.family] if family else "",
        moment=moment,
        moment_told=told is not None,
        near=tuple(_near(moment, user)) if moment else (),
        deaf=tuple(beside(user, "", moment - NEAR, moment + NEAR)) if moment else (),
    )


def how_it_was_read(thing: Thing) -> str:
    """Say by which sign the kind of a thing was told."""
    if thing.kind == "uuid":
        return "tried as an errorId, a umid and a batchId, for no label says which it is"
    if thing.kind == "partial_id":
        return "read as the beginning of an errorId or a umid"
    name = NAMES[thing.kind]
    if thing.label and thing.kind in UUID_KINDS:
        return f"read as {name}, from the label beside it, and tried as every other kind of id"
    return f"read as {name}, from the label beside it" if thing.label else f"read as {name}"


def _told_moment(things: Sequence[Thing]) -> datetime | None:
    for thing in things:
        if thing.kind == "time":
            return parse_time(thing.value)
    return None


def _near(moment: datetime, user: User) -> list[Near]:
    """Return the newest few records within NEAR of ``moment``, by time."""
    around = (moment - NEAR, moment + NEAR)
    errors = ErrorEvent.objects.visible_to(user).filter(occurred_at__range=around)
    messages = Message.objects.visible_to(user).filter(state_at__range=around)
    hits = [
        *(error_hit(error) for error in errors.newest_first()[:MOST_NEAR]),
        *(message_hit(message) for message in messages.newest_first()[:MOST_NEAR]),
    ]
    near = [Near(hit, (hit.at - moment).total_seconds()) for hit in hits]
    return sorted(near, key=lambda each: (each.offset, each.hit.id))
