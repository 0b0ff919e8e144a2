"""Talking with an IMAP server that may stall, drip, lie about lengths or break off.

The talk of the standard library with every byte under one deadline and every answer under one bound.
The folder is opened for reading alone, so nothing in it changes.
"""

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from support_portal.core.env import Inbox
from support_portal.inquiries.replies.reading import LARGEST

CONNECT_SECONDS = 10.0
LONGEST_LINE = 1_000_000  # a search may name a hundred thousand mails
LONGEST_HEAD = 200_000
PIECE = 65_536
LONGEST_ANSWER = LARGEST + 2 * LONGEST_LINE  # bytes
_SIZE = re.compile(rb"RFC822\.SIZE ([0-9]{1,15})")
PROBLEMS: tuple[type[Exception], ...] = (OSError, imaplib.IMAP4.error, ValueError)


class _Bounded(imaplib.IMAP4):
    """A talk that ends at a moment, whatever the other side does."""

    def __init__(self, inbox: Inbox, until: float) -> None:
        self._inbox, self._until = inbox, until
        self._held, self._told = b"", 0
        # Before TLS begins nothing behind a line is read: it would count as said under TLS.
        self.piece = 1 if inbox.starttls else PIECE
        super().__init__(inbox.host, inbox.port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """Connect, in TLS from the first byte where that is asked for."""
        left = min(CONNECT_SECONDS, self._left())
        self.sock = socket.create_connection((self._inbox.host, self._inbox.port), left)
        if self._inbox.tls:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._inbox.host)
        self.file = self.sock.makefile("rb")  # the class above closes it; nobody reads it

    def read(self, size: int) -> bytes:
        """Return so many bytes of an answer."""
        pieces = [self._held[:size]]
        self._held = self._held[size:]
        missing = size - len(pieces[0])
        while missing:
            piece = self._receive(min(missing, PIECE))
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def readline(self) -> bytes:
        """Return a line of an answer."""
        while b"\n" not in self._held:
            if len(self._held) > LONGEST_LINE:
                raise imaplib.IMAP4.abort("The server answers with an endless line.")
            self._held += self._receive(self.piece)
        line, _, self._held = self._held.partition(b"\n")
        return line + b"\n"

    def send(self, data: Any) -> None:
        """Say something."""
        self._told = 0
        self.sock.settimeout(self._left())
        self.sock.sendall(data)

    def _receive(self, size: int) -> bytes:
        self.sock.settimeout(self._left())
        piece = self.sock.recv(size)
        self._told += len(piece)
        if not piece:
            raise imaplib.IMAP4.abort("The server broke off.")
        if self._told > LONGEST_ANSWER:
            raise imaplib.IMAP4.abort("The server answers with more than was asked for.")
        return piece

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("The server took too long.")
        return left


class Folder:
    """The folder that answers come into, opened for reading."""

    def __init__(self, inbox: Inbox, until: float) -> None:
        self._talk = _Bounded(inbox, until)
        try:
            if inbox.starttls:
                self._talk.starttls(ssl.create_default_context())
                self._talk.piece = PIECE
            self._talk.login(inbox.user, inbox.password)
            _expect(self._talk.select(_quoted(inbox.folder), readonly=True))
            # What has to be the same for UIDs to mean the same.
            self.validity = int(self._talk.response("UIDVALIDITY")[1][0] or 0)
        except PROBLEMS:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; whoever has read everything owes no farewell."""
        self._talk.shutdown()

    def after(self, uid: int, since: str = "") -> list[int]:
        """Return the UIDs above one, the lowest first; ``since`` is a day as IMAP writes it."""
        day = ("SINCE", since) if since else ()
        told = _expect(self._talk.uid("SEARCH", "UID", f"{uid + 1}:*", *day))
        found = {int(each) for line in told if isinstance(line, bytes) for each in line.split()}
        return sorted(each for each in found if each > uid)  # "*" is the last one, however low

    def size(self, uid: int) -> int | None:
        """Return how long a mail is; None when it is gone."""
        for line in self._fetch(uid, "(RFC822.SIZE)"):
            if found := _SIZE.search(line):
                return int(found[1])
        return None

    def mail(self, uid: int) -> bytes:
        """Return all of a mail, unread as it was."""
        return next(self._literals(uid, "(BODY.PEEK[])"), b"")

    def head(self, uid: int) -> bytes:
        """Return the headers of a mail."""
        return next(self._literals(uid, f"(BODY.PEEK[HEADER]<0.{LONGEST_HEAD}>)"), b"")

    def _literals(self, uid: int, what: str) -> Iterator[bytes]:
        for each in _expect(self._talk.uid("FETCH", str(uid), what)):
            if isinstance(each, tuple):
                yield each[1]

    def _fetch(self, uid: int, what: str) -> Iterator[bytes]:
        for each in _expect(self._talk.uid("FETCH", str(uid), what)):
            if each:
                yield each[0] if isinstance(each, tuple) else each


def _expect(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, told = answer
    if kind != "OK":
        words = told[0].decode(errors="replace") if told and isinstance(told[0], bytes) else kind
        raise imaplib.IMAP4.error(words)
    return told


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
