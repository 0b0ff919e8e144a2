"""Everything in a pasted text that can be looked up: ids, numbers, codes, times."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from html import unescape
from itertools import chain

from support_portal.payloads.folding import Folded, fold
from support_portal.payloads.ids import parse_id
from support_portal.payloads.labels import Label, Labels
from support_portal.payloads.phones import leading_number
from support_portal.payloads.times import parse_time

_LONGEST_TEXT = 5_000_000
_ID_KINDS = frozenset(("error_id", "umid", "batch_id"))
_CLIENT_KINDS = frozenset(("client_message_id", "client_batch_id"))
_FLAGS = re.IGNORECASE | re.ASCII

# Ids are wrapped at their dashes by mail programs, so a little space may stand there.
_DASH = r"\s{0,3}-\s{0,3}"
_UUID = re.compile(_DASH.join(f"[0-9a-f]{{{size}}}" for size in (8, 4, 4, 4, 12)), _FLAGS)
_BARE_UUID = re.compile(r"(?<![0-9a-z_])(?:0x)?([0-9a-f]{32})(?![0-9a-z_])", _FLAGS)
_CHAIN_BEFORE = re.compile(r"(?<![0-9a-z])[0-9a-f]{1,40}-\Z", _FLAGS)
_CHAIN_BEHIND = re.compile(r"-[0-9a-f]{1,40}(?![0-9a-z])", _FLAGS)
_LONGEST_CHAIN = 42
_HEX = frozenset("0123456789abcdefABCDEF")
_SPACE = re.compile(r"\s+", re.ASCII)

_TIME = re.compile(
    r"(?<![0-9])([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"([.,][0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2}| ?UTC)?(?![0-9])",
    re.ASCII,
)
_PHONE = re.compile(r"(?<![0-9A-Za-z])\+[1-9][0-9 ().-]{5,22}[0-9](?![0-9A-Za-z•*])", re.ASCII)
_GAP = r"""(?:/[0-9.]{1,3})?[\s"'\\:=>#(\[]{1,12}(?:is\s{1,3}|was\s{1,3})?"""
_LABELLED_NUMBER = re.compile(_GAP + r"(-?[0-9]{1,10})(?![0-9a-z_]|[.:,-][0-9])", _FLAGS)
_LABELLED_PHONE = re.compile(_GAP + r"([1-9][0-9]{7,14})(?![0-9a-z_.-])", _FLAGS)
# Codes of other kinds: "country code 65", "verification code 482913".
_OTHER_CODE = re.compile(
    r"(?:country|zip|postal|post|verification|area|calling|dial|dialling|dialing|pin|otp|security"
    r"|currency|login|access|language|qr|source|exit|promo|discount)[ _-]\Z",
    _FLAGS,
)
_LONGEST_WORD_BEFORE = 15
_CLIENT_GAP = re.compile(r"""\\{0,2}["']?\s{0,4}([:=>]?)\s{0,4}\\{0,2}(["']?)""", re.ASCII)
_TOKEN = re.compile(r"""[^\s"'<>{}\[\],;&\\]{1,350}""")
_NOTHING = frozenset(("null", "none", "nil", "undefined", "true", "false", "-", "n/a"))

_PARTIAL = re.compile(
    r"[0-9a-f]{8,31}|[0-9a-f]{8}-(?:[0-9a-f]{1,4}|[0-9a-f]{4}-[0-9a-f]{1,4}"
    r"|[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{1,4}|[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{1,11})",
    _FLAGS,
)
_CUT = " \t\r\n\"'`{}()[]<>.…?*-"
_INTEGER = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_DIGITS = re.compile(r"[1-9][0-9]{9,14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be looked up, with its place in the original text."""

    kind: str
    value: str
    start: int
    end: int
    label: str


def recognise(text: str) -> list[Thing]:
    """Return each distinct thing in ``text`` once, in order of appearance."""
    folded = fold(text[:_LONGEST_TEXT])
    labels = Labels(folded.text)
    taken = bytearray(len(folded.text))
    found: list[Thing] = []
    for thing in chain(
        _client_ids(folded.text, labels),
        _uuids(folded.text, labels),
        _times(folded.text),
        _phones(folded.text, labels),
        _numbers(folded.text, labels),
    ):
        if not any(taken[thing.start : thing.end]):
            taken[thing.start : thing.end] = b"\x01" * (thing.end - thing.start)
            found.append(thing)
    things = _distinct(sorted(found, key=lambda thing: thing.start))
    return [_placed(thing, folded) for thing in things or _whole(folded.text)]


def _placed(thing: Thing, folded: Folded) -> Thing:
    return replace(thing, start=folded.start(thing.start), end=folded.end(thing.end))


def _distinct(things: Iterable[Thing]) -> list[Thing]:
    """Keep the first of equals; an id without a label takes the kind a later label gives it."""
    kept: dict[tuple[str, str], Thing] = {}
    unlabelled: dict[str, Thing] = {}
    for thing in things:
        if thing.kind in _ID_KINDS and thing.value in unlabelled:
            first = unlabelled.pop(thing.value)
            del kept[first.kind, first.value]
            kept[thing.kind, thing.value] = replace(first, kind=thing.kind, label=thing.label)
        elif thing.kind != "uuid":
            kept.setdefault((thing.kind, thing.value), thing)
        elif not any((kind, thing.value) in kept for kind in (*_ID_KINDS, "uuid")):
            kept["uuid", thing.value] = unlabelled[thing.value] = thing
    return sorted(kept.values(), key=lambda thing: thing.start)


def _uuids(text: str, labels: Labels) -> Iterator[Thing]:
    for found in _UUID.finditer(text):
        if not _is_glued(text, *found.span()):
            yield from _uuid(text, *found.span(), labels)
    for found in _BARE_UUID.finditer(text):
        if not _is_chained(text, *found.span(1)):
            yield from _uuid(text, *found.span(1), labels)


def _uuid(text: str, start: int, end: int, labels: Labels) -> Iterator[Thing]:
    label = labels.of(start, end)
    kind = label.kind if label else "uuid"
    id = parse_id(_SPACE.sub("", text[start:end]))
    if id is not None and kind != "no_id":
        told = label.text if label else ""
        yield Thing(kind if kind in _ID_KINDS else "uuid", str(id), start, end, told)


def _is_glued(text: str, start: int, end: int) -> bool:
    """Tell whether the id continues as hex on either side and so is part of something longer."""
    before = text[start - 1 : start]
    # A percent-encoded character before the id ends in hex digits of its own.
    if before in _HEX and text[max(0, start - 3) : max(0, start - 2)] != "%":
        return True
    return text[end : end + 1] in _HEX or _is_chained(text, start, end)


def _is_chained(text: str, start: int, end: int) -> bool:
    """Tell whether dashes tie the id to more hex, as in a W3C traceparent."""
    before = _CHAIN_BEFORE.search(text, max(0, start - _LONGEST_CHAIN), start)
    behind = _CHAIN_BEHIND.match(text, end)
    return any(link is not None and not link[0].strip("-").isalpha() for link in (before, behind))


def _client_ids(text: str, labels: Labels) -> Iterator[Thing]:
    for label in labels:
        gap = _CLIENT_GAP.match(text, label.end) if label.kind in _CLIENT_KINDS else None
        if gap is None:
            continue
        start, end = gap.end(), _client_id_end(text, gap)
        value = unescape(text[start:end]) if gap[1] == ">" else text[start:end]
        certain = gap[1] or any(character.isdigit() for character in value)
        if value.strip() and certain and value.lower() not in _NOTHING:
            yield Thing(label.kind, value, start, end, label.text)


def _client_id_end(text: str, gap: re.Match[str]) -> int:
    """Return where the value ends: at its quote, at the next tag, or with the word."""
    start = gap.end()
    closing = gap[2] or ("<" if gap[1] == ">" else "")
    if closing:
        place = text.find(closing, start, start + 351)
        if place >= 0 and "\n" not in text[start:place]:
            return place - (text[place - 1] == "\\")
    token = _TOKEN.match(text, start)
    return token.end() if token else start


def _times(text: str) -> Iterator[Thing]:
    for found in _TIME.finditer(text):
        fraction = (found[2] or "").replace(",", ".")
        zone = "Z" if (found[3] or "").strip() == "UTC" else found[3] or ""
        try:
            moment = parse_time(found[1] + fraction + zone)
        except ValueError:
            continue
        yield Thing("time", _written(moment), *found.span(), "")


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _phones(text: str, labels: Labels) -> Iterator[Thing]:
    for found in _PHONE.finditer(text):
        label = labels.of(*found.span())
        told = label.text if label and label.kind == "phone" else ""
        yield from _phone(found[0], found.start(), told)
    for label in labels:
        labelled = _LABELLED_PHONE.match(text, label.end) if label.kind == "phone" else None
        if labelled:
            yield from _phone(labelled[1], labelled.start(1), label.text)


def _phone(written: str, start: int, told: str) -> Iterator[Thing]:
    number, length = leading_number(written)
    if number:
        yield Thing("phone", number, start, start + length, told)


def _numbers(text: str, labels: Labels) -> Iterator[Thing]:
    for label in labels:
        if label.kind not in ("code", "http_status"):
            continue
        found = _LABELLED_NUMBER.match(text, label.end)
        kind = _number_kind(text, label, int(found[1])) if found else ""
        if found and kind:
            yield Thing(kind, str(int(found[1])), *found.span(1), label.text)


def _number_kind(text: str, label: Label, number: int) -> str:
    """Tell a code from an HTTP status; "" where the label means something else."""
    word = label.text.lower()
    if _OTHER_CODE.search(text, max(0, label.start - _LONGEST_WORD_BEFORE), label.start):
        return ""
    if label.kind == "http_status" or (word == "error" and 400 <= number < 600):
        return "http_status" if 100 <= number < 600 else ""
    return "code"


def _whole(text: str) -> list[Thing]:
    """Read a text that holds nothing else: a bare number, or an id that was cut short."""
    bare = text.strip(_CUT) if len(text) <= 100 else ""
    if not bare:
        return []
    start = text.index(bare)
    if text[start - 1 : start] == "-" and _INTEGER.fullmatch("-" + bare):
        bare, start = "-" + bare, start - 1
    span = (start, start + len(bare), "")
    things = []
    if _INTEGER.fullmatch(bare):
        things.append(Thing("code", str(int(bare)), *span))
    if _DIGITS.fullmatch(bare):
        things.extend(_phone(bare, start, ""))
    if _PARTIAL.fullmatch(bare):
        things.append(Thing("partial_id", bare.lower(), *span))
    return things
