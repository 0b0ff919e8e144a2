"""Ids that customers make: any text, so only a label tells them."""

import re
from collections.abc import Iterator

from support_portal.payloads.recognise.gaps import TAG
from support_portal.payloads.recognise.scan import Scan
from support_portal.payloads.recognise.things import CLIENT_KINDS, Thing

_GAP = re.compile(
    rf"[\"']?+\s{{0,4}}+(?:([:=>])|(?:is|was)(?=\s))?+(?:\s{{0,4}}+{TAG}){{0,4}}+\s{{0,4}}+([\"']?+)",
    re.ASCII | re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\s\"'<>{}\[\],;&\\|]{1,350}+")
_SENTENCE_END = ".:!?*"
_LONGEST = 350
_NOTHING = frozenset(("null", "none", "nil", "undefined", "true", "false", "-", "n/a", "string"))


def client_ids(scan: Scan) -> Iterator[Thing]:
    """Yield the customers' own ids, as they are written."""
    for label, start, end in scan.cells:
        if label.kind in CLIENT_KINDS and end - start <= _LONGEST:
            value = scan.text[start:end]
            if _is_told(value):
                yield Thing(label.kind, value, start, end, label.text)
    for label in scan.labels:
        if label.kind not in CLIENT_KINDS:
            continue
        gap = _GAP.match(scan.text, label.end)
        start, end = _value(scan.text, gap) if gap else (0, 0)
        value = scan.text[start:end]
        # "clientMessageId and clientBatchId are optional" names none.
        certain = gap and (gap[1] or "<" in gap[0] or any(map(str.isdigit, value)))
        if certain and _is_told(value):
            yield Thing(label.kind, value, start, end, label.text)


def _is_told(value: str) -> bool:
    return bool(value.strip()) and value.lower() not in _NOTHING


def _value(text: str, gap: re.Match[str]) -> tuple[int, int]:
    """Return where the value stands: up to its quote, up to the next tag, or one word."""
    start = gap.end()
    closing = gap[2] or ("</" if gap[0].rstrip().endswith(">") else "")
    if closing:
        place = text.find(closing, start, start + _LONGEST + 1)
        if place >= 0 and "\n" not in text[start:place]:
            return start, place
    token = _TOKEN.match(text, start)
    if token is None:
        return start, start
    word = token[0].rstrip(_SENTENCE_END)
    if word.endswith(")") and "(" not in word:
        word = word[:-1]
    return start, start + len(word)
