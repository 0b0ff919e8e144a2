"""The paste engine: everything in a text that can be looked up, and what the portal knows of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from support_portal.api.addresses import code_page, error_page, lookup_page, message_page
from support_portal.api.holdings import Held, Wanted, hold
from support_portal.events import readings
from support_portal.events.models import Reader
from support_portal.payloads import ApiError, Receipt, Unrecognised, parse
from support_portal.payloads.recognise import Thing, recognise
from support_portal.reason_codes import Context, Reading, decode, reasons_for

LIMIT = 2000  # distinct things of one text
ID_KINDS = ("error_id", "umid", "batch_id", "client_message_id", "client_batch_id")
UUID_KINDS = frozenset({"error_id", "umid", "batch_id", "uuid"})
# No database column holds these; recognised places in the text stay where they are.
UNUSABLE = re.compile("[\x00\ud800-\udfff]")
PARTIAL_MINIMUM = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One recognised thing: whether it is held (None: nothing to be held), where, and what it means."""

    kind: str
    value: str
    start: int
    end: int
    found: bool | None
    url: str = ""
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found in a text, in order of appearance; ``left_out`` things were too many."""

    hits: list[Hit]
    left_out: int


def look_up(text: str, reader: Reader) -> Lookup:
    """Look up each thing in ``text`` once, among what ``reader`` may see."""
    text = UNUSABLE.sub("\ufffd", text)
    recognised = recognise(text)
    things = recognised[:LIMIT]
    held = hold(_wanted(text, things), reader)
    places = _Places(text, things, held)
    hits = [_hit(thing, text, held, places) for thing in things]
    return Lookup(hits, left_out=len(recognised) - len(things))


def _wanted(text: str, things: Iterable[Thing]) -> Wanted:
    wanted = Wanted()
    for thing in things:
        if thing.kind in UUID_KINDS:
            wanted.ids.add(UUID(thing.value))
            wanted.client_message_ids |= _spellings(text, thing)
            wanted.client_batch_ids |= _spellings(text, thing)
        elif thing.kind == "client_message_id":
            wanted.client_message_ids.add(thing.value)
        elif thing.kind == "client_batch_id":
            wanted.client_batch_ids.add(thing.value)
        elif thing.kind == "phone":
            wanted.phones.add(thing.value)
        elif thing.kind == "partial_id" and len(_digits(thing)) >= PARTIAL_MINIMUM:
            wanted.partial = _digits(thing)
    return wanted


def _spellings(text: str, thing: Thing) -> set[str]:
    """Return a UUID as it may have been used for a client's own id, which keeps its spelling."""
    return {thing.value, text[thing.start : thing.end]}


def _digits(thing: Thing) -> str:
    return thing.value.replace("-", "")


def _hit(thing: Thing, text: str, held: Held, places: "_Places") -> Hit:
    if thing.kind in UUID_KINDS:
        return _id(thing, text, held)
    if thing.kind in ("code", "http_status"):
        return _number(thing, places)
    found, url = _other(thing, held)
    return Hit(thing.kind, thing.value, thing.start, thing.end, found, url)


def _id(thing: Thing, text: str, held: Held) -> Hit:
    """Name the kind that the store knows; the label decides only where the store does not."""
    identifier, spellings = UUID(thing.value), _spellings(text, thing)
    known = {
        "error_id": identifier in held.errors,
        "umid": identifier in held.messages or identifier in held.umids,
        "batch_id": identifier in held.batch_ids,
        "client_message_id": bool(spellings & held.client_message_ids),
        "client_batch_id": bool(spellings & held.client_batch_ids),
    }
    kind = next((kind for kind in (thing.kind, *ID_KINDS) if known.get(kind)), "")
    url, reading = _record(kind, identifier, held) if kind else ("", None)
    return Hit(kind or thing.kind, thing.value, thing.start, thing.end, bool(kind), url, reading)


def _record(kind: str, identifier: UUID, held: Held) -> tuple[str, Reading | None]:
    if kind == "error_id":
        error = held.errors[identifier]
        return error_page(identifier), readings.of_error(error)
    message = held.messages.get(identifier)
    if kind != "umid" or message is None:
        return lookup_page(str(identifier)), None
    return message_page(identifier), readings.of_message(message)


def _number(thing: Thing, places: "_Places") -> Hit:
    number = int(thing.value)
    context, channel = places.of(thing, number)
    reading = decode(context, channel, number)
    url = code_page(reading.registry, number) if reading.registry else ""
    # A status stands in many answers and is no record; a code is one of a registry.
    found = bool(reasons_for(number)) if thing.kind == "code" else None
    if found and not url:
        url = lookup_page(thing.value)
    return Hit(thing.kind, thing.value, thing.start, thing.end, found, url, reading)


def _other(thing: Thing, held: Held) -> tuple[bool | None, str]:
    if thing.kind == "phone":
        return thing.value in held.phones, ""  # a number belongs in no address
    if thing.kind == "partial_id":
        return _candidates(thing, held)
    if thing.kind == "client_message_id":
        found = thing.value in held.client_message_ids
    elif thing.kind == "client_batch_id":
        found = thing.value in held.client_batch_ids
    else:
        return None, ""
    return found, lookup_page(thing.value) if found else ""


def _candidates(thing: Thing, held: Held) -> tuple[bool, str]:
    pages = [
        *(error_page(error_id) for error_id in held.partial_errors),
        *(message_page(umid) for umid in held.partial_messages),
    ]
    if len(pages) == 1:
        return True, pages[0]
    return bool(pages), lookup_page(thing.value) if pages else ""


class _Places:
    """Where the numbers of a text were read: the record they stand in or with tells."""

    def __init__(self, text: str, things: Sequence[Thing], held: Held) -> None:
        self._by_number: dict[int, tuple[Context, str]] = {}
        for message in held.messages.values():
            if message.error_code is not None:
                place = Context(message.error_context), message.channel
                self._by_number[message.error_code] = place
        for error in held.errors.values():
            self._by_number[error.code] = Context.API_ERROR, error.channel
        self._add_pasted(text)
        self._beside_error = any(thing.kind == "error_id" for thing in things)

    def of(self, thing: Thing, number: int) -> tuple[Context, str]:
        """Return the context and channel in which to decode ``number``."""
        label = thing.label.lower()
        if thing.kind == "http_status":
            return Context.HTTP_STATUS, ""
        if "provider" in label:
            return Context.WHATSAPP_PROVIDER, ""
        if "sip" in label:
            return Context.SIP, ""
        bare = Context.API_ERROR if self._beside_error else Context.BARE
        return self._by_number.get(number, (bare, ""))

    def _add_pasted(self, text: str) -> None:
        """Read a text that is a whole payload, whether or not it ever came in."""
        try:
            records = parse(text.encode())
        except Unrecognised:
            return
        for record in records:
            if isinstance(record, ApiError):
                self._by_number[record.code] = Context.API_ERROR, record.channel
            elif isinstance(record, Receipt) and record.error_code is not None:
                self._by_number[record.error_code] = Context(record.context), record.channel
