"""The elements of an array that is broken somewhere: its good neighbours must survive."""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec
from msgspec import Raw

DECODING_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
ARRAY = msgspec.json.Decoder(list[Raw])
_ANYTHING = msgspec.json.Decoder(Raw)
# A string of JSON never holds a raw newline, so one that is not closed ends with its line.
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"?|[\[\]{},]')
_NEXT_OBJECT = re.compile(rb",[ \t\r\n]*(?=\{)")
_CLOSES = {ord("]"): ord("["), ord("}"): ord("{")}
_SPACE = b" \t\r\n"
_MOST_TRIES = 32


def is_json(text: bytes) -> bool:
    """Tell whether ``text`` is one JSON value, without building it."""
    try:
        _ANYTHING.decode(text)
    except DECODING_ERRORS:
        return False
    return True


def elements(text: bytes) -> Iterator[bytes]:
    """Yield the elements of ``text``, which starts with a bracket and may miss its end."""
    start, end = 1, len(text) - text.endswith(b"]")
    for comma in _commas(text, end):
        yield from _rescued(text[start:comma].strip(_SPACE))
        start = comma + 1
    last = text[start:end].strip(_SPACE)
    if last or start > 1:
        yield from _rescued(last)


def _commas(text: bytes, end: int) -> Iterator[int]:
    """Yield the places of the commas between elements."""
    open_brackets = bytearray()
    for token in _TOKEN.finditer(text, 1, end):
        mark = text[token.start()]
        if mark == ord(","):
            if not open_brackets:
                yield token.start()
        elif mark in b"[{":
            open_brackets.append(mark)
        elif mark in b"]}":
            _close(open_brackets, _CLOSES[mark])


def _close(open_brackets: bytearray, opening: int) -> None:
    """Close the nearest bracket of its kind and all inside it; ignore one that closes nothing."""
    place = open_brackets.rfind(opening)
    if place >= 0:
        del open_brackets[place:]


def _rescued(piece: bytes) -> Iterator[bytes]:
    """Yield a broken element apart from the good ones it swallowed for want of a bracket."""
    if piece.startswith(b"{") and not is_json(piece):
        for boundary in islice(_NEXT_OBJECT.finditer(piece), _MOST_TRIES):
            try:
                swallowed = ARRAY.decode(b"[" + piece[boundary.end() :] + b"]")
            except DECODING_ERRORS:
                continue
            yield piece[: boundary.start()]
            yield from map(bytes, swallowed)
            return
    yield piece
