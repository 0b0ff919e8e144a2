"""The paste engine: everything in a text that can be looked up, and what the portal knows of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from support_portal.events.models import Reader
from support_portal.knowledge.opinions import opinions
from support_portal.lookup import addresses
from support_portal.lookup.hits import Hit
from support_portal.lookup.places import Places
from support_portal.lookup.questions import MOST_RECORDS
from support_portal.lookup.store import PARTIAL, Way, crowded, hold
from support_portal.lookup.team import as_told
from support_portal.lookup.verdicts import line_of
from support_portal.lookup.ways import CLIENT_WAYS, ID_WAYS, OWN_KINDS, ways_of
from support_portal.payloads.recognise import Thing, recognise
from support_portal.reason_codes import Reading, Verdict, reasons_for

MOST_THINGS = 2000  # distinct things of one text
NUMBER_KINDS = frozenset({"code", "http_status"})
TOO_MANY_PARTS = "Not searched: there are too many cut ids in this text."
CROWDED = "Too many ids end so to search them all. Paste the beginning, too."
# No database column holds these; recognised places in the text stay where they are.
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One recognised thing: whether it is held (None: nothing to be held), where, and what it means."""

    thing: Thing
    kind: str  # as the store knows it; the label decides only where the store does not
    found: bool | None
    hits: tuple[Hit, ...] = ()
    more: bool = False
    code: Reading | None = None  # of a number
    unknown: str = ""  # why it is not known whether it is held

    @property
    def hit(self) -> Hit | None:
        """Return the only record, if there is just one."""
        return self.hits[0] if len(self.hits) == 1 and not self.more else None

    @property
    def searched(self) -> bool:
        """Tell whether records were looked for."""
        return self.found is not None and self.code is None

    @property
    def reading(self) -> Reading | None:
        """Return what its code means: of a number, or of the only record."""
        return self.hit.reading if self.hit else self.code

    @property
    def verdict(self) -> Verdict | None:
        """Return what to do about it."""
        return self.reading.verdict if self.reading else None

    @property
    def href(self) -> str:
        """Return the page it leads to; a phone number belongs in no address."""
        if self.hit:
            return self.hit.href
        if self.code and self.code.registry:
            return addresses.code_page(self.code.registry, self.code.code)
        listed = self.found and self.thing.kind != "phone"
        return addresses.lookup_page(self.thing.value) if listed else ""

    @property
    def line(self) -> str:
        """Say in one line what is known of it."""
        if self.hit:
            return self.hit.line
        if self.code:
            return line_of(self.code)
        if self.hits:
            return f"{'More than ' if self.more else ''}{len(self.hits)} records."
        return "Not held by us." if self.found is False else self.unknown


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in a text, in order of appearance; ``left_out`` things were too many."""

    text: str
    items: tuple[Item, ...]
    left_out: int

    @property
    def the_one(self) -> Hit | None:
        """Return the record that all things agree on, or None when there is something to choose.

        Ids of records decide.  Without any, a batch, a client id, a number or a cut id may lead there.
        """
        searched = [item for item in self.items if item.searched]
        own = [item for item in searched if item.thing.kind in OWN_KINDS]
        deciding = own or [item for item in searched if item.thing.kind != "phone"]
        direct = {hit.id: hit for item in deciding for hit in item.hits if hit.direct}
        reached = direct or {hit.id: hit for item in deciding for hit in item.hits}
        if len(reached) != 1:
            return None
        (hit,) = reached.values()
        agreed = all(hit.id in {each.id for each in item.hits} for item in deciding)
        return hit if agreed else None


def look_up(text: str, reader: Reader) -> Answer:
    """Look up each thing in ``text`` once, among what ``reader`` may see."""
    text = _UNUSABLE.sub("\ufffd", text)
    recognised = recognise(text)
    return resolve(text, recognised[:MOST_THINGS], reader, left_out=len(recognised[MOST_THINGS:]))


def resolve(text: str, things: Sequence[Thing], reader: Reader, *, left_out: int = 0) -> Answer:
    """Return what ``things`` of ``text`` lead to."""
    ways = ways_of(things, text)
    held = hold(ways.values(), reader)
    hits = {
        thing: _told([hit for way in each for hit in held.get(way, ())])
        for thing, each in ways.items()
    }
    places = Places(text, things, [hit for each in hits.values() for hit in each])
    items = tuple(
        _number(thing, places)
        if thing.kind in NUMBER_KINDS
        else _item(thing, ways.get(thing, ()), hits.get(thing, ()))
        for thing in things
    )
    return Answer(text, _with_team(items), left_out)


def _with_team(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return the items with what the team says about their codes."""
    hits = chain.from_iterable(item.hits for item in items)
    team = opinions(chain((item.code for item in items), (hit.reading for hit in hits)))
    if not team:
        return items
    return tuple(
        replace(
            item,
            hits=tuple(as_told(item.hits, team)),
            code=team.on(item.code).reading if item.code else None,
        )
        for item in items
    )


def _told(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return each record once: those that are called by the id, else all, the newest first."""
    called = [hit for hit in hits if hit.direct and hit.kind != "happening"]
    told: dict[object, Hit] = {}
    for hit in sorted(called or hits, key=lambda hit: (hit.direct, hit.at), reverse=True):
        told.setdefault((hit.kind, hit.id, hit.at, hit.title), hit)
    return tuple(told.values())


def _item(thing: Thing, ways: tuple[Way, ...], hits: tuple[Hit, ...]) -> Item:
    kinds = {hit.via for hit in hits}
    known = (kind for kind in (thing.kind, *ID_WAYS, *CLIENT_WAYS) if kind in kinds)
    unknown = "" if hits else _why_unknown(thing, ways)
    return Item(
        thing=thing,
        kind=next(known, thing.kind),
        found=bool(hits) if ways and not unknown else None,
        hits=hits[:MOST_RECORDS],
        more=len(hits) > MOST_RECORDS,
        unknown=unknown,
    )


def _why_unknown(thing: Thing, ways: tuple[Way, ...]) -> str:
    """Say why it is not known whether a cut id is held; "" when it is."""
    if thing.kind != PARTIAL:
        return ""
    if not ways:
        return TOO_MANY_PARTS
    return CROWDED if any(crowded(part) for _, part in ways) else ""


def _number(thing: Thing, places: Places) -> Item:
    number = int(thing.value)
    # A status stands in many answers and is no record; a code is one of a registry.
    found = bool(reasons_for(number)) if thing.kind == "code" else None
    return Item(thing, thing.kind, found, code=places.read(thing, number))
