"""Plain text in pieces: paragraphs, lines, and the addresses in them.

A template escapes each piece, so no markup is ever built from what somebody typed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Only http and https: javascript:, data: and the like stay text.
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'`\u2028\u2029]{1,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?…’”»"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_BLANK = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: text, or an address to follow."""

    text: str
    href: str = ""


Line = tuple[Piece, ...]
Paragraph = tuple[Line, ...]


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Return ``text`` as paragraphs of lines of pieces; nothing of it is lost but blank lines."""
    parts = _BLANK.split(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))
    return tuple(tuple(tuple(_pieces(line)) for line in part.split("\n")) for part in parts)


def _pieces(line: str) -> Iterator[Piece]:
    place = 0
    for found in _ADDRESS.finditer(line):
        address = _without_trailing(found[0])
        if found.start() > place:
            yield Piece(line[place : found.start()])
        yield Piece(address, address)
        place = found.start() + len(address)
    if place < len(line) or not line:
        yield Piece(line[place:])


def _without_trailing(address: str) -> str:
    """Leave to the sentence what ends a sentence, and a bracket that was opened before."""
    while address:
        last = address[-1]
        opened = _PAIRS.get(last)
        unpaired = opened is not None and address.count(last) > address.count(opened)
        if last not in _TRAILING and not unpaired:
            break
        address = address[:-1]
    return address
