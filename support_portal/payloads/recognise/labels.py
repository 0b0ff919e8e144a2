"""The words that stand before a value and say what it is, in the spellings people use."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from support_portal.payloads.recognise.gaps import TAG

_WORDS: dict[str, tuple[str, ...]] = {
    "client_message_id": ("client message id", "client msg id"),
    "client_batch_id": ("client batch id",),
    "error_id": ("error id", "error uuid", "error guid", "err id", "error reference"),
    "umid": ("reply to umid", "umid", "message id", "msg id", "message uuid"),
    "batch_id": ("batch id", "batch uuid"),
    "code": (
        "provider error code",
        "provider code",
        "error code",
        "reason code",
        "status error code",
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
        "response status",
        "status code",
        "status",
        "http",
    ),
    "phone": (
        "msisdn",
        "phone number",
        "phone",
        "mobile number",
        "mobile",
        "whatsapp number",
        "destination",
        "tel",
    ),
    "time": ("timestamp", "time", "ts", "created at", "submit date", "done date"),
    # Named only so that the value beside them is not taken for one of ours.
    "uuid": ("event id", "request id", "session id", "call id", "channel id", "account id"),
    "no_id": (
        "trace id",
        "span id",
        "parent span id",
        "traceparent",
        "md5",
        "etag",
        "if none match",
        "sha",
        "sha1",
        "sha256",
        "sha512",
        "hash",
        "checksum",
        "digest",
        "fingerprint",
        "commit",
        "revision",
        "correlation id",
        "x request id",
        "x b3 trace id",
        "amzn request id",
        "amz request id",
        "amz id 2",
        "aws request id",
        "ms request id",
        "ms client request id",
        "client request id",
        "network message id",
        "container id",
        "image id",
        "build id",
        "device id",
        "cookie",
        "csrf token",
        "csrf",
        "nonce",
        "signature",
        "token",
        "api key",
        "secret",
        "password",
    ),
}
# Words that stand for more than one value of a list.
_PLURALS = frozenset(("error_id", "umid", "batch_id", "code"))
_JOINT = r"[\s_-]?"
_KINDS = {word.replace(" ", ""): kind for kind, words in _WORDS.items() for word in words}
_KINDS |= {f"{word}s": kind for word, kind in _KINDS.items() if kind in _PLURALS}
del _KINDS["errors"], _KINDS["errs"]  # how many there were, not which


def _spelled(word: str, kind: str) -> str:
    plural = "s?" if kind in _PLURALS and word not in ("error", "err") else ""
    return word.replace(" ", _JOINT) + plural


def _alternatives() -> str:
    """Return the words by their first letter: a search skips all other letters at once."""
    by_letter: dict[str, list[str]] = {}
    for kind, words in _WORDS.items():
        for word in words:
            by_letter.setdefault(word[0], []).append(_spelled(word, kind)[1:])
    return "|".join(
        f"{letter}(?<![a-z0-9].)(?:{'|'.join(sorted(rest, reverse=True))})"
        for letter, rest in sorted(by_letter.items())
    )


_LABEL = re.compile(f"(?:{_alternatives()})(?![a-z0-9])", re.ASCII | re.DOTALL)
# Inside a longer name only what cannot be meant otherwise: "smsErrorId", but not "countryCode".
_INNER = re.compile(
    "(?<=[a-z])(?:ErrorId|ErrorID|ErrorCode|Umid|BatchId|Msisdn)(?![a-z0-9])", re.ASCII
)
_SQUEEZE = re.compile(r"[\s_-]++", re.ASCII)
_PATHS = {"messages": "umid", "errors": "error_id", "batches": "batch_id"}
_PATH = re.compile(r"/(messages|errors|batches)/\Z", re.IGNORECASE | re.ASCII)
_LONGEST_PATH = 10
_BEHIND = re.compile(
    r"[\"'`}]{0,2}+(?:\s{0,3}+[(\[]\s{0,2}+|\s{1,3}+is (?:the|our|your|an?) )", re.ASCII
)
_LONGEST_FIRST_PART = 12  # "sms" of "smsErrorId"
_TAG = re.compile(TAG)
_WORD = re.compile(r"[A-Za-z0-9]++", re.ASCII)
_FILLERS = frozenset(
    ("is", "was", "no", "nr", "number", "value", "are", "s", "0x", "urn", "uuid", "guid")
)
_ATTRIBUTES = re.compile(r"\s[^<>]{0,200}+(?=>)", re.ASCII)
_PREFIX = re.compile(r"[\w.:-]*+", re.ASCII)
_LONGEST_PREFIX = 40
_CLOSING = (")", "]")
_LONGEST_GAP = 24
_LONGEST_GAP_WITH_TAGS = 300


class Label(NamedTuple):
    """A label where it stands in the text; ``squeezed`` is its word without spaces and case."""

    kind: str
    squeezed: str
    text: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def _meaning(written: str) -> tuple[str, str, str]:
    squeezed = _SQUEEZE.sub("", written).lower()
    return _KINDS[squeezed], squeezed, written


class Labels:
    """All labels of one text, to ask for the one that belongs to a place."""

    def __init__(self, text: str, lower: str) -> None:
        self._text, self._lower = text, lower
        outer = [found.span() for found in _LABEL.finditer(lower)]
        inner = [found.span() for found in _INNER.finditer(text)]
        self._labels = self._read(_apart(outer, inner))
        self._ends = [label.end for label in self._labels]

    def __iter__(self) -> Iterator[Label]:
        return iter(self._labels)

    def ending(self, end: int) -> Label | None:
        """Return the label that ends at ``end``."""
        index = bisect_left(self._ends, end)
        return self._labels[index] if self._ends[index : index + 1] == [end] else None

    def of(self, start: int, end: int) -> Label | None:
        """Return the label of the value at ``start``: before it, in its path, or behind it."""
        return self._before(start) or self._in_path(start) or self._behind(end)

    def _read(self, spans: list[tuple[int, int]]) -> list[Label]:
        labels: list[Label] = []
        for start, end in spans:
            in_attributes = labels and start < labels[-1].end
            if not in_attributes and not self._in_tag(start, "</"):
                labels.append(self._label(start, end))
        return labels

    def _label(self, start: int, end: int) -> Label:
        # The value of an element begins behind its attributes.
        attributes = _ATTRIBUTES.match(self._text, end) if self._in_tag(start, "<") else None
        return Label(
            *_meaning(self._text[start:end]), start, attributes.end() if attributes else end
        )

    def _in_tag(self, start: int, opening: str) -> bool:
        """Tell whether the word is the last part of the name of a tag."""
        tag = self._text.rfind(opening, max(0, start - _LONGEST_PREFIX), start)
        return tag >= 0 and _PREFIX.fullmatch(self._text, tag + len(opening), start) is not None

    def _before(self, start: int) -> Label | None:
        index = bisect_right(self._ends, start) - 1
        # HTML shows ids as <code>.
        index -= index > 0 and self._labels[index].squeezed == "code" and self._opens(index)
        if index < 0 or start - self._ends[index] > _LONGEST_GAP_WITH_TAGS:
            return None
        between = self._text[self._ends[index] : start]
        if "<" in between:
            between = _TAG.sub("", between)
        # "(umid)" at the end of a line names the id before it.
        if len(between) > _LONGEST_GAP or (between[:1] in _CLOSING and "\n" in between):
            return None
        fits = all(word.lower() in _FILLERS for word in _WORD.findall(between))
        return self._labels[index] if fits else None

    def _opens(self, index: int) -> bool:
        return self._text[self._labels[index].start - 1] == "<"

    def _in_path(self, start: int) -> Label | None:
        found = _PATH.search(self._text, max(0, start - _LONGEST_PATH), start)
        if found is None:
            return None
        word = found[1].lower()
        return Label(_PATHS[word], word, found[1], *found.span(1))

    def _behind(self, end: int) -> Label | None:
        gap = _BEHIND.match(self._lower, end)
        if gap is None:
            return None
        index = bisect_right(self._ends, gap.end())
        for label in self._labels[index : index + 1]:
            first_part = self._lower[gap.end() : min(label.start, gap.end() + _LONGEST_FIRST_PART)]
            if gap.end() + len(first_part) == label.start and (
                not first_part or first_part.isalpha()
            ):
                return label
        return None


def _apart(outer: list[tuple[int, int]], inner: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return both in order, without what lies inside another."""
    if not inner:
        return outer
    apart: list[tuple[int, int]] = []
    for span in sorted(outer + inner):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart
