"""The paste engine: everything in a text that can be looked up, and what the portal knows of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support_portal.core.sealing import search_digests
from support_portal.events.models import Reader
from support_portal.lookup import addresses
from support_portal.lookup.hits import Hit
from support_portal.lookup.places import Places
from support_portal.lookup.store import MOST_RECORDS, PARTIAL, Way, hold
from support_portal.lookup.verdicts import line_of, verdict_of
from support_portal.payloads.ids import parse_id
from support_portal.payloads.recognise import Thing, recognise
from support_portal.reason_codes import Reading, Verdict, reasons_for

MOST_THINGS = 2000  # distinct things of one text
OWN_KINDS = frozenset({"error_id", "umid", "uuid"})  # what a record itself is called
UUID_KINDS = OWN_KINDS | {"batch_id"}
NUMBER_KINDS = frozenset({"code", "http_status"})
_ID_WAYS = ("error_id", "umid", "batch_id", "event_id")
_CLIENT_WAYS = ("client_message_id", "client_batch_id")
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
        return verdict_of(self.reading) if self.reading else None

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
        return "Not held by us." if self.found is False else ""


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
    by_thing = {thing: ways(thing, text) for thing in things}
    held = hold({way for each in by_thing.values() for way in each}, reader)
    hits = {
        thing: _told([hit for way in each for hit in held.get(way, ())])
        for thing, each in by_thing.items()
    }
    places = Places(text, things, [hit for each in hits.values() for hit in each])
    items = tuple(
        _number(thing, places)
        if thing.kind in NUMBER_KINDS
        else _item(thing, hits[thing], searched=bool(by_thing[thing]))
        for thing in things
    )
    return Answer(text, items, left_out)


def ways(thing: Thing, text: str) -> tuple[Way, ...]:
    """Return the ways from a thing to records: neither a label nor the shape of an id is certain."""
    if thing.kind in UUID_KINDS or thing.kind in _CLIENT_WAYS:
        return tuple(_id_ways(thing, text))
    if thing.kind == "phone":  # numbers are kept sealed; what is compared is their digest
        return tuple(("phone", digest) for digest in search_digests(thing.value))
    if thing.kind == PARTIAL:
        return ((PARTIAL, thing.value.replace("-", "")),)
    return ()


def _id_ways(thing: Thing, text: str) -> Iterator[Way]:
    identifier = parse_id(thing.value)
    if identifier:
        yield from ((name, identifier) for name in _ID_WAYS)
    # A client's own id keeps its spelling.
    for spelling in dict.fromkeys((thing.value, text[thing.start : thing.end])):
        yield from ((name, spelling) for name in _CLIENT_WAYS)


def _told(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return each record once: those that are called by the id, else all, the newest first."""
    called = [hit for hit in hits if hit.direct and hit.kind != "happening"]
    told: dict[object, Hit] = {}
    for hit in sorted(called or hits, key=lambda hit: (hit.direct, hit.at), reverse=True):
        told.setdefault((hit.kind, hit.id, hit.at, hit.title), hit)
    return tuple(told.values())


def _item(thing: Thing, hits: tuple[Hit, ...], *, searched: bool) -> Item:
    kinds = {hit.via for hit in hits}
    known = (kind for kind in (thing.kind, *_ID_WAYS, *_CLIENT_WAYS) if kind in kinds)
    return Item(
        thing=thing,
        kind=next(known, thing.kind),
        found=bool(hits) if searched else None,
        hits=hits[:MOST_RECORDS],
        more=len(hits) > MOST_RECORDS,
    )


def _number(thing: Thing, places: Places) -> Item:
    number = int(thing.value)
    # A status stands in many answers and is no record; a code is one of a registry.
    found = bool(reasons_for(number)) if thing.kind == "code" else None
    return Item(thing, thing.kind, found, code=places.read(thing, number))
