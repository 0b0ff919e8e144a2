"""Unpacking gzip piece by piece: never more memory than a piece, however much comes out of it."""

import zlib
from collections.abc import Iterable, Iterator

PIECE = 256 * 2**10
MAGIC = b"\x1f\x8b"
_SLICE = 64 * 2**10
_FORMAT = zlib.MAX_WBITS | 16  # gzip, and nothing else
# Honest logs shrink thirty times, a bomb a thousand times.  Small ones may do as they like.
_MOST_SHRUNK = 150
_ALLOWANCE = 64 * 2**20

_BOMB = (
    "The packed data grow beyond all measure: {read:,} bytes became {made:,}. "
    "Reading stopped there; what came before was taken."
)
_CUT = (
    "The packed data end too early, after {made:,} bytes of text: the file was cut. "
    "What came before was taken."
)
_DAMAGED = "The packed data are damaged after {made:,} bytes of text. What came before was taken."
_TRAILING = (
    "After the packed data come bytes that are not gzip; they were not read. "
    "What came before was taken."
)


class Unpacker:
    """Unpacks what may be several gzip files joined end to end, and says where it had to stop."""

    def __init__(self) -> None:
        self.problem = ""
        self.read = 0  # packed bytes that have been used
        self.made = 0  # bytes of text that came out of them
        self._inner = zlib.decompressobj(_FORMAT)
        self._members = 0
        self._made_before = 0  # by the members before this one

    def pieces(self, packed: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the text; ``problem`` says why it ended, when it ended before the file did."""
        for data in _slices(packed):
            yield from self._of(data)
            if self.problem:
                return
        if not self._inner.eof:
            self.problem = _CUT.format(made=self.made)

    def _of(self, data: bytes) -> Iterator[bytes]:
        """Yield the text of one slice."""
        arrived = self.read + len(data)
        full = False  # a full piece may have left more inside
        while (data or full) and not self.problem:
            if self._inner.eof:
                data = data.lstrip(b"\0")  # tapes are padded
                if data:
                    self._begin_member()
                full = False
                continue
            piece = self._step(data)
            data = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
            full = len(piece) == PIECE
            self.read = arrived - len(data)
            if piece:
                yield piece
        if not self.problem:
            self.read = arrived

    def _step(self, data: bytes) -> bytes:
        before = self._inner.copy()
        try:
            piece = self._inner.decompress(data, PIECE)
        except zlib.error:
            piece = _salvaged(before, data)
            nothing_yet = self._members and self.made + len(piece) == self._made_before
            words = _TRAILING if nothing_yet else _DAMAGED
            self.problem = words.format(made=self.made + len(piece))
        self.made += len(piece)
        if self.made > _ALLOWANCE + _MOST_SHRUNK * (self.read + len(data)):
            self.problem = _BOMB.format(made=self.made, read=self.read + len(data))
        return piece

    def _begin_member(self) -> None:
        self._members += 1
        self._made_before = self.made
        self._inner = zlib.decompressobj(_FORMAT)


def _salvaged(inner: "zlib._Decompress", data: bytes) -> bytes:
    """Return what came out before the damage: less than a piece, or there had been no error yet."""
    made = bytearray()
    try:
        for place in range(len(data)):
            made += inner.decompress(data[place : place + 1])
    except zlib.error:
        pass
    return bytes(made)


def _slices(packed: Iterable[bytes]) -> Iterator[bytes]:
    """Yield small slices: what does not fit into one step is copied for the next."""
    for piece in packed:
        for start in range(0, len(piece), _SLICE):
            yield piece[start : start + _SLICE]
