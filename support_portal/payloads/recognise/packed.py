"""Base64 in a text: parts of mails, bodies in HAR files and logs, as readings of their own."""

import binascii
import re
from collections.abc import Iterator

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


class _Unpacked(Reading):
    """The octets of a base64 text, each as one character; three stand in four."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the place of the letters that hold what stands from ``start`` to ``end``."""
        return super().origin(start * 4 // 3, -(-end * 4 // 3))


def unpacked(reading: Reading) -> Iterator[tuple[int, int, Reading]]:
    """Yield the place of each piece of base64 that holds text, and the reading of that text."""
    for start, end in _pieces(reading.text):
        packed = reading.part(start, end).rewritten(_BREAK, lambda _: "")
        octets = _decoded(packed.text)
        if octets:
            plain = _Unpacked(octets.decode("latin-1"), packed)
            yield (
                start,
                end,
                plain.rewritten(_OCTETS, lambda run: run[0].encode("latin-1").decode()),
            )


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
