"""The source of mails: quoted-printable undone, encoded words read, what only mail needs dropped."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from support_portal.payloads.recognise.readings import Reading

_FLAGS = re.IGNORECASE | re.MULTILINE | re.ASCII
_QUOTE = r"(?:[ \t]?>){0,9}[ \t]?"

# Headers whose ids are those of mail servers.  "Message-ID" would read as a umid.
_HEADER = re.compile(
    rf"^{_QUOTE}(?:message-id|content-id|in-reply-to|references|resent-message-id|thread-index"
    r"|dkim-signature|arc-[a-z-]{1,40}|x-(?:ms|microsoft|forefront|google|gm|mailer|ses|sg)-[a-z-]{1,80})"
    r":[^\n]*+(?:\n[ \t][^\n]*+)*+",
    _FLAGS,
)
_BOUNDARY = re.compile(r"\bboundary=[\"']?([^\"'\s;]{1,70})", re.IGNORECASE | re.ASCII)
# A line between two parts, where the header that names the boundary was not pasted.
_PART_LINE = re.compile(
    rf"^{_QUOTE}--\S{{1,72}}[ \t]*\r?\n(?={_QUOTE}content-[a-z-]{{1,30}}:)", _FLAGS
)
_WORDS = re.compile(
    r"=\?[\w-]{1,40}\?[QB]\?[^?\s]{0,400}\?=(?:\s{1,4}=\?[\w-]{1,40}\?[QB]\?[^?\s]{0,400}\?=)*+",
    re.IGNORECASE | re.ASCII,
)

_DECLARED = re.compile(rf"^{_QUOTE}content-transfer-encoding:[ \t]*([a-z0-9-]{{1,20}})", _FLAGS)
_PART_END = re.compile(rf"^{_QUOTE}--[^\s-]", _FLAGS)
_ID_SHAPE = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|[0-9a-fA-F]{32}(?![0-9a-fA-F])"
_OCTETS = rf"(?:=(?!{_ID_SHAPE})[0-9A-F]{{2}})++"
# "umid=" at the end of a line before an id is a field, not a soft line break.
_SOFT_BREAK = rf"=[ \t]*\r?\n(?:(?:[ \t]?>){{1,9}}[ \t]?)?(?!{_ID_SHAPE})"
_QUOTED = re.compile(f"{_OCTETS}|{_SOFT_BREAK}", re.ASCII)
_BLANK = re.compile(r"\n[ \t>\r]*+\n", re.ASCII)
_NOT_QUOTED = re.compile(r"=(?![0-9A-F]{2}|[ \t]*\r?(?:\n|\Z))", re.ASCII)
# Encoders break lines at 76 characters; "=3D" is the equals sign, "=C2" and "=E2" begin others.
_EVIDENCE = re.compile(
    rf"=3D(?!{_ID_SHAPE})|=(?:C[23]=[89AB]|E2=80=)[0-9A-F]|^[^\n]{{55,80}}=\r?\n",
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
    names = sorted({found[1] for found in _BOUNDARY.finditer(text)}, key=len, reverse=True)
    if names:
        yield re.compile("|".join(map(re.escape, names)))


def _words(found: re.Match[str]) -> str | None:
    try:
        return str(make_header(decode_header(found[0])))
    except (HeaderParseError, LookupError, ValueError):
        return None


def _without_quoted_printable(reading: Reading) -> Reading:
    regions = list(_regions(reading.text))
    starts = [start for start, _ in regions]

    def plain(found: re.Match[str]) -> str | None:
        index = bisect_right(starts, found.start()) - 1
        if index < 0 or found.start() >= regions[index][1]:
            return None
        return "" if found[0].endswith("\n") or ">" in found[0] else _octets(found[0])

    return reading.rewritten(_QUOTED, plain) if regions else reading


def _octets(written: str) -> str:
    octets = bytes.fromhex(written.replace("=", ""))
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _regions(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches that are quoted-printable: as a header says, or as each "=" in them says."""
    declared = list(_DECLARED.finditer(text))
    place = 0
    for found in declared:
        yield from _evident(text, place, found.start())
        ending = _PART_END.search(text, found.end())
        place = max(found.end(), ending.start() if ending else len(text))
        if found[1].lower() == "quoted-printable":
            yield found.end(), place
    yield from _evident(text, place, len(text))


def _evident(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    place = start
    while place < end:
        gap = _BLANK.search(text, place, end)
        stop = gap.start() if gap else end
        if _EVIDENCE.search(text, place, stop) and not _NOT_QUOTED.search(text, place, stop):
            yield place, stop
        place = gap.end() if gap else end
