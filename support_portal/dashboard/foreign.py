"""Showing bytes that came from outside: as text, bounded, without whole phone numbers."""

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise

LIMIT = 4096
_MARGIN = 64  # so that a number that the limit cuts is still seen as one
_SHOWN_DIGITS = 4
_DIGIT = re.compile(r"\d")
_UUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_NUMBER = r"\+\d(?:[ ().\-\u00a0]{0,2}\d){6,}|\d{8,}"
_UUID_OR_NUMBER = re.compile(rf"(?P<id>{_UUID})|(?P<number>{_NUMBER})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a body around a place in it, as text."""

    before: str
    marked: str
    after: str
    cut_before: bool = False
    cut_after: bool = False


def shown(body: bytes, limit: int = LIMIT) -> str:
    """Return the beginning of ``body`` as text; what is no text is shown as its number."""
    text = body[: limit + _MARGIN].decode(errors="backslashreplace")
    text = _CONTROL.sub(_escaped, mask_numbers(text))
    return text if len(body) <= limit else text[:limit] + "…"


def excerpt(body: bytes, start: int = 0, end: int = 0, limit: int = LIMIT) -> Excerpt:
    """Return ``body`` as text around the bytes from ``start`` to ``end``, which are marked.

    Numbers are masked before the text is parted, so that no cut shows more of one.
    """
    first = _boundary(body, max(0, start - limit // 2) if start > limit // 2 else 0)
    last = max(end, first + limit)
    margin = _boundary(body, max(0, first - _MARGIN))
    bounds = (margin, first, start, end, last, last + _MARGIN)
    pieces = [
        body[begin:stop].decode(errors="backslashreplace") for begin, stop in pairwise(bounds)
    ]
    text = mask_numbers("".join(pieces))
    ends = list(accumulate(map(len, pieces)))
    before, marked, after = (
        _CONTROL.sub(_escaped, text[begin:stop]) for begin, stop in pairwise(ends[:4])
    )
    return Excerpt(before, marked, after, first > 0, last < len(body))


def mask_numbers(text: str) -> str:
    """Hide all but the last four digits of what may be a phone number; ids stay whole."""
    return _UUID_OR_NUMBER.sub(_masked, text)


def _boundary(body: bytes, position: int) -> int:
    """Return the beginning of the character that ``position`` falls into."""
    for back in range(min(4, position)):
        if body[position - back : position - back + 1] and body[position - back] & 0xC0 != 0x80:
            return position - back
    return position


def _masked(match: re.Match[str]) -> str:
    if match["number"] is None:
        return match[0]
    number = match["number"]
    hidden = len(_DIGIT.findall(number)) - _SHOWN_DIGITS
    return _DIGIT.sub("•", number, count=hidden)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
