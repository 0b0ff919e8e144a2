"""Ids that were cut: eight digits or more, marked as cut or told to be an id."""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

from support_portal.payloads.recognise.gaps import TIES
from support_portal.payloads.recognise.labels import Label
from support_portal.payloads.recognise.scan import Scan
from support_portal.payloads.recognise.things import CUT, ID_KINDS, Thing

_SIZES = (8, 4, 4, 4, 12)
_DIGITS = r"[0-9a-f](?:-?[0-9a-f]){7,30}+"
# An ellipsis is three dots by now.  "*" and "x" stand for digits that were made unreadable.
_MARK = r"(?:\.{3,9}+|[*•]{1,40}+|x{2,40}+)(?:-[*•x]{1,12}+){0,4}+"
_MARKS = ("...", "*", "•", "xx")  # no mark has none of these
_FRONT = re.compile(
    rf"((?=[0-9a-f])(?<![0-9a-z_.*•-]){_DIGITS})-?{_MARK}(?:-?([0-9a-f][0-9a-f-]{{1,30}}+)(?![0-9a-z_*-]))?"
)
_BACK = re.compile(rf"(?<![0-9a-f-]){_MARK}-?({_DIGITS})(?![0-9a-z_*-])")
_STARTING = re.compile(
    rf"\b(?:start|beginn)(?:s|ing)(?: (?:in|with))?[\s:\"'`]{{1,4}}+({_DIGITS})(?![0-9a-z_-])"
)
_ENDING = re.compile(
    rf"\bend(?:s|ing)(?: (?:in|with|on))?[\s:\"'`]{{1,4}}+({_DIGITS})(?![0-9a-z_-])"
)
_LABELLED = re.compile(rf"{TIES}({_DIGITS})(?![0-9a-z_]|[.:,-][0-9a-z])")
_ALONE = re.compile(_DIGITS)
# Ids of messages and batches are made by other systems too, of digits alone or of other lengths.
_UNIQUE_KINDS = frozenset(("error_id", "umid"))
_FOREIGN_LABELS = frozenset(("messageid", "msgid", "messageids", "msgids"))
_FIRST_GROUP = 8


def cut_ids(scan: Scan) -> Iterator[Thing]:
    """Yield what is left of ids of which digits are missing."""
    for pattern, written, signs in (
        (_FRONT, _both, _MARKS),
        (_STARTING, _front, ("start", "beginn")),
        (_BACK, _back, _MARKS),
        (_ENDING, _back, ("end",)),
    ):
        for found in scan.found(pattern, scan.lower, signs):
            value = written(found)
            label = scan.label(found.start(1), found.end())
            if value and _is_id(found[1]) and not (label and label.kind == "no_id"):
                yield _thing(value, found.start(1), found.end(found.lastindex or 1), label)
    for label, start, end in _labelled(scan):
        digits = scan.lower[start:end]
        value = front(digits)
        if value and _is_told(digits, label):
            yield _thing(value, start, end, label)


def alone(bare: str) -> str:
    """Return the value of a cut id that is a whole text, "" when it is none."""
    return front(bare) if _ALONE.fullmatch(bare) else ""


def front(digits: str) -> str:
    """Return the beginning of an id as it is written in full, "" when its dashes are elsewhere."""
    bare = digits.replace("-", "")
    groups = [bare[start:end] for start, end in pairwise((0, *accumulate(_SIZES)))]
    whole = "-".join(filter(None, groups))
    return whole if "-" not in digits or digits.rstrip("-") == whole else ""


def _end(digits: str) -> str:
    bare = digits.replace("-", "").rjust(sum(_SIZES))
    groups = [bare[start:end].strip() for start, end in pairwise((0, *accumulate(_SIZES)))]
    whole = "-".join(filter(None, groups))
    return whole if "-" not in digits or digits == whole else ""


def _labelled(scan: Scan) -> Iterator[tuple[Label, int, int]]:
    for label, start, end in scan.cells:
        if label.kind in ID_KINDS and _ALONE.fullmatch(scan.lower, start, end):
            yield label, start, end
    for label in scan.labels:
        found = _LABELLED.match(scan.lower, label.end) if label.kind in ID_KINDS else None
        if found:
            yield label, *found.span(1)


def _thing(value: str, start: int, end: int, label: Label | None) -> Thing:
    told = label.text if label and label.kind in ID_KINDS else ""
    return Thing("partial_id", value, start, end, told)


def _front(found: re.Match[str]) -> str:
    return front(found[1])


def _back(found: re.Match[str]) -> str:
    written = _end(found[1])
    return CUT + written if written else ""


def _both(found: re.Match[str]) -> str:
    first, last = front(found[1]), _end(found[2]) if found[2] else ""
    return f"{first}{CUT}{last}" if first and last else first


def _is_id(written: str) -> bool:
    """Tell whether digits look like those of an id: no word, and no number."""
    return "-" in written or (any(map(str.isalpha, written)) and any(map(str.isdigit, written)))


def _is_told(written: str, label: Label) -> bool:
    """Tell whether the label makes an id of digits that are not marked as cut."""
    if label.squeezed in _FOREIGN_LABELS:
        return _is_id(written) and ("-" in written or len(written) == _FIRST_GROUP)
    return label.kind in _UNIQUE_KINDS or _is_id(written)
