"""Files that tests make up, held in memory."""

import json
from collections.abc import Iterator

from support_portal.ingest.files.columns import Table
from support_portal.ingest.files.cutting import Body, Window, cut
from support_portal.ingest.files.kinds import kind_of
from support_portal.ingest.files.streams import Text
from tests.ingest.sent import error, receipt

NDJSON = b"\n".join(json.dumps(error(number)).encode() for number in range(5))
RECEIPTS = b"\n".join(json.dumps(receipt(number)).encode() for number in range(5))


class Held:
    """Bytes as the source of a file, given out in small pieces."""

    def __init__(self, data: bytes, piece: int = 1000) -> None:
        self.data = data
        self.size = len(data)
        self.piece = piece

    def pieces(self, offset: int) -> Iterator[bytes]:
        for start in range(offset, self.size, self.piece):
            yield self.data[start : start + self.piece]


def read_all(data: bytes, position: int = 0, piece: int = 1000) -> tuple[bytes, str]:
    """Return the whole text of a file from a place on, and why it ended early."""
    text = Text(Held(data, piece))
    return b"".join(text.pieces(position)), text.problem


def bodies_of(data: bytes, name: str = "file", *, position: int = 0, shape: str = "") -> list[Body]:
    """Return the bodies that a file is cut into, from a place on."""
    text = Text(Held(data))
    kind = kind_of(text, name)
    table: Table | None = kind.table
    start = position or (table.header_size if table else 0)
    window = Window(text.pieces(start), start)
    return list(cut(window, shape or kind.shape, table, kind.root))
