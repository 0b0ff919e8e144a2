"""Plain text in pieces: paragraphs, lines, and the addresses in them.

A template escapes each piece, so no markup is ever built from what somebody typed.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

from support_portal.comments.mentions import NAME, QUOTED

# Only http and https: javascript:, data: and the like stay text.
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'`\u2028\u2029]{1,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?…’”»"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_BLANK = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: text, an address to follow, or the name of a person who is called."""

    text: str
    href: str = ""
    called: bool = False


Line = tuple[Piece, ...]
Paragraph = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Paragraphs that belong together: what somebody says, or what they quote."""

    quoted: bool
    paragraphs: tuple[Paragraph, ...]


def blocks(text: str, names: Collection[str] = ()) -> tuple[Block, ...]:
    """Return ``text`` parted into what is said and what is quoted; ``names`` are called in it."""
    found = []
    for quoted, lines in groupby(text.split("\n"), key=lambda line: line.startswith(QUOTED)):
        if quoted:
            shown = "\n".join(line.removeprefix(QUOTED).removeprefix(" ") for line in lines)
            found.append(Block(quoted, paragraphs(shown)))
        elif (shown := "\n".join(lines)).strip():
            found.append(Block(quoted, paragraphs(shown, names)))
    return tuple(found)


def paragraphs(text: str, names: Collection[str] = ()) -> tuple[Paragraph, ...]:
    """Return ``text`` as paragraphs of lines of pieces; nothing of it is lost but blank lines."""
    parts = _BLANK.split(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))
    called = frozenset(name.lower() for name in names)
    return tuple(tuple(tuple(_pieces(line, called)) for line in part.split("\n")) for part in parts)


def _pieces(line: str, names: Collection[str]) -> Iterator[Piece]:
    for piece in _linked(line):
        if piece.href or not names:
            yield piece
        else:
            yield from _calling(piece.text, names)


def _calling(text: str, names: Collection[str]) -> Iterator[Piece]:
    """Part a text at the names that it calls."""
    place = 0
    for found in NAME.finditer(text):
        name = found[1]
        while name and name.lower() not in names:
            name = name[:-1] if name[-1] in ".@+-" else ""
        if not name:
            continue
        if found.start() > place:
            yield Piece(text[place : found.start()])
        place = found.start() + 1 + len(name)
        yield Piece(text[found.start() : place], called=True)
    if place < len(text) or not text:
        yield Piece(text[place:])


def _linked(line: str) -> Iterator[Piece]:
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
