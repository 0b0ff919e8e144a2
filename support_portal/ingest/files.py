"""Reading event files in bodies of a size that the intake takes."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from support_portal.payloads import split

BODY_SIZE = 1 * 2**20
WHOLE_LIMIT = 256 * 2**20  # a JSON document that is not NDJSON has to be read in one piece


class UnreadableFile(Exception):
    """The file cannot be taken; the message says why and what to do."""


def bodies(file: Path) -> Iterator[tuple[bytes, int]]:
    """Yield ``(body, bytes read so far)`` of an NDJSON or JSON file, ``.gz`` or plain.

    NDJSON is streamed; a JSON document is read whole and must be smaller than WHOLE_LIMIT.
    """
    with _open(file) as stream:
        first = stream.readline()
        if _is_event_line(first):
            yield from _lines(stream, first)
        else:
            yield from _document(stream, first, file)


def _open(file: Path) -> IO[bytes]:
    try:
        return cast(IO[bytes], gzip.open(file)) if file.suffix == ".gz" else file.open("rb")
    except OSError as error:
        raise UnreadableFile(error.strerror or str(error)) from None


def _is_event_line(line: bytes) -> bool:
    """Tell whether a whole object stands on the line: then the file is NDJSON."""
    text = line.strip()
    return text.startswith(b"{") and text.endswith(b"}") and len(text) > 2


def _lines(stream: IO[bytes], first: bytes) -> Iterator[tuple[bytes, int]]:
    read = len(first)
    lines = [first]
    while more := stream.readlines(BODY_SIZE):
        lines.extend(more)
        read += sum(map(len, more))
        yield b"".join(lines), read
        lines = []
    if lines:
        yield b"".join(lines), read


def _document(stream: IO[bytes], first: bytes, file: Path) -> Iterator[tuple[bytes, int]]:
    text = first + stream.read(WHOLE_LIMIT - len(first) + 1)
    if len(text) > WHOLE_LIMIT:
        raise UnreadableFile(
            f"one JSON document of more than {WHOLE_LIMIT >> 20} MB. "
            "Write it as NDJSON (one event a line); that is streamed."
        )
    items = split(text)
    if len(items) < 2:
        yield text, len(text)
        return
    batch: list[bytes] = []
    size = read = 0
    for item in items:
        batch.append(item.raw)
        size += len(item.raw)
        if size >= BODY_SIZE:
            read += size
            yield b"[" + b",".join(batch) + b"]", read
            batch, size = [], 0
    if batch:
        yield b"[" + b",".join(batch) + b"]", len(text)
