"""Typed readers of environment variables: a wrong value stops the start, it is never guessed."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

_HOST = re.compile(r"(?:https?://)?(?:[\w.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?", re.IGNORECASE)
FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
ENGINES = {
    "sqlite": "django.db.backends.sqlite3",
    "postgresql": "django.db.backends.postgresql",
    "postgres": "django.db.backends.postgresql",
}
MAIL_PORTS = {("smtp", False): 25, ("smtp", True): 587, ("smtps", False): 465}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PLAIN = (("http", "127.0.0.1"), ("http", "::1"))  # where nobody can listen in
BROKERS = ("local", "memory", "amqp", "amqps", "redis", "rediss")
T = TypeVar("T")


def text(name: str, *, default: str | None = None) -> str:
    """Return the setting ``name``, or raise when it has neither value nor default."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set; .env.example says what it is for")
    return default


def flag(name: str, *, default: bool) -> bool:
    """Return the on/off setting ``name``; any other word is an error, not a guess."""
    return _read(name, lambda word: FLAGS[word.lower()], default, f"one of {', '.join(FLAGS)}")


def integer(name: str, *, default: int, minimum: int = 0, maximum: int | None = None) -> int:
    """Return the whole number ``name``, at least ``minimum`` and at most ``maximum``."""
    number = _read(name, int, default, "a whole number")
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number}: expected {minimum} or more")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name}={number}: expected {maximum} or less")
    return number


