"""Base64 in a text: parts of mails, bodies in HAR files and logs, as readings of their own."""

import binascii
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from support_portal.payloads.recognise.readings import Reading

_LINE = re.compile(r"[A-Za-z0-9+/]{24,}+={0,2}+", re.ASCII)
# What glues a run to other signs; the three parts of a JWT stay secret and unread.
_GLUE = frozenset("=_.-")
_GLUE_BEFORE = frozenset("_.-")
_LAST_LINE = re.compile(r"\r?\n([A-Za-z0-9+/]{1,100}+={0,2}+)(?![A-Za-z0-9+/=_-])", re.ASCII)
_BREAK = re.compile(r"\r?\n")
_OCTETS = re.compile("[\x80-\xff]++")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SHORTEST_TEXT = 16
# Between two pieces: blank lines end a table and a record, a word parts a label from a value.
_BETWEEN = "\n\nnext\n\n"


class _Unpacked(Reading):
    """The octets of pieces of base64, each as one character; three stand in four letters.

    All pieces are one text, so that a thousand small ones are read as fast as a large one.
    """

    def __init__(self, pieces: list[bytes], lengths: list[int], letters: Reading) -> None:
        super().__init__(_BETWEEN.join(piece.decode("latin-1") for piece in pieces))
        self._letters = letters
        # Piece for piece: where it begins here, and among the letters.
        self._places = array("I", accumulate((len(p) + len(_BETWEEN) for p in pieces), initial=0))
        self._places_below = array("I", accumulate(lengths, initial=0))

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the place of the letters that hold what stands from ``start`` to ``end``."""
        piece = bisect_right(self._places, start) - 1
        place, below = self._places[piece], self._places_below[piece]
        return self._letters.origin(
            below + (start - place) * 4 // 3, below - (place - end) * 4 // 3
        )


def unpacked(reading: Reading) -> tuple[list[tuple[int, int]], Reading]:
    """Return the place of each piece of base64 that holds text, and the reading of all of them."""
    text = reading.text
    places: list[tuple[int, int]] = []
    pieces: list[bytes] = []
    lengths: list[int] = []
    for start, end in _pieces(text):
        letters = _BREAK.sub("", text[start:end])
        if octets := _decoded(letters):
            places.append((start, end))
            pieces.append(octets)
            lengths.append(len(letters))
    letters_alone = reading.replaced((*gap, "") for gap in _gaps(text, places))
    plain = _Unpacked(pieces, lengths, letters_alone)
    return places, plain.rewritten(_OCTETS, lambda run: run[0].encode("latin-1").decode())


def _gaps(text: str, places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield what is no letter of a piece: all between them, and the ends of their lines."""
    done = 0
    for start, end in places:
        yield done, start
        yield from (found.span() for found in _BREAK.finditer(text, start, end))
        done = end
    yield done, len(text)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where base64 may stand: lines of one length, and a shorter one that fills up."""
    start = end = width = 0
    for line in _LINE.finditer(text):
        if line.start() < end or _is_glued(text, line):
            continue
        if len(line[0]) != width or not _BREAK.fullmatch(text, end, line.start()):
            if width:
                yield start, end
            start, width = line.start(), len(line[0])
        end = _with_last_line(text, line, width)
    if width:
        yield start, end


def _is_glued(text: str, line: re.Match[str]) -> bool:
    before, behind = text[line.start() - 1 : line.start()], text[line.end() : line.end() + 2]
    return before in _GLUE_BEFORE or (behind[:1] in _GLUE and behind[1:].isalnum())


def _with_last_line(text: str, line: re.Match[str], width: int) -> int:
    """Return the end of the line, or of a shorter one behind it that fills the text up.

    A word of a sentence is made of the same letters.
    """
    last = _LAST_LINE.match(text, line.end())
    if width % 4 or last is None or len(last[1]) >= width or len(last[1]) % 4:
        return line.end()
    return last.end()


def _decoded(packed: str) -> bytes:
    """Return the octets if they are text, else nothing."""
    whole = packed.rstrip("=")
    whole = whole[: len(whole) - (len(whole) % 4 == 1)]
    try:
        octets = binascii.a2b_base64(whole + "=" * (-len(whole) % 4))
        octets.decode()
    except ValueError:
        return b""
    return b"" if len(octets) < _SHORTEST_TEXT or _NO_TEXT.search(octets) else octets
