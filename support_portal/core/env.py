"""Typed readers of environment variables: a wrong value stops the start, it is never guessed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

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


def integer(name: str, *, default: int, minimum: int = 0) -> int:
    """Return the whole number ``name``, at least ``minimum``."""
    number = _read(name, int, default, "a whole number")
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number}: expected {minimum} or more")
    return number


def words(name: str, *, default: tuple[str, ...] = ()) -> list[str]:
    """Return the comma-separated list ``name`` without empty members."""
    value = os.environ.get(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


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
    url = urlsplit(text(name, default=default))
    if url.scheme not in ENGINES:
        raise ImproperlyConfigured(
            f"{name} starts with {url.scheme!r}; expected sqlite or postgresql"
        )
    if url.scheme == "sqlite":
        return {"ENGINE": ENGINES["sqlite"], "NAME": unquote(url.path[1:])}
    try:
        port = url.port or ""
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None
    return {
        "ENGINE": ENGINES[url.scheme],
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": port,
        "OPTIONS": dict(parse_qsl(url.query)),
    }


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