def words(name: str, *, default: tuple[str, ...] = ()) -> list[str]:
    """Return the comma-separated list ``name`` without empty members."""
    value = os.environ.get(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def hosts(name: str) -> list[str]:
    """Return the comma-separated hosts ``name``, or their origins: scheme, host and port alone.

    A path would read as if nothing but it were meant, and a pattern as if it were one.
    """
    found = words(name)
    for entry in found:
        if not _HOST.fullmatch(entry):
            raise ImproperlyConfigured(f"{name} has {entry!r}; expected a host or an origin")
    return found


def path(name: str, *, default: Path) -> Path:
    """Return the absolute path ``name``."""
    return Path(os.environ.get(name) or default).expanduser().resolve()


def secret(name: str, *, minimum: int = 32) -> str:
    """Return the secret ``name``; a short one is refused without being shown."""
    value = text(name)
    if len(value) < minimum:
        raise ImproperlyConfigured(
            f"{name} is {len(value)} characters long; expected {minimum} or more"
        )
    return value


def broker(name: str, *, default: str) -> str:
    """Return the broker URL ``name``: embedded (``local://``), RabbitMQ or Redis."""
    url = text(name, default=default)
    scheme = url.partition("://")[0]
    if scheme not in BROKERS:
        raise ImproperlyConfigured(
            f"{name} starts with {scheme!r}; expected one of {', '.join(BROKERS)}"
        )
    return url


def database(name: str, *, default: str) -> dict[str, Any]:
    """Return Django's description of the database URL ``name`` (``sqlite:///file`` or ``postgresql://…``)."""
    url = _split(name, text(name, default=default))
    if url.scheme not in ENGINES:
        raise ImproperlyConfigured(
            f"{name} starts with {url.scheme!r}; expected sqlite or postgresql"
        )
    if url.scheme == "sqlite":
        return {"ENGINE": ENGINES["sqlite"], "NAME": unquote(url.path[1:])}
    return {
        "ENGINE": ENGINES[url.scheme],
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": url.port or "",
        "OPTIONS": dict(parse_qsl(url.query)),
    }


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; without a sender none is."""

    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    sender: str = ""


def mail_server(name: str) -> MailServer:
    """Return the mail server URL ``name``: ``smtp://user:password@host:587/?tls=yes&from=…``.

    What is wrong with it is said without the URL, for there is a password in it.
    """
    written = text(name, default="")
    if not written:
        return MailServer()
    url = _split(name, written)
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    sender, starttls = options.pop("from", ""), FLAGS.get(options.pop("tls", "no").lower())
    if unknown := sorted(options):
        raise ImproperlyConfigured(f"{name} has {', '.join(unknown)}; expected from and tls")
    usual = MAIL_PORTS.get((url.scheme, bool(starttls)))
    if usual is None or starttls is None or not url.hostname:
        raise ImproperlyConfigured(
            f"{name} is not understood; expected smtp://host/?from=…, with tls=yes for STARTTLS,"
            " or smtps://host/?from=…"
        )
    if not _is_mail_address(sender):
        raise ImproperlyConfigured(f"{name} says from={sender!r}; expected a mail address")
    return MailServer(
        host=url.hostname,
        port=url.port or usual,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        starttls=starttls,
        tls=url.scheme == "smtps",
        sender=sender,
    )


@dataclass(frozen=True, slots=True)
class Inbox:
    """A folder that answers come into; without a host there is none."""

    host: str = ""
    port: int = 993
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    tls: bool = True
    starttls: bool = False

    @property
    def name(self) -> str:
        """Return what tells it from others, without the password."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"[:200]


def inbox(name: str) -> Inbox:
    """Return the mailbox URL ``name``: ``imaps://user:password@host/folder``, or ``imap://…?tls=yes``.

    What is wrong with it is said without the URL, for there is a password in it.
    """
    written = text(name, default="")
    if not written:
        return Inbox()
    url = _split(name, written)
    starttls = FLAGS.get(dict(parse_qsl(url.query)).get("tls", "no").lower(), False)
    if url.scheme not in ("imap", "imaps") or not url.hostname or not url.username:
        raise ImproperlyConfigured(f"{name} is not understood; expected imaps://user:password@host")
    if url.scheme == "imap" and not starttls and url.hostname not in LOOPBACK:
        raise ImproperlyConfigured(f"{name} would send the password in the clear; use imaps://")
    return Inbox(
        host=url.hostname,
        port=url.port or (993 if url.scheme == "imaps" else 143),
        user=unquote(url.username),
        password=unquote(url.password or ""),
        folder=unquote(url.path.strip("/")) or "INBOX",
        tls=url.scheme == "imaps",
        starttls=starttls,
    )


@dataclass(frozen=True, slots=True)
class Zendesk:
    """A Zendesk that takes requests; without an origin there is none, without a user nobody signs in."""

    origin: str = ""
    user: str = ""
    token: str = field(default="", repr=False)

    @property
    def host(self) -> str:
        """Return what people call it."""
        return self.origin.partition("://")[2]


def zendesk(name: str) -> Zendesk:
    """Return the Zendesk URL ``name``: ``https://user:API token@company.zendesk.com``, or without both.

    What is wrong with it is said without the URL, for there is a token in it.
    """
    written = text(name, default="")
    if not written:
        return Zendesk()
    url = _split(name, written)
    user, token = unquote(url.username or ""), unquote(url.password or "")
    if not url.hostname or any((url.path.strip("/"), url.query, url.fragment)):
        raise ImproperlyConfigured(f"{name} is not understood; expected https://user:token@host")
    if url.scheme != "https" and (url.scheme, url.hostname) not in PLAIN:
        raise ImproperlyConfigured(f"{name} would send the token in the clear; use https://")
    if bool(user) != bool(token) or (user and not _is_mail_address(user)):
        raise ImproperlyConfigured(f"{name} needs a mail address and its API token, or neither")
    return Zendesk(f"{url.scheme}://{url.netloc.rpartition('@')[2]}".lower(), user, token)


def numbered(name: str, *, among: Sequence[str]) -> dict[int, str]:
    """Return the list ``name`` of ``number=word``, each word one of ``among``."""
    found = {}
    for entry in words(name):
        number, _, word = entry.partition("=")
        if not re.fullmatch(r"[0-9]{1,18}", number.strip(), re.ASCII) or word.strip() not in among:
            raise ImproperlyConfigured(
                f"{name} has {entry!r}; expected number=word, the word one of {', '.join(among)}"
            )
        if int(number) in found:
            raise ImproperlyConfigured(f"{name} has the number {int(number)} twice")
        found[int(number)] = word.strip()
    return found


def mail_addresses(name: str, *, default: tuple[str, ...]) -> list[str]:
    """Return the bare mail addresses ``name``, separated by commas; there is at least one."""
    found = words(name, default=default) or list(default)
    for address in found:
        if not _is_mail_address(address) or parseaddr(address)[1] != address:
            raise ImproperlyConfigured(f"{name} has {address!r}; expected a mail address")
    return found


def mail_address(name: str, *, default: str) -> str:
    """Return the mail address ``name``, perhaps with a person's name; "" when there is none."""
    written = text(name, default=default)
    if written and not _is_mail_address(written):
        raise ImproperlyConfigured(f"{name} is {written!r}; expected a mail address")
    return written


def origin(name: str, *, hosts: Sequence[str], https: bool) -> str:
    """Return the address ``name`` without a slash at its end; else that of the first of ``hosts``."""
    named = [host.lstrip(".") for host in hosts if host != "*"]
    default = f"{'https' if https else 'http'}://{(named or ['localhost'])[0]}"
    url = _split(name, text(name, default=default))
    rest = (url.path.strip("/"), url.query, url.fragment, url.username)
    if url.scheme not in ("http", "https") or not url.hostname or any(rest):
        raise ImproperlyConfigured(
            f"{name} is not understood; expected https://host or http://host"
        )
    return f"{url.scheme}://{url.netloc}"


def _is_mail_address(written: str) -> bool:
    try:
        validate_email(parseaddr(written)[1])
    except ValidationError:
        return False
    return written.isprintable()


def _split(name: str, written: str) -> SplitResult:
    """Return the parts of a URL; its host or port, which are not shown, may be its password."""
    try:
        url = urlsplit(written)
        _ = url.port  # only now it is looked at
    except ValueError:
        raise ImproperlyConfigured(f"{name} has no host and port that can be read") from None
    return url


def _read(name: str, reader: Callable[[str], T], default: T, expected: str) -> T:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return reader(value)
    except (KeyError, ValueError):
        raise ImproperlyConfigured(f"{name}={value!r}: expected {expected}") from None


def load_file(file: Path) -> None:
    """Set the ``NAME=value`` lines of ``file`` that the environment does not set already."""
    if not file.is_file():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))
