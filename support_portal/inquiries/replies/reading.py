"""A mail as plain values, whatever its sender did to it; bounded in time and memory.

Structure is read by the standard library under its modern policy, with three bounds that it has not:
on parts, on headers of a part and on the length of a header.  Everything is optional, since a broken
mail is worth more than none.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, cast

from support_portal.inquiries.replies.folding import folded
from support_portal.inquiries.replies.markup import as_text

LARGEST = 20 * 2**20  # bytes of a mail that is read
LONGEST_TEXT = 100_000
LONGEST_SOURCE = 2 * 2**20  # bytes of a text that are looked at
MOST_PARTS, MOST_HEADERS, ABSURD_HEADERS = 300, 500, 20_000
LONGEST_HEADER, LONGEST_OF_CONTENT = 8_000, 1_000
MOST_FILES = 50
_MESSAGE_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f-\x9f\ud800-\udfff]{3,250}>")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# What a proof came to begins a part of the header; elsewhere, in quotes and in remarks, senders may have their say.
_PROOF = re.compile(r"\s*(?:x-)?(spf|dkim|dmarc)(?:/\d{1,3})?\s*=\s*([a-z]{1,10})\b", re.ASCII)
_REMARKS = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)', re.DOTALL)
_FAILED = frozenset(("fail", "softfail", "permerror"))
_NO_CHARSETS = frozenset(("punycode", "idna"))  # take minutes for a megabyte
_NOT_READ: tuple[type[Exception], ...] = (
    MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError,
    IndexError, OverflowError,
)  # fmt: skip


class TooMuch(MessageError):
    """The mail is made to cost memory."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail; its name and type are what the sender says."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a mail says."""

    message_id: str = ""
    answers: tuple[str, ...] = ()  # Message-IDs of what it answers, the nearest first
    sender: str = ""  # as it is written
    address: str = ""  # the bare address in it; "" where there is not exactly one
    subject: str = ""
    written_at: datetime | None = None
    text: str = ""
    quoted: str = ""  # what it repeats of the talk before
    failed: tuple[str, ...] = ()  # proofs of its sender, as the server says that took it
    automatic: bool = False  # an absence note, or the report that a mail did not arrive
    files: tuple[Attached, ...] = field(default=(), repr=False)
    whole: bool = True  # False: some of it could not be read


def read(raw: bytes) -> Incoming:
    """Return what a mail says; of one that cannot be read what its first headers say."""
    try:
        return _read(_parsed(raw), whole=True)
    except _NOT_READ:
        head = re.split(rb"\r?\n\r?\n", raw[:200_000], maxsplit=1)[0]
        return heading(head)


def heading(head: bytes) -> Incoming:
    """Return what the headers of a mail say, of which there is no more."""
    try:
        return _read(_parsed(head.split(b"\n\n")[0] + b"\r\n\r\n"), whole=False)
    except _NOT_READ:
        return Incoming(whole=False)


def _parsed(raw: bytes) -> EmailMessage:
    policy = _BOUNDED.clone(message_factory=cast(Any, _maker()))
    return cast("EmailMessage", BytesParser(policy=policy).parsebytes(raw))


class _Bounded(EmailPolicy):
    """The modern policy; no header is longer than LONGEST_HEADER."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Return name and value, cut."""
        name, value = super().header_source_parse(sourcelines)
        longest = LONGEST_OF_CONTENT if name.lower().startswith("content-") else LONGEST_HEADER
        return name[:200], value[:longest]


_BOUNDED = _Bounded()


class _Part(EmailMessage):
    """A part with no more than MOST_HEADERS headers."""

    given = 0

    def set_raw(self, name: str, value: Any) -> None:
        """Take a header while there is room."""
        self.given += 1
        if self.given > ABSURD_HEADERS:
            raise TooMuch
        if self.given <= MOST_HEADERS:
            super().set_raw(name, value)


def _maker() -> Callable[[Any], _Part]:
    """Return what makes parts, up to MOST_PARTS of one mail."""
    made = 0

    def make(policy: Any) -> _Part:
        nonlocal made
        made += 1
        if made > MOST_PARTS:
            raise TooMuch
        return _Part(policy)

    return make


