"""Lines of a log that hold a JSON object among other words: the object is what can be understood."""

import json
import re

from support_portal.payloads.arrays import is_json

# A line that begins with anything but an object, an array or a string of JSON.
_WORDY = re.compile(rb'^[ \t]*[^{\[\s"][^\n]*\{', re.MULTILINE)
_SPACE = b" \t\r\n"


def with_objects(lines: bytes) -> bytes:
    """Return ``lines`` with the objects in front; the words around one become its field "line"."""
    if not _WORDY.search(lines):
        return lines
    return b"\n".join(map(_object_of, lines.split(b"\n")))


def _object_of(line: bytes) -> bytes:
    if not _WORDY.match(line):
        return line
    start, end = line.find(b"{"), line.rfind(b"}") + 1
    found = line[start:end]
    if not is_json(found) or not found[1:-1].strip(_SPACE):
        return line
    words = json.dumps(
        (line[:start] + "…".encode() + line[end:].rstrip(b"\r")).decode(errors="replace")
    )
    return found[:-1] + b', "line": ' + words.encode() + b"}"
