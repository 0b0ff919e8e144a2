"""A Zendesk on a port of localhost: what its documentation says of requests and uploads, and its bad days.

https://developer.zendesk.com/api-reference/ticketing/: Basic authentication with an API token, upload
tokens that live for an hour, keys that live for two, errors as {"error", "description", "details"}.
"""

import base64
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from support_portal.core.env import Zendesk

USER, TOKEN = "support@northwind.example", "6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv"
KEY_LIVES, TOKEN_LIVES = timedelta(hours=2), timedelta(hours=1)


@dataclass(frozen=True)
class Asked:
    """One question as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Says:
    """A bad day: an answer instead of the work."""

    status: int
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Breaks:
    """A bad day: the line breaks before the work, after it, or in the middle of the answer."""

    when: str


@dataclass(frozen=True)
class Stalls:
    """A bad day: nothing is said until the other side goes; ``done`` when the work was done before."""

    done: bool = False
    drips: bool = False


Fault = Says | Breaks | Stalls


class Server(ThreadingHTTPServer):
    """What it was asked, what it keeps, and which bad days are to come."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.uploads: dict[str, tuple[str, str, bytes, datetime]] = {}
        self.requests: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.keys: dict[str, tuple[bytes, Says, datetime]] = {}
        self.faults: dict[str, list[Fault]] = defaultdict(list)  # uploads, requests, comments
        self.reached = threading.Semaphore(0)  # once for each bad day that came
        self.let_go = threading.Event()
        self.one_at_a_time = threading.Lock()

    @property
    def origin(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def signed_in(self) -> Zendesk:
        """Return the setting that leads here."""
        return Zendesk(self.origin, USER, TOKEN)

    def paths(self) -> list[str]:
        """Return what was asked for, in order."""
        return [f"{each.method} {urlsplit(each.path).path}" for each in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.server.one_at_a_time:
            self.server.asked.append(Asked(self.command, self.path, dict(self.headers), body))
            kind, work = self._work()
            faults = self.server.faults[kind]
            fault = faults.pop(0) if faults else None
            done = fault is None or fault in (Breaks("after"), Breaks("half"), Stalls(done=True))
            answer = work(body) if done else fault
        if fault is not None:
            self.server.reached.release()
        if isinstance(fault, Stalls):
            self._stall(fault)
        elif isinstance(answer, Says):
            self._say(answer, half=fault == Breaks("half"), dead=fault == Breaks("after"))

    def _work(self) -> tuple[str, Callable[[bytes], Says]]:
        path = urlsplit(self.path).path
        if not self._signed_in():
            return "", lambda _: Says(401, {"error": "Couldn't authenticate you"})
        if (self.command, path) == ("POST", "/api/v2/uploads.json"):
            return "uploads", self._upload
        if (self.command, path) == ("POST", "/api/v2/requests.json"):
            return "requests", self._create
        if (self.command, path) == ("GET", "/api/v2/users/me.json"):
            user = {"id": 7, "email": USER, "role": "end-user"}
            return "users", lambda _: Says(200, {"user": user})
        if self.command == "PUT" and (found := re.fullmatch(r"/api/v2/requests/(\d+)\.json", path)):
            return "comments", lambda body: self._comment(int(found[1]), body)
        return "", lambda _: Says(404, {"error": "InvalidEndpoint", "description": "Not found"})

    def _signed_in(self) -> bool:
        said = self.headers.get("Authorization", "")
        right = base64.b64encode(f"{USER}/token:{TOKEN}".encode()).decode()
        return said in ("", f"Basic {right}")

    def _upload(self, body: bytes) -> Says:
        name = parse_qs(urlsplit(self.path).query).get("filename", [""])[0]
        if not name:
            return Says(400, {"error": "RecordMissing", "description": "filename is required"})
        token = f"upload{len(self.server.uploads) + 1}"
        kind = self.headers["Content-Type"]
        self.server.uploads[token] = (name, kind, body, timezone.now())
        return Says(201, {"upload": {"token": token, "attachment": {"file_name": name}}})

    def _create(self, body: bytes) -> Says:
        key, now = self.headers.get("Idempotency-Key", ""), timezone.now()
        before = self.server.keys.get(key)
        if before and now < before[2] + KEY_LIVES:
            if before[0] != body:
                why = "Request parameters don't match the given idempotency key"
                return Says(400, {"error": "IdempotentRequestError", "description": why})
            return Says(before[1].status, before[1].body, {"x-idempotency-lookup": "hit"})
        asked = json.loads(body)["request"]
        if problem := self._problem(asked):
            return problem
        number = 35_436 + len(self.server.requests)
        self.server.requests[number] = asked
        shown = {"id": number, "url": f"{self.server.origin}/api/v2/requests/{number}.json"}
        answer = Says(
            201, {"request": {**shown, "status": "new"}}, {"x-idempotency-lookup": "miss"}
        )
        if key:
            self.server.keys[key] = (body, answer, now)
        return answer

    def _comment(self, number: int, body: bytes) -> Says:
        if not self.headers.get("Authorization"):
            return Says(401, {"error": "Couldn't authenticate you"})
        if number not in self.server.requests:
            return Says(404, {"error": "RecordNotFound", "description": "Not found"})
        asked = json.loads(body)["request"]
        if problem := self._problem({"subject": "kept", **asked}):
            return problem
        self.server.comments[number].append(asked["comment"])
        return Says(200, {"request": {"id": number, "status": "open"}})

    def _problem(self, asked: dict[str, Any]) -> Says | None:
        wrong = [] if asked.get("subject") else ["Subject: cannot be blank"]
        if not self.headers.get("Authorization") and not asked.get("requester"):
            wrong.append("Requester: is required")
        tokens = asked.get("comment", {}).get("uploads", [])
        now = timezone.now()
        if any(
            each not in self.server.uploads or now >= self.server.uploads[each][3] + TOKEN_LIVES
            for each in tokens
        ):
            wrong.append("Upload: is invalid")
        if not wrong:
            return None
        details = {"base": [{"description": each, "error": "InvalidValue"} for each in wrong]}
        said = {"error": "RecordInvalid", "description": "Record validation errors"}
        return Says(422, {**said, "details": details})

    def _stall(self, fault: Stalls) -> None:
        if fault.drips:
            self.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n")
            for _ in range(499):  # five seconds
                self.server.let_go.wait(0.01)
                self.wfile.write(b" ")
        else:
            self.connection.recv(1)  # until the other side has had enough

    def _say(self, answer: Says, *, half: bool, dead: bool) -> None:
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        content = text.encode()
        if dead:
            return
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if half else content)

    def handle(self) -> None:
        """Answer; whoever left meanwhile does not mind."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True


@contextmanager
def running() -> Iterator[Server]:
    """Let the server listen."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
