"""Ids of 32 hex digits, however they are dressed, wrapped or misread."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from support_portal.payloads.recognise.gaps import JOINT
from support_portal.payloads.recognise.labels import Label
from support_portal.payloads.recognise.scan import Scan
from support_portal.payloads.recognise.things import ID_KINDS, Thing

# What text recognition makes of 0 and 1: none of these is a hex digit, so it is certain.
_MISREAD = str.maketrans("oil", "011")
_MENDED = "Read with 0 for O and 1 for l or I, as text recognition mixes them up."
_HEX = frozenset("0123456789abcdef")


def _digits(signs: str, size: int) -> str:
    return f"(?:{JOINT}[{signs}]){{{size}}}"


_DASHED = re.compile(
    f"[0-9a-foil](?<![0-9a-f].){_digits('0-9a-foil', 7)}"
    + "".join(f"{JOINT}-{_digits('0-9a-foil', size)}" for size in (4, 4, 4, 12)),
    re.DOTALL,
)
_BARE = re.compile(r"[0-9a-f]{32}(?![0-9a-z_])")
_BARE_START = re.compile(r"(?<![0-9a-z_])(?:0x)?\Z")
# Any two words of 16 digits make 32: only directly behind a label.
_BARE_WRAPPED = re.compile(
    rf"[\"']?+{JOINT}[:=]?+{JOINT}[\"']?+([0-9a-f]{_digits('0-9a-f', 31)})(?![0-9a-z_])"
)
_NO_DIGIT = re.compile(f"-|(?=[^0-9a-foil]){JOINT}")

# A longer group of hex that a dash ties to the id, as in a W3C traceparent.
_CHAIN_BEFORE = re.compile(r"(?<![0-9a-z-])[0-9a-f]{9,40}-\Z")
_CHAIN_BEHIND = re.compile(r"-[0-9a-f]{9,40}(?![0-9a-z])")
_ANY_LINK_BEFORE = re.compile(r"[0-9a-f]-\Z")
_ANY_LINK_BEHIND = re.compile(r"-[0-9a-f]")
_LONGEST_CHAIN = 42
_MAIL_ADDRESS = re.compile(r"@[a-z0-9]")
# Hashes without a label: of the files of a web page, and in the output of md5sum.
_FILE = re.compile(
    r"\.(?:min\.|chunk\.|bundle\.)?(?:js|css|map|png|jpe?g|gif|svg|ico|webp|woff2?)\b| [ *][\w./-]{1,80}\.\w"
)
_VERSION = re.compile(r"[?&](?:v|ver|version|h|hash|rev|cb|_)=\Z")
_LONGEST_VERSION = 9
# 8x8 prints these with dashes; without, they are of other systems.
_DASHED_ONLY = frozenset(("eventid", "requestid", "callid"))

_LIST = re.compile(r"[\s\"'\])}]{0,6}(?:,|;|and|&|\n|[*•-])[\s\"'\[({*•-]{0,12}")
_SAME = re.compile(r"[\"'\])}]?[,;] ?[\"'\[({]?")
_LONGEST_SEPARATOR = 24


class _Digits(NamedTuple):
    """Where 32 hex digits stand."""

    start: int
    end: int
    written: str
    dashed: bool


def uuids(scan: Scan) -> Iterator[Thing]:
    """Yield the ids of the text; those of a list have the label of the list."""
    last_end, last_label = 0, None
    for digits in sorted(_candidates(scan), key=lambda digits: digits.start):
        label = scan.label(digits.start, digits.end)
        if label is None and last_label and _continues(scan, last_label, last_end, digits.start):
            label = last_label
        last_end, last_label = digits.end, label
        if _is_ours(scan, digits, label):
            yield _thing(digits, label)


def _continues(scan: Scan, label: Label, end: int, start: int) -> bool:
    """Tell whether an id goes on with the list of the id before: "umids A and B", "umid A, B"."""
    between = scan.lower[end : min(start, end + _LONGEST_SEPARATOR)]
    many = label.squeezed.endswith("s")
    return (_LIST if many else _SAME).fullmatch(between) is not None


def _thing(digits: _Digits, label: Label | None) -> Thing:
    mended = digits.written.translate(_MISREAD)
    kind = label.kind if label and label.kind in ID_KINDS else "uuid"
    told = label.text if label and label.kind in (*ID_KINDS, "uuid") else ""
    note = "" if mended == digits.written else _MENDED
    return Thing(kind, str(UUID(hex=mended)), digits.start, digits.end, told, note=note)


def _candidates(scan: Scan) -> Iterator[_Digits]:
    for found in scan.found(_DASHED, scan.lower, ("-",)):
        yield _Digits(*found.span(), _NO_DIGIT.sub("", found[0]), dashed=True)
    for found in _BARE.finditer(scan.lower):
        if _BARE_START.search(scan.lower, max(0, found.start() - 3), found.start()):
            yield _Digits(*found.span(), found[0], dashed=False)
    for label in scan.labels:
        wrapped = _BARE_WRAPPED.match(scan.lower, label.end) if label.kind in ID_KINDS else None
        if wrapped:
            yield _Digits(*wrapped.span(1), _NO_DIGIT.sub("", wrapped[1]), dashed=False)


def _is_ours(scan: Scan, digits: _Digits, label: Label | None) -> bool:
    if (label and label.kind == "no_id") or _is_glued(scan.lower, digits):
        return False
    if _MAIL_ADDRESS.match(scan.lower, digits.end):
        return False
    if digits.dashed:
        return not _links(scan.lower, digits, _CHAIN_BEFORE, _CHAIN_BEHIND)
    return not (
        _links(scan.lower, digits, _ANY_LINK_BEFORE, _ANY_LINK_BEHIND)
        or (label is not None and label.squeezed in _DASHED_ONLY)
        or _is_hash_of_file(scan.lower, digits)
    )


def _is_glued(text: str, digits: _Digits) -> bool:
    """Tell whether the id continues on either side and so is part of something longer."""
    before, behind = text[digits.start - 1 : digits.start], text[digits.end : digits.end + 1]
    if not _HEX.issuperset(digits.written):
        return before.isalnum() or behind.isalnum()
    return before in _HEX or behind in _HEX


def _links(text: str, digits: _Digits, before: re.Pattern[str], behind: re.Pattern[str]) -> bool:
    start = max(0, digits.start - _LONGEST_CHAIN)
    return bool(before.search(text, start, digits.start) or behind.match(text, digits.end))


def _is_hash_of_file(text: str, digits: _Digits) -> bool:
    start = max(0, digits.start - _LONGEST_VERSION)
    return bool(_FILE.match(text, digits.end) or _VERSION.search(text, start, digits.start))
