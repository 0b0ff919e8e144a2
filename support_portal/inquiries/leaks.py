"""What must not leave: whole phone numbers, keys, one-time codes, bodies of messages.

Text is made plain first, so that other digits, signs that hide and full-width letters hide nothing.
Whatever is doubtful counts as a leak: a person may set a finding aside, and that is recorded.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from itertools import accumulate
from urllib.parse import unquote

from support_portal.payloads import phones

NUMBER, KEY, ONE_TIME, BODY = "number", "key", "one_time", "body"
REMOVED = "[removed]"
_BETWEEN = "\n\x1e\n"
_GAP = r"(?:\) ?| ?\(| {1,2}| ?[.\-/_*~+\u2010-\u2015]{1,2} ?)?"
_ENCODED = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})", re.IGNORECASE)
_SIGNS_OF_CODE = frozenset("%&\\")  # a text without them hides nothing in an encoding
_DEEPEST = 3  # encodings around one another
_NOT_NUMBERS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?<![+0-9])(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:[0-2][0-9]|3[01])"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,7})?)?)?(?![0-9])",
    re.IGNORECASE,
)
_NUMBERS = re.compile(rf"\+ ?[0-9](?:{_GAP}[0-9]){{6,14}}|[0-9](?:{_GAP}[0-9]){{8,}}")
_WORDS_OF_KEYS = (
    r"(?:authorization|x-api-key|api[ _-]?key|client[ _-]?secret|secret|access[ _-]?token|token)"
)
_KEYS = re.compile(
    r"\b(?:bearer|basic)[\s\"'`:=,;_<>()\[\]{}|-]{1,8}[\w.~+/=-]{6,}"
    r"|(?-i:\b(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA)[A-Z0-9]{12,})"
    r"|(?-i:\b(?:sk|pk|rk)_(?:live|test)_|\bgh[opsu]_|\bxox[abprs]-|\bAIza)[\w-]{8,}"
    rf"|{_WORDS_OF_KEYS}\s+(?:is\s+)?[\"'`]?(?=[\w+/=.-]*[0-9])[\w+/=.-]{{12,}}"
    rf"|{_WORDS_OF_KEYS}[\"']?\s*[:=]\s*[\"']?(?:(?=[^\s\"',;]*[0-9])[^\s\"',;]{{8,}}|[^\s\"',;]{{20,}})"
    r"|(?:password|passwd|pwd)[\"']?\s*[:=]\s*[\"']?[^\s\"',;]{4,}"
    r"|eyJ[\w-]{8,}\.[\w-]{4,}[\w.-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b[0-9a-f]{32,}\b",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"[A-Za-z0-9_+/=-]{24,}")
_OF_EACH = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
_ONE_TIME = re.compile(
    r"\b(?:otp|one[ -]?time(?: [a-z]+)?|verification|passcode|security code|authentication code"
    r"|login code|your (?:[a-z0-9]+ )?code|pin)\b[^\n]{0,40}?(?<![0-9])[0-9](?:[ -]?[0-9]){3,7}(?![0-9])"
    r"|(?<![0-9])[0-9](?:[ -]?[0-9]){3,7}(?![0-9])[^\n]{0,15}\bis your\b|\bG-[0-9]{6}\b"
    # Four digits after "code is" are as a rule those of an error.
    r"|\b(?:code|c[oó]digo|kode)\W{0,3}(?:is|was|es|adalah)\b\W{0,4}[0-9](?:[ -]?[0-9]){4,7}(?![0-9])"
    r"|\b(?:use|enter|type)\b\W{0,3}(?:the |this )?(?:code\W{0,3})?[0-9](?:[ -]?[0-9]){3,7}(?![0-9])[^\n]{0,20}\bto\b",
    re.IGNORECASE,
)
_BODIES = re.compile(
    r"[\"']?\b(?:text|body|content|message_?text|sms_?text|template_?body)[\"']?\s*[:=]\s*[\"'\u201c][^\n]{2,}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that must not leave, and the place where it stands."""

    kind: str
    place: str
    found: str  # the whole of it; pages show ``hint``

    @property
    def hint(self) -> str:
        """Return enough to find it and too little to use it."""
        return f"{self.found[:3]}…{self.found[-2:]}" if len(self.found) > 8 else "…"


def plainly(text: str) -> str:
    """Return ``text`` as it is read: one kind of digits and letters, nothing that hides."""
    if not _SIGNS_OF_CODE.isdisjoint(text):
        text = _decoded(text)
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # what most evidence is: a page may hold ten thousand texts
    kept = "".join(
        " " if sign == "\t" else sign
        for sign in unicodedata.normalize("NFKC", text)
        if sign in "\n\t" or unicodedata.category(sign) not in ("Cf", "Cc", "Mn", "Me")
    )
    return "".join(
        str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign
        for sign in kept
    )


def _decoded(text: str) -> str:
    """Return ``text`` without what addresses, HTML and JSON make of signs."""
    for _ in range(_DEEPEST):
        before = text
        text = _ENCODED.sub(_sign, unescape(unquote(text)))
        if text == before:
            break
    return text


def _sign(encoded: re.Match[str]) -> str:
    sign = chr(int(encoded[1] or encoded[2], 16))
    return encoded[0] if unicodedata.category(sign) == "Cs" else sign  # half of one is none


def leaks(texts: Iterable[tuple[str, str]]) -> list[Leak]:
    """Return what leaks in ``texts`` of (place, text), in one pass over all of them."""
    first: dict[str, str] = {}
    for place, text in texts:
        if text:
            first.setdefault(text, place)
    distinct: dict[str, str] = {}
    for text, place in first.items():
        distinct.setdefault(plainly(text), place)
    whole = _BETWEEN.join(distinct)
    starts = [0, *accumulate(len(text) + len(_BETWEEN) for text in distinct)]
    places = list(distinct.values())
    return [
        Leak(kind, places[bisect_right(starts, start) - 1], found)
        for kind, start, found in _found(whole)
    ]


def cleaned(text: str) -> str:
    """Return ``text`` with numbers masked and everything else that leaks taken out.

    A text without any is returned as it came.
    """
    for _ in range(5):
        found = leaks([("", text)])
        if not found:
            return text
        text = plainly(text)
        for each in sorted(found, key=lambda leak: -len(leak.found)):
            text = text.replace(each.found, _without(each))
    return REMOVED


def _found(whole: str) -> Iterator[tuple[str, int, str]]:
    numbers = _NOT_NUMBERS.sub(lambda each: "·" * len(each[0]), whole)
    for kind, pattern, text in (
        (NUMBER, _NUMBERS, numbers),
        (KEY, _KEYS, numbers),
        (ONE_TIME, _ONE_TIME, numbers),
        (BODY, _BODIES, whole),
    ):
        for each in pattern.finditer(text):
            yield kind, each.start(), whole[each.start() : each.end()]
    for each in _LONG_WORD.finditer(numbers):
        if all(len(signs.findall(each[0])) >= 2 for signs in _OF_EACH) and "/" not in each[0][:1]:
            yield KEY, each.start(), each[0]


def _without(leak: Leak) -> str:
    if leak.kind != NUMBER:
        return REMOVED
    number = phones.normalise(leak.found)
    return phones.mask(number) if number else REMOVED
