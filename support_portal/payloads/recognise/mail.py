"""The source of mails: quoted-printable undone, encoded words read, what only mail needs dropped."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from itertools import islice

from support_portal.payloads.recognise.readings import Reading

_FLAGS = re.IGNORECASE | re.MULTILINE | re.ASCII
_QUOTE = r"(?:[ \t]?+>){0,9}+[ \t]?+"

# Headers whose ids are those of mail servers.  "Message-ID" would read as a umid.
_HEADER = re.compile(
    rf"^{_QUOTE}(?:message-id|content-id|in-reply-to|references|resent-message-id|thread-index"
    r"|dkim-signature|arc-[a-z-]{1,40}+|x-(?:ms|microsoft|forefront|google|gm|mailer|ses|sg)-[a-z0-9-]{1,80}+)"
    r":[^\n]*+(?:\n[ \t][^\n]*+)*+",
    _FLAGS,
)
_BOUNDARY = re.compile(r"\bboundary=[\"']?+([^\"'\s;]{1,70}+)", re.IGNORECASE | re.ASCII)
_MOST_BOUNDARIES = 40
# A line between two parts, where the header that names the boundary was not pasted.
_PART_LINE = re.compile(
    rf"^{_QUOTE}--\S{{1,72}}+[ \t]{{0,9}}+\r?+\n(?={_QUOTE}content-[a-z-]{{1,30}}+:)", _FLAGS
)
_WORDS = re.compile(
    r"=\?[\w-]{1,40}+\?[QB]\?[^?\s]{0,400}+\?=(?:\s{1,4}+=\?[\w-]{1,40}+\?[QB]\?[^?\s]{0,400}+\?=){0,40}+",
    re.IGNORECASE | re.ASCII,
)

# Where a part of a mail ends, or says how it is encoded.
_EDGE = re.compile(
    rf"^{_QUOTE}(?:--[^\s-]|content-transfer-encoding:[ \t]{{0,9}}+([a-z0-9-]{{1,20}}+))", _FLAGS
)
_AN_ID = r"(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}(?![0-9a-fA-F]))"
# "umid=1CC1EDA1-…" is a field, and so is "umid=" at the end of a line before an id.
_OCTETS = rf"(?!={_AN_ID})(?:=[0-9A-F]{{2}}(?:=\r?\n(?==[0-9A-F]{{2}}))?+)++"
_SOFT_BREAK = rf"=[ \t]{{0,9}}+\r?+\n((?:[ \t]?+>){{1,9}}+[ \t]?+)?+(?!{_AN_ID})"
_QUOTED = re.compile(f"({_OCTETS})|{_SOFT_BREAK}", re.ASCII)
_OCTET = re.compile("=([0-9A-F]{2})")
_LONGEST_LINE = 100
_BLANK = re.compile(r"\n[ \t>\r]*+\n", re.ASCII)
_NOT_QUOTED = re.compile(r"=(?![0-9A-F]{2}|[ \t]{0,9}+\r?+(?:\n|\Z))", re.ASCII)
# Encoders break lines at 76 characters; "=3D" is the equals sign, "=C2" and "=E2" begin others.
_EVIDENCE = re.compile(
    rf"=3D(?!{_AN_ID})|=(?:C[23]=[89AB]|E2=80=)[0-9A-F]|^[^\n]{{55,80}}=\r?\n",
    re.ASCII | re.MULTILINE,
)


def as_written(reading: Reading) -> Reading:
    """Return the reading as the writer of the mail saw it; a text that is no mail stays."""
    for pattern in (_HEADER, _PART_LINE, *_boundaries(reading.text)):
        reading = reading.rewritten(pattern, _dropped)
    reading = reading.rewritten(_WORDS, _words)
    return _without_quoted_printable(reading) if "=" in reading.text else reading


def _dropped(found: re.Match[str]) -> str:
    return "\n" if found[0].endswith("\n") else " "


def _boundaries(text: str) -> Iterator[re.Pattern[str]]:
    """Yield what finds the boundaries that the text names: they look like hashes and ids."""
    names = {found[1] for found in islice(_BOUNDARY.finditer(text), _MOST_BOUNDARIES)}
    if names:
        yield re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))


def _words(found: re.Match[str]) -> str | None:
    try:
        return str(make_header(decode_header(found[0])))
    except (HeaderParseError, LookupError, ValueError):
        return None


def _without_quoted_printable(reading: Reading) -> Reading:
    text = reading.text
    regions = list(_regions(text))
    starts = [start for start, _ in regions]

    def plain(found: re.Match[str]) -> str | None:
        index = bisect_right(starts, found.start()) - 1
        if index < 0 or found.start() >= regions[index][1]:
            return None
        if found[1]:
            return _octets(found[1])
        return "" if _is_quoted(text, found.start()) else found[2] or ""

    return reading.rewritten(_QUOTED, plain) if regions else reading


def _is_quoted(text: str, place: int) -> bool:
    start = text.rfind("\n", max(0, place - _LONGEST_LINE), place) + 1
    return text[start : start + 1] == ">"


def _octets(written: str) -> str:
    octets = bytes.fromhex("".join(_OCTET.findall(written)))
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _regions(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches that are quoted-printable: as a header says, or as they look."""
    start, declared = 0, False
    for edge in _EDGE.finditer(text):
        yield from _region(text, start, edge.start(), declared=declared)
        start, declared = edge.end(), (edge[1] or "").lower() == "quoted-printable"
    yield from _region(text, start, len(text), declared=declared)


def _region(text: str, start: int, end: int, *, declared: bool) -> Iterator[tuple[int, int]]:
    if declared:
        yield start, end
        return
    while start < end:
        gap = _BLANK.search(text, start, end)
        stop = gap.start() if gap else end
        if _EVIDENCE.search(text, start, stop) and not _NOT_QUOTED.search(text, start, stop):
            yield start, stop
        start = gap.end() if gap else end
