"""The page for what we do not hold, in words: how it was read, what the id says, how we listened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.dashboard import clock, deaf, watched
from support_portal.dashboard.anatomy import anatomy
from support_portal.dashboard.evidence import evidence_of
from support_portal.dashboard.pasted import NAMES, shown_value
from support_portal.lookup import Answer, Item
from support_portal.lookup.helping import NotHeld, not_held
from support_portal.lookup.ways import UUID_KINDS
from support_portal.payloads.recognise import CUT, Thing

FAMILIES = {
    "seq-v1": (
        "Sequential, as SQL Server makes them",
        "its first three groups are a time, backwards",
    ),
    "v1": ("Version 1, made from a clock", "its first three groups are a time"),
    "v7": ("Version 7, made from a clock", "its first twelve digits are a time"),
    "comb": (
        "COMB, a random id with a time at its end",
        "looks like version 4; the tail is a plausible date",
    ),
    "random": ("Random", "version 4, and its tail is no plausible date"),
    "none": ("None that we know", "typed by hand, or made by a generator that we have not seen"),
}
CAUTION = (
    "Ids are handed out in blocks, clocks of generators stand in other zones, and one random id in a"
    " thousand looks like a COMB. The time is no proof of anything, and neither is the id: 8x8 has no"
    " way to ask whether it exists."
)
LOGS_KEPT = timedelta(days=183)  # how far back 8x8's Messaging logs can be asked


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether we listened at the moment in question."""

    tone: str
    icon: str
    word: str
    detail: str


def missing_context(item: Item, answer: Answer, user: User) -> dict[str, Any]:
    """Return what ``lookup/missing.html`` shows."""
    found = not_held(item, answer, user)
    thing = item.thing
    name, sign = FAMILIES[found.family.family] if found.family else ("", "")
    can_watch = watched.can_watch(item)
    return {
        "missing": found,
        "shown": shown_value(thing),
        "kind": NAMES[thing.kind],
        "how": how_it_was_read(thing),
        "family_name": name,
        "family_sign": sign,
        "parts": anatomy(UUID(thing.value), found.family) if found.family else (),
        "caution": CAUTION,
        "age": age_words(found.moment, timezone.now()) if found.moment else "",
        "heard": heard(found) if found.moment else None,
        "codes": [each for each in answer.items if each.code],
        "deaf": [deaf.in_words(interval) for interval in found.deaf],
        "key": watched.key(1, item) if can_watch else "",
        "evidence": evidence_of(item, found.moment if found.moment_told else None),
        "may_inquire": user.may("inquire"),
        "watch": watched.open_watch(user, thing.value) if can_watch else None,
    }


def heard(found: NotHeld) -> Heard:
    """Say how we listened at the moment in question."""
    if found.deaf:
        return Heard("warn", "deaf", "Not listening", "see beside why it may be missing")
    if found.lag is None:
        return Heard("none", "unknown", "Not known", "nothing came in within a minute of it")
    if found.lag.waiting:
        return Heard("warn", "queued", "Behind", "some of what came then still waits")
    lag = clock.duration(found.lag.seconds)
    return Heard("ok", "ok", "Listening", f"lag {lag}, no gap at that time")


def age_words(moment: datetime, now: datetime) -> str:
    """Say how old the moment is, and whether 8x8 can still be asked about it."""
    if moment > now:
        return "that lies ahead"
    inside = "inside" if now - moment <= LOGS_KEPT else "outside of"
    return f"{clock.ago(moment, now)}, {inside} the six months of 8x8's Messaging logs"


def how_it_was_read(thing: Thing) -> str:
    """Say by which sign the kind of a thing was told."""
    if thing.kind == "uuid":
        return "tried as every kind of id, for no label says which it is"
    if thing.kind == "partial_id":
        return _how_a_cut_id_was_read(thing.value)
    name = NAMES[thing.kind]
    if thing.label and thing.kind in UUID_KINDS:
        return f"read as {name}, from the label beside it, and tried as every other kind of id"
    return f"read as {name}, from the label beside it" if thing.label else f"read as {name}"


def _how_a_cut_id_was_read(value: str) -> str:
    if value.startswith(CUT):
        return "read as the end of an id"
    if CUT in value:
        return "read as the beginning and the end of an id"
    return "read as the beginning of an id, and as its end"
