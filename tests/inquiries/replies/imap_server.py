"""A mailbox on a socket of its own that does what a test wants of it."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_FETCH = re.compile(r"UID FETCH (\d+) \((RFC822\.SIZE|BODY\.PEEK\[\]|BODY\.PEEK\[HEADER\])")
_SEARCH = re.compile(r"UID SEARCH UID (\d+):\*( SINCE \S+)?")


@dataclass
class Server:
    """Mails by UID, and what goes wrong: ``breaks`` at this command it hangs up, ``stalls`` it says nothing."""

    mails: dict[int, bytes] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)  # told instead of the true ones
    validity: int = 7
    password: str = "a word"
    breaks: str = ""
    stalls: str = ""
    lie: int = 0  # the length that a literal is said to have
    flood: bool = False  # answers without end
    port: int = 0
    said: list[str] = field(default_factory=list)

    def talk(self, client: socket.socket) -> None:
        """Speak with one client."""
        stream = client.makefile("rb")
        client.sendall(b"* OK ready\r\n")
        while line := stream.readline():
            tag, _, command = line.decode().strip().partition(" ")
            self.said.append(command)
            if self.breaks and self.breaks in command:
                return
            if self.stalls and self.stalls in command:
                stream.read()
                return
            for answer in self._answers(command):
                client.sendall(answer)
            client.sendall(f"{tag} {self._verdict(command)}\r\n".encode())
            if command == "LOGOUT":
                return

    def _verdict(self, command: str) -> str:
        wrong = command.startswith("LOGIN") and self.password not in command
        return "NO wrong password" if wrong else "OK done"

    def _answers(self, command: str) -> Iterator[bytes]:
        if command.startswith("CAPABILITY"):
            yield b"* CAPABILITY IMAP4rev1\r\n"
        elif command.startswith("EXAMINE"):
            yield f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] valid\r\n".encode()
        elif found := _SEARCH.fullmatch(command):
            least = min(int(found[1]), max(self.mails, default=0))  # "*" is the last, however low
            uids = " ".join(str(uid) for uid in self.mails if uid >= least)
            yield f"* SEARCH {uids}\r\n".encode()
        elif (found := _FETCH.match(command)) and int(found[1]) in self.mails:
            yield from self._fetched(int(found[1]), found[2])

    def _fetched(self, uid: int, what: str) -> Iterator[bytes]:
        content = self.mails[uid]
        while self.flood:
            yield b"* 1 FETCH (FLAGS ())\r\n" * 1000
        if what == "RFC822.SIZE":
            size = self.sizes.get(uid, len(content))
            yield f"* 1 FETCH (UID {uid} RFC822.SIZE {size})\r\n".encode()
            return
        if "HEADER" in what:
            content = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        yield f"* 1 FETCH (UID {uid} BODY[] {{{self.lie or len(content)}}}\r\n".encode()
        yield content + b")\r\n"


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Let the server listen on a port of localhost."""
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                try:
                    server.talk(client)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
