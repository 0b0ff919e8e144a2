"""By which of their ids a thing may lead to records: neither a label nor a shape is certain."""

import re
from collections.abc import Iterator, Mapping, Sequence

from support_portal.core.sealing import search_digests
from support_portal.events.digits import LAST
from support_portal.lookup.store import PARTIAL, Way
from support_portal.payloads.ids import parse_id
from support_portal.payloads.recognise import CUT, Thing

OWN_KINDS = frozenset({"error_id", "umid", "uuid"})  # what a record itself is called
UUID_KINDS = OWN_KINDS | {"batch_id"}
ID_WAYS = ("error_id", "umid", "batch_id", "event_id")
CLIENT_WAYS = ("client_message_id", "client_batch_id")
MOST_PARTS = 50  # cut ids of one text: each is a question of its own
_PART = re.compile(
    rf"[0-9a-f]{{{LAST},31}}{CUT}[0-9a-f]{{0,31}}|[0-9a-f]{{0,31}}{CUT}[0-9a-f]{{{LAST},31}}"
)


def ways_of(things: Sequence[Thing], text: str) -> Mapping[Thing, tuple[Way, ...]]:
    """Return the ways from each thing to records; none where there is nothing to be held."""
    found = {thing: tuple(_ways(thing, text)) for thing in things if thing.kind != PARTIAL}
    parts = [thing for thing in things if thing.kind == PARTIAL][:MOST_PARTS]
    return found | {thing: tuple(_part_ways(thing.value.replace("-", ""))) for thing in parts}


def _ways(thing: Thing, text: str) -> Iterator[Way]:
    if thing.kind == "phone":  # numbers are kept sealed; what is compared is their digest
        yield from (("phone", digest) for digest in search_digests(thing.value))
    if thing.kind not in UUID_KINDS and thing.kind not in CLIENT_WAYS:
        return
    if identifier := parse_id(thing.value):
        yield from ((name, identifier) for name in ID_WAYS)
    # A client's own id keeps its spelling.
    for spelling in dict.fromkeys((thing.value, text[thing.start : thing.end])):
        yield from ((name, spelling) for name in CLIENT_WAYS)


def _part_ways(digits: str) -> Iterator[Way]:
    """Try digits without a sign of the cut as an end, too: a double click takes one group of an id."""
    spellings = (digits,) if CUT in digits else (digits + CUT, CUT + digits)
    yield from ((PARTIAL, spelling) for spelling in spellings if _PART.fullmatch(spelling))
