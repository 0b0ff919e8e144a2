"""Calling an address that somebody typed, without being led anywhere else.

Only hosts that the installation names are called (``PORTAL_WEBHOOK_HOSTS``), over HTTPS unless the
name stands there with ``http://``.  A name is resolved once; when any of its addresses is not a
public one nothing is called, and the connection is made to an address that was looked at, so a
name that changes meanwhile leads nowhere.  An address that is not public has to be named as such.
Redirects are not followed, of the answer only the first line is read, and all of it, the look-up of
the name too, has a few seconds.
"""

import hmac
import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

SECONDS = 5.0
LONGEST = 500
STATUS_LENGTH = 1024
PORTS = {"http": 80, "https": 443}
_PATH = re.compile(r"[!-~]*")
_HOST = re.compile(r"[a-z0-9.:-]+")
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r\n]")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """The address may not be called; the text says why."""


class Unanswered(Exception):
    """Nobody answered, or with something else than yes."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes."""

    scheme: str
    host: str  # a name, or an address without brackets
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return the host as the request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target(address: str) -> Target:
    """Return where ``address`` leads; Refused when the installation does not name it."""
    found = parsed(address)
    if any(_named(found, entry) for entry in settings.WEBHOOK_HOSTS):
        return found
    raise Refused(
        "This portal calls only the hosts that its administrator named (PORTAL_WEBHOOK_HOSTS)."
    )


def parsed(address: str) -> Target:
    """Return where an address leads, whether or not it may be called; Refused when it is none."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError):
        raise Refused("This is not an address.") from None
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    if len(address) > LONGEST or parts.scheme not in PORTS or not _HOST.fullmatch(host):
        raise Refused("Write an address like https://hooks.example.com/portal.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused("An address has no user, password or fragment.")
    if not _PATH.fullmatch(path):
        raise Refused("The path of the address holds characters that have to be percent-encoded.")
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path)


def _named(asked: Target, entry: str) -> bool:
    """Tell whether an entry of the setting names ``asked``: a host, or scheme, host and port."""
    written = entry if "://" in entry else f"https://{entry}"
    named = parsed(written)
    return (named.scheme, named.host, named.port) == (asked.scheme, asked.host, asked.port)


def resolved(asked: Target, seconds: float = SECONDS) -> str:
    """Return an address of the host to connect to; Refused when one of them is not public."""
    literal = _address(asked.host)
    if literal is not None:
        return asked.host  # the administrator named this very address
    told = _looked_up(asked, seconds)
    found = [str(each[4][0]).partition("%")[0] for each in told]
    if not found or not all(map(is_public, found)):
        raise Refused("The host has an address that is not public.")
    return found[0]


def _looked_up(asked: Target, seconds: float) -> list[Any]:
    """Return what the system says of a name; its resolver has no limit of time, so it is left behind."""
    answer: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()

    def look() -> None:
        try:
            answer.put(socket.getaddrinfo(asked.host, asked.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answer.put([])

    threading.Thread(target=look, daemon=True).start()
    try:
        told = answer.get(timeout=max(0.0, seconds))
    except queue.Empty:
        raise Unanswered("The name of the host was not found in time.") from None
    if not told:
        raise Unanswered("The name of the host is not known.")
    return told


def is_public(text: str) -> bool:
    """Tell whether an address is one of the public Internet, and no other address in disguise."""
    found = _address(text)
    if found is None or found.is_multicast or not found.is_global:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        return found in _UNICAST and not (found.sixtofour or found.teredo)
    return True


# All that was ever given out of IPv6; beyond it lie old IPv4 and site addresses and translators' own.
_UNICAST = ipaddress.ip_network("2000::/3")


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def post(address: str, body: bytes, secret: str) -> int:
    """Post ``body``, signed; return the status when it is a yes.  Refused or Unanswered otherwise."""
    asked = target(address)
    until = time.monotonic() + SECONDS
    try:
        with connected(asked, until) as line:
            return _answer(line, _request(asked, body, secret), until)
    except TimeoutError:
        raise Unanswered(f"No answer within {SECONDS:.0f} s.") from None
    except OSError as problem:
        raise Unanswered(f"No connection: {problem}") from None


@contextmanager
def connected(asked: Target, until: float) -> Iterator[socket.socket]:
    """Open a line to an address that was looked at, in TLS unless it is plain HTTP."""
    where = resolved(asked), asked.port
    with socket.create_connection(where, left(until)) as plain:
        if asked.scheme == "http":
            yield plain
            return
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname=asked.host) as secure:
            yield secure


def _request(asked: Target, body: bytes, secret: str) -> bytes:
    at = int(time.time())
    head = (
        f"POST {asked.path} HTTP/1.1",
        f"Host: {asked.authority}",
        "User-Agent: support-portal",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"X-Portal-Signature: {signature(secret, at, body)}",
        "Connection: close",
    )
    return "\r\n".join([*head, "", ""]).encode() + body


def signature(secret: str, at: int, body: bytes) -> str:
    """Return what proves that a call is ours: the time, and a digest of it and the body."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    return f"t={at},v1={digest}"


def secret_of(salt: str, name: object) -> str:
    """Return the secret of what is called by this name; it follows from that of the installation."""
    return salted_hmac(salt, str(name), algorithm="sha256").hexdigest()


def left(until: float) -> float:
    """Return how many seconds are left; TimeoutError when there are none."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _answer(connection: socket.socket, request: bytes, until: float) -> int:
    connection.sendall(request)
    told = b""
    while b"\n" not in told and len(told) < STATUS_LENGTH:
        connection.settimeout(left(until))
        piece = connection.recv(STATUS_LENGTH)
        if not piece:
            break
        told += piece
    status = _STATUS.match(told)
    if status is None:
        raise Unanswered("The answer was not HTTP.")
    code = int(status[1])
    if 300 <= code < 400:
        raise Unanswered(f"It answered {code}; redirects are not followed.")
    if not 200 <= code < 300:
        raise Unanswered(f"It answered {code}.")
    return code