def _read(mail: EmailMessage, *, whole: bool) -> Incoming:
    sender = _header(mail, "from")
    parts = list(_leaves(mail))
    text, files = _content(parts)
    own, quoted = folded(text[:LONGEST_TEXT])
    names = getaddresses([_raw(mail, "from")])
    return Incoming(
        message_id=next(iter(_ids(_raw(mail, "message-id"))), ""),
        answers=_answers(mail, parts),
        sender=sender[:254],
        address=names[0][1].lower()[:254] if len(names) == 1 else "",
        subject=_header(mail, "subject")[:300],
        written_at=_moment(_raw(mail, "date")),
        text=own,
        quoted=quoted,
        failed=_failed(mail),
        automatic=_automatic(mail),
        files=tuple(files),
        whole=whole and len(text) <= LONGEST_TEXT,
    )


def _failed(mail: EmailMessage) -> tuple[str, ...]:
    """Return the proofs of the sender that failed; where DMARC passed the others do not matter.

    Only the first header counts: the server that took the mail wrote it above all that came with it.
    """
    parts = _REMARKS.sub(" ", _raw(mail, "authentication-results").lower()).split(";")
    said = [found.groups() for each in parts if (found := _PROOF.match(each))]
    failed = {name for name, result in said if result in _FAILED}
    if ("dmarc", "pass") in said and "dmarc" not in failed:
        return ()
    return tuple(sorted(failed))


def _leaves(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that hold something, in their order; a mail inside a mail is one of them."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting += [each for each in reversed(inner) if isinstance(each, EmailMessage)]
        else:
            yield part


def _content(parts: list[EmailMessage]) -> tuple[str, list[Attached]]:
    """Return the text of a mail and its files; HTML is read where there is no plain text."""
    plain: list[str] = []
    marked: list[str] = []
    files: list[Attached] = []
    for part in parts:
        kind, name = part.get_content_type(), part.get_filename() or ""
        attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind == "text/plain" and not attached:
            plain.append(_text(part))
        elif kind == "text/html" and not attached:
            marked.append(_text(part))
        elif len(files) < MOST_FILES:
            files.append(Attached(tidy(name)[:150], tidy(kind)[:100], _bytes(part)))
    text = "\n".join(filter(None, map(str.strip, plain)))
    if not text:
        text = "\n".join(as_text(each) for each in marked)
    return tidy(text, lines=True).strip(), files


def _text(part: EmailMessage) -> str:
    """Return the text of a part; a charset that is wrong or unknown is guessed."""
    whole = _bytes(part)
    content = whole[:LONGEST_SOURCE]
    cut = "strict" if content == whole else "ignore"
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        if charset in _NO_CHARSETS:
            continue
        try:
            return content.decode(charset, cut)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _bytes(part: EmailMessage) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list):  # a mail inside the mail
        return b"".join(each.as_bytes() for each in inner if isinstance(each, EmailMessage))[
            :LARGEST
        ]
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _answers(mail: EmailMessage, parts: list[EmailMessage]) -> tuple[str, ...]:
    """Return what it answers, the nearest first; a report names what did not arrive inside."""
    named = [*_ids(_raw(mail, "in-reply-to")), *reversed(_ids(_raw(mail, "references")))]
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            named += _ids(_returned(part))
    return tuple(dict.fromkeys(named))[:100]


def _returned(part: EmailMessage) -> str:
    """Return the Message-ID of a mail that came back."""
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], EmailMessage):
        return _raw(inner[0], "message-id")
    found = re.search(r"^message-id:(.{0,500})", _text(part)[:50_000], re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""


def _ids(text: str) -> list[str]:
    return _MESSAGE_ID.findall(text)


def _automatic(mail: EmailMessage) -> bool:
    """Tell whether no person wrote it.  "auto-generated" is what Zendesk says of its agents' words."""
    replied = _raw(mail, "auto-submitted").strip().lower().startswith("auto-replied")
    return replied or mail.get_content_type() == "multipart/report"


def _raw(mail: EmailMessage, name: str) -> str:
    """Return a header as it came, which no parser of headers can stumble over."""
    for key, value in mail.raw_items():
        if key.lower() == name:
            return str(value)
    return ""


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header as it is read, on one line."""
    pieces = []
    try:
        for piece, charset in decode_header(_raw(mail, name)):
            pieces.append(piece if isinstance(piece, str) else _decoded(piece, charset))
    except _NOT_READ:
        pieces = [_raw(mail, name)]
    return " ".join(tidy("".join(pieces)).split())


def _decoded(piece: bytes, charset: str | None) -> str:
    try:
        return piece.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return piece.decode("cp1252", errors="replace")


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except _NOT_READ:
        return None


def tidy(text: str, *, lines: bool = False) -> str:
    """Return text without what no database or page takes; line ends are kept as they are asked for."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_TEXT.sub(" " if not lines else "", text if lines else text.replace("\n", " "))
