"""Calling an address that somebody typed: nowhere but where the administrator allows."""

import hashlib
import hmac
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support_portal.core import webhooks

YES = b"HTTP/1.1 204 No Content\r\n\r\n"


class Receiver:
    """Answers one call on this machine, and keeps what it was sent."""

    def __init__(self, answer: bytes) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._answer = answer
        self.received = b""
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with self._listening, self._listening.accept()[0] as connection:
            connection.settimeout(5)
            while b"}" not in self.received:
                self.received += connection.recv(65_536)
            connection.sendall(self._answer)

    def end(self) -> None:
        self._thread.join(5)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Callable[..., Receiver]]:
    made: list[Receiver] = []

    def make(answer: bytes = YES) -> Receiver:
        made.append(Receiver(answer))
        settings.WEBHOOK_HOSTS = [f"http://127.0.0.1:{made[-1].port}"]
        return made[-1]

    yield make
    for each in made:
        each.end()


def test_a_call_is_posted_and_signed(receiver: Callable[..., Receiver]) -> None:
    here = receiver()

    assert webhooks.post(f"http://127.0.0.1:{here.port}/in?x=1", b'{"a":1}', "secret") == 204

    head, _, body = here.received.partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:])
    assert head.startswith(b"POST /in?x=1 HTTP/1.1\r\n")
    assert (lines["Host"], body) == (f"127.0.0.1:{here.port}", b'{"a":1}')
    at, digest = (part.partition("=")[2] for part in lines["X-Portal-Signature"].split(","))
    signed = hmac.new(b"secret", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert digest == signed


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n\r\n",
            "redirects are not followed",
        ),
        (b"HTTP/1.1 500 Oops\r\n\r\n", "It answered 500."),
        (b"SSH-2.0-OpenSSH\r\n", "not HTTP"),
        (b"", "not HTTP"),
        (b"x" * 5_000, "not HTTP"),
    ],
)
def test_what_is_no_yes_is_told(
    receiver: Callable[..., Receiver], answer: bytes, said: str
) -> None:
    here = receiver(answer)

    with pytest.raises(webhooks.Unanswered, match=said):
        webhooks.post(f"http://127.0.0.1:{here.port}/", b"{}", "secret")


def test_whoever_does_not_answer_is_left_in_the_end(
    receiver: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = receiver(b"HTTP/1.1")  # and then nothing: the line never ends
    clock = iter([0.0, 1.0, 6.0, 7.0])
    monkeypatch.setattr(webhooks.time, "monotonic", lambda: next(clock))

    with pytest.raises(webhooks.Unanswered):
        webhooks.post(f"http://127.0.0.1:{here.port}/", b"{}", "secret")


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example.com/",
        "http://hooks.example.com/",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com.evil.example/",
        "https://hooks.example.com@evil.example/",
        "https://evil.example#hooks.example.com",
        "https://hooks.example.com\\@evil.example/",
        "https://user:pw@hooks.example.com/",
        "https://hooks.example.com/\r\nX: y",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/#x",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "//hooks.example.com/",
        "hooks.example.com",
        "https://[::1",
        "https://127.0.0.1/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com/" + "x" * 500,
        "",
    ],
)
def test_what_the_administrator_did_not_name_is_refused(address: str, settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.com"]

    with pytest.raises(webhooks.Refused):
        webhooks.target(address)


def test_what_the_administrator_named_is_called(settings: Any) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.com", "http://10.0.0.5:8065"]

    assert webhooks.target("https://HOOKS.example.com/x").authority == "hooks.example.com"
    assert webhooks.resolved(webhooks.target("http://10.0.0.5:8065/hooks/1")) == "10.0.0.5"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "::ffff:10.0.0.1",
        "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "ff02::1", "nothing",
        "::a00:1", "64:ff9b:1::a00:1", "fec0::1", "4000::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not webhooks.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888"])
def test_addresses_that_are_public(address: str) -> None:
    assert webhooks.is_public(address)


def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Let every name lead to these addresses; return where connections are made to."""
    made: list[Any] = []

    def connect(where: Any, *_: object) -> None:
        made.append(where)
        raise OSError("nobody there")

    told = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in addresses]
    monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *_, **__: told)
    monkeypatch.setattr(webhooks.socket, "create_connection", connect)
    return made


def test_the_connection_is_made_to_the_address_that_was_looked_at(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.com"]
    made = names(monkeypatch, "93.184.216.34", "1.1.1.1")

    with pytest.raises(webhooks.Unanswered, match="nobody there"):
        webhooks.post("https://hooks.example.com/", b"{}", "secret")

    assert made == [("93.184.216.34", 443)]


def test_a_name_with_one_address_that_is_not_public_is_not_called(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.com"]
    made = names(monkeypatch, "93.184.216.34", "169.254.169.254")

    with pytest.raises(webhooks.Refused, match="not public"):
        webhooks.post("https://hooks.example.com/", b"{}", "secret")

    assert made == []


def test_a_resolver_that_does_not_answer_is_left_behind(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.com"]
    asked = webhooks.target("https://hooks.example.com/")
    answered = threading.Event()
    monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *_, **__: answered.wait(30))

    with pytest.raises(webhooks.Unanswered, match="in time"):
        webhooks.resolved(asked, 0.05)
    answered.set()
