"""Talking with the Zendesk of the settings, and with nobody else.

An address that was looked at, TLS unless it is this machine, no redirects, one deadline, a bounded
answer.  Nothing that leaves this module holds the API token, whatever the other side says.
"""

import base64
import http.client
import io
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from support_portal.core import webhooks
from support_portal.core.webhooks import Target
from support_portal.notices.services import plain

LONGEST = 2**20  # bytes of an answer
LOOKED_UP = ("hit", "miss")
LONGEST_WORDS = 250
LONGEST_PAUSE = timedelta(days=1)


class Unreachable(Exception):
    """There is no line to Zendesk: it has nothing of what was to be asked."""


class BrokeOff(Exception):
    """It was asked and did not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Zendesk answered."""

    status: int
    said: Mapping[str, Any]  # its JSON; empty when it is none
    words: str  # on one line, for people
    pause: timedelta | None  # for which it wants to be left alone
    knows_keys: bool = False  # it looked whether it has the same by its key


@contextmanager
def line(until: float) -> Iterator["Line"]:
    """Open a line to Zendesk, or raise Unreachable."""
    asked = webhooks.parsed(settings.ZENDESK.origin)
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(webhooks.connected(asked, until))
        except (webhooks.Refused, webhooks.Unanswered, OSError) as error:
            why = str(error) or type(error).__name__
            raise Unreachable(f"Zendesk cannot be talked to: {why}") from error
        yield Line(asked, connection, until)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, for one question."""

    asked: Target
    connection: socket.socket
    until: float

    def ask(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        *,
        kind: str = "application/json",
        key: str = "",
    ) -> Answer:
        """Ask, and return the answer, or raise BrokeOff; ``path``, ``kind`` and ``key`` are ours."""
        head = (
            f"{method} {path} HTTP/1.1",
            f"Host: {self.asked.authority}",
            "User-Agent: support-portal",
            "Accept: application/json",
            f"Content-Type: {kind}",
            f"Content-Length: {len(content)}",
            *([f"Authorization: Basic {_credentials()}"] if settings.ZENDESK.user else []),
            *([f"Idempotency-Key: {key}"] if key else []),
            "Connection: close",
        )
        try:
            self.connection.settimeout(webhooks.left(self.until))
            self.connection.sendall("\r\n".join([*head, "", ""]).encode("ascii") + content)
            heard = http.client.HTTPResponse(_Ear(self.connection, self.until))  # type: ignore[arg-type]
            heard.begin()
            return _understood(heard, heard.read())
        except (OSError, http.client.HTTPException) as error:
            raise BrokeOff(_without_token(str(error) or type(error).__name__)) from error


class _Ear(io.RawIOBase):
    """What an HTTPResponse takes for a socket: a line with a deadline and an end."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until, self._room = connection, until, LONGEST

    def makefile(self, _: str) -> io.BufferedReader:
        """Return what is read from."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has come; an answer that is too long ends, as a line that breaks."""
        if not self._room:
            return 0
        self._connection.settimeout(webhooks.left(self._until))
        got = self._connection.recv_into(memoryview(buffer)[: self._room])
        self._room -= got
        return got


def _credentials() -> str:
    pair = f"{settings.ZENDESK.user}/token:{settings.ZENDESK.token}"
    return base64.b64encode(pair.encode()).decode()


def _understood(heard: http.client.HTTPResponse, body: bytes) -> Answer:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    words = _words(said) if isinstance(said, dict) else body[:2_000].decode(errors="replace")
    return Answer(
        heard.status,
        said if isinstance(said, dict) else {},
        plain(_without_token(f"{heard.status} {words}"), LONGEST_WORDS),
        _pause(heard.headers.get("Retry-After", "")),
        heard.headers.get("x-idempotency-lookup") in LOOKED_UP,
    )


def _words(said: Mapping[str, Any]) -> str:
    """Return what an error says: its name, what it means, and what is wrong with which field."""
    told = [_title(said.get("error")), said.get("description"), said.get("message")]
    details = said.get("details")
    if isinstance(details, dict):
        told += [_detail(each) for each in details.values()]
    return ": ".join(each for each in told if isinstance(each, str) and each)


def _title(error: Any) -> Any:
    """Return the name of an error, which some answers put into parts."""
    if isinstance(error, dict):
        return ": ".join(str(error[name]) for name in ("title", "message") if error.get(name))
    return error


def _detail(entries: Any) -> str:
    found = entries if isinstance(entries, list) else []
    return ", ".join(str(each["description"]) for each in found if _describes(each))


def _describes(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("description"))


def _pause(written: str) -> timedelta | None:
    if not written.isascii() or not written.isdigit():
        return None
    return min(timedelta(seconds=int(written[:9])), LONGEST_PAUSE)


def _without_token(text: str) -> str:
    if settings.ZENDESK.token:
        text = text.replace(settings.ZENDESK.token, "…").replace(_credentials(), "…")
    return text
