"""Made-up traffic that knows what must become of it, and a small client to send it with."""

import json
import queue
import random
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

SUB_ACCOUNTS = [f"northwind_{number:02d}" for number in range(40)]
ERRORS = [(1001, "Illegal SubAccountId"), (1002, "Invalid MSISDN"), (1200, "Unauthorized Access")]
STATES = [
    ("sent", None, None),
    ("delivered", "delivered_to_recipient", None),
    ("undelivered", "rejected_by_operator", 15),
]
START = datetime(2026, 7, 1, tzinfo=UTC)
NDJSON = "application/x-ndjson"

Fact = tuple[str, ...]  # ("error", id) or ("receipt", umid, state)


@dataclass(frozen=True, slots=True)
class Line:
    """One event as it is sent; no fact stands for nonsense."""

    text: bytes
    fact: Fact | None


@dataclass(frozen=True, slots=True)
class Body:
    """What one request carries."""

    lines: tuple[Line, ...]

    @property
    def bytes(self) -> bytes:
        """Return the body as NDJSON."""
        return b"\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Truth:
    """What has to be found after some bodies were taken."""

    errors: frozenset[str]
    receipts: frozenset[tuple[str, str]]
    repeats: int
    nonsense: int


class Traffic:
    """Errors and receipts in a mix, the same for the same seed."""

    def __init__(
        self, seed: int, *, repeats: float = 0.0, nonsense: float = 0.0, following: float = 0.0
    ) -> None:
        self.random = random.Random(seed)
        self.repeats = repeats
        self.nonsense = nonsense
        self.following = following  # the share of receipts that are the next of a known message
        self.sent: list[uuid.UUID] = []
        self.moment = START
        self.told: list[Line] = []

    def bodies(self, events: int, sizes: Sequence[int]) -> list[Body]:
        """Return ``events`` lines in bodies whose sizes are drawn from ``sizes``."""
        bodies: list[Body] = []
        left = events
        while left:
            size = min(left, self.random.choice(sizes))
            bodies.append(Body(tuple(self.line() for _ in range(size))))
            left -= size
        return bodies

    def line(self) -> Line:
        """Return the next event: new, a repeat of an earlier one, or nonsense."""
        chance = self.random.random()
        if chance < self.repeats and self.told:
            return self.random.choice(self.told)
        line = self.error() if self.random.random() < 0.3 else self.receipt()
        if chance > 1 - self.nonsense:
            return Line(line.text[: len(line.text) * 2 // 3], None)
        self.told.append(line)
        return line

    def error(self) -> Line:
        """Return an API error with the context of its request."""
        error_id, umid = self._id(), self._id()
        code, message = self.random.choice(ERRORS)
        sub_account = self.random.choice(SUB_ACCOUNTS)
        event = {
            "error": {
                "code": code,
                "message": message,
                "errorId": str(error_id),
                "timestamp": self._time(),
            },
            "context": {
                "httpStatus": 400,
                "method": "POST",
                "path": f"/api/v1/subaccounts/{sub_account}/messages",
                "subAccountId": sub_account,
                "umid": str(umid),
                "clientMessageId": f"order-{self.random.getrandbits(48):012x}",
                "channel": "sms",
                "destination": self._number(),
                "service": f"sender-{self.random.randrange(16):02d}",
            },
        }
        return Line(compact(event), ("error", error_id.hex))

    def receipt(self) -> Line:
        """Return a delivery receipt of an SMS."""
        if self.sent and self.random.random() < self.following:
            umid = self.sent.pop(self.random.randrange(len(self.sent)))
            state, detail, code = self.random.choice(STATES[1:])
        else:
            umid = self._id()
            state, detail, code = self.random.choice(STATES)
        if self.following and state == "sent":
            self.sent.append(umid)
        status = {"state": state, "timestamp": self._time()}
        if detail:
            status["detail"] = detail
        event = {
            "namespace": "SMS",
            "eventType": "outbound_message_status_changed",
            "description": "SMS outbound message delivery receipt",
            "payload": {
                "umid": str(umid),
                "batchId": str(self._id()),
                "clientMessageId": f"order-{self.random.getrandbits(48):012x}",
                "subAccountId": self.random.choice(SUB_ACCOUNTS),
                "source": "Northwind",
                "destination": self._number(),
                "status": status | ({"errorCode": code} if code else {}),
                "price": {"total": 0.0375, "perSms": 0.0375, "currency": "USD"},
                "smsCount": 1,
            },
        }
        return Line(compact(event), ("receipt", umid.hex, state))

    def _id(self) -> uuid.UUID:
        return uuid.UUID(bytes=self.random.randbytes(16), version=4)

    def _time(self) -> str:
        self.moment += timedelta(milliseconds=self.random.randrange(20))
        return self.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _number(self) -> str:
        """Return one of 80,000 numbers that are reserved for examples."""
        area = self.random.randrange(200, 1000)
        return f"+1{area}55501{self.random.randrange(100):02d}"


def truth(bodies: Iterable[Body]) -> Truth:
    """Return what has to be found after exactly these bodies were taken."""
    facts: set[Fact] = set()
    repeats = nonsense = 0
    for line in (line for body in bodies for line in body.lines):
        if line.fact is None:
            nonsense += 1
        elif line.fact in facts:
            repeats += 1
        else:
            facts.add(line.fact)
    return Truth(
        errors=frozenset(fact[1] for fact in facts if fact[0] == "error"),
        receipts=frozenset((fact[1], fact[2]) for fact in facts if fact[0] == "receipt"),
        repeats=repeats,
        nonsense=nonsense,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request went; status 0 stands for no answer."""

    status: int
    seconds: float


@dataclass
class Client:
    """One keep-alive connection over a bare socket: a library would cost more than the server."""

    port: int
    path: str = "/api/v1/events"
    headers: dict[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    connection: socket.socket | None = None

    def post(self, body: bytes, content_type: str = NDJSON) -> Answer:
        """Send ``body`` once and return the answer, if one came."""
        started = time.perf_counter()
        status = self.finish() if self.begin(body, content_type) else 0
        return Answer(status, time.perf_counter() - started)

    def begin(self, body: bytes, content_type: str = NDJSON) -> bool:
        """Send ``body`` without waiting for the answer; tell whether it went out."""
        try:
            self._send(body, content_type)
        except OSError:
            self.close()
            return False
        return True

    def finish(self) -> int:
        """Return the answer to what was sent, 0 if none came."""
        if self.connection is None:
            return 0
        try:
            return _read_answer(self.connection)
        except OSError:
            self.close()
            return 0

    def close(self) -> None:
        """End the connection; the next request opens another."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _send(self, body: bytes, content_type: str) -> None:
        if self.connection is None:
            self.connection = socket.create_connection(("127.0.0.1", self.port), self.timeout)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Content-Type: {content_type}",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def _read_answer(connection: socket.socket) -> int:
    """Return the status of an answer and read its body to the end."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _receive(connection)
    head, _, rest = received.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    while len(rest) < length:
        rest += _receive(connection)
    return int(head[9:12])


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionResetError("closed before the answer was complete")
    return data


def send_all(
    bodies: Sequence[bytes], connect: Callable[[], Client], *, connections: int
) -> list[Answer]:
    """Send every body once over ``connections`` connections; return the answers, any order."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    for body in bodies:
        waiting.put(body)
    answers: list[Answer] = []

    def work() -> None:
        client = connect()
        answers.extend(client.post(body) for body in _taken(waiting))
        client.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _taken(waiting: "queue.SimpleQueue[bytes]") -> Iterator[bytes]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return


def compact(event: object) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()
