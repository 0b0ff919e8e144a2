"""The words that stand before a value and say what it is, in the spellings people use."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS: dict[str, tuple[str, ...]] = {
    "client_message_id": ("client message id", "client msg id"),
    "client_batch_id": ("client batch id",),
    "error_id": ("error id", "error uuid", "error guid", "err id"),
    "umid": ("reply to umid", "umid", "message id", "msg id", "message uuid"),
    "batch_id": ("batch id",),
    "code": (
        "provider error code",
        "error code",
        "reason code",
        "sip code",
        "err code",
        "code",
        "error",
        "err",
    ),
    "http_status": (
        "http status code",
        "http error code",
        "http response code",
        "http status",
        "http error",
        "http code",
        "response code",
        "status code",
        "status",
        "http",
    ),
    "phone": ("msisdn", "phone number", "phone", "mobile", "destination", "tel"),
    # Named only so that the value beside them is not taken for one of ours.
    "uuid": ("event id", "request id", "session id", "call id", "channel id", "account id"),
    "no_id": (
        "trace id",
        "span id",
        "md5",
        "etag",
        "sha1",
        "sha256",
        "hash",
        "checksum",
        "token",
        "api key",
        "secret",
        "password",
    ),
}
_JOINT = "[ _-]?"
_KINDS = {word.replace(" ", ""): kind for kind, words in _WORDS.items() for word in words}
_LABEL = re.compile(
    "(?<![A-Za-z0-9])(?:"
    + "|".join(sorted((w.replace(" ", _JOINT) for ws in _WORDS.values() for w in ws), reverse=True))
    + ")(?![A-Za-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_SQUEEZE = str.maketrans("", "", " _-")
_PATHS = {"messages": "umid", "errors": "error_id", "batches": "batch_id"}
_PATH = re.compile(r"/(messages|errors|batches)/\Z", re.IGNORECASE | re.ASCII)
_LONGEST_PATH = 10
_BEHIND = re.compile(r"\s{0,3}[(\[]\s{0,2}([A-Za-z _-]{2,20})[)\]]", re.ASCII)
# Percent-encoded signs and the entity of the quote are no words.
_WORD = re.compile(r"%[0-9A-Fa-f]{2}|&quot;|[A-Za-z0-9]+", re.ASCII)
_FILLERS = frozenset(("is", "was", "no", "nr", "number", "value", "are"))
_LONGEST_GAP = 24


@dataclass(frozen=True, slots=True)
class Label:
    """A label where it stands in the folded text."""

    kind: str
    text: str
    start: int
    end: int


class Labels:
    """All labels of one text, to ask for the one that belongs to a place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._labels = [
            Label(_KINDS[found[0].translate(_SQUEEZE).lower()], found[0], *found.span())
            for found in _LABEL.finditer(text)
        ]
        self._ends = [label.end for label in self._labels]

    def __iter__(self) -> Iterator[Label]:
        return iter(self._labels)

    def of(self, start: int, end: int) -> Label | None:
        """Return the label of the value at ``start``: before it, in its path, or behind it."""
        return self._before(start) or self._in_path(start) or self._behind(end)

    def _before(self, start: int) -> Label | None:
        index = bisect_right(self._ends, start) - 1
        if index < 0 or start - self._ends[index] > _LONGEST_GAP:
            return None
        between = _WORD.findall(self._text, self._ends[index], start)
        fits = all(word[0] in "%&" or word.lower() in _FILLERS for word in between)
        return self._labels[index] if fits else None

    def _in_path(self, start: int) -> Label | None:
        found = _PATH.search(self._text, max(0, start - _LONGEST_PATH), start)
        if found is None:
            return None
        return Label(_PATHS[found[1].lower()], found[1], found.start(1), found.end(1))

    def _behind(self, end: int) -> Label | None:
        found = _BEHIND.match(self._text, end)
        kind = _KINDS.get(found[1].translate(_SQUEEZE).lower()) if found else None
        return Label(kind, found[1].strip(), *found.span(1)) if found and kind else None
