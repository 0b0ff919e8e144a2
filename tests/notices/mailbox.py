"""A mail server on this machine that keeps what it is handed, or refuses it."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Mailbox(socketserver.ThreadingTCPServer):
    """Speaks enough of SMTP for one sender; ``refusals`` are answered to RCPT, one each time."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.port: int = self.server_address[1]
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.refusals: list[bytes] = []

    @property
    def mails(self) -> list[EmailMessage]:
        """Return what was handed in."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.raw]  # type: ignore[misc]


class _Conversation(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say(b"220 mailbox")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"RCPT":
                self._recipient(line)
            elif verb == b"DATA":
                self._say(b"354 go on")
                self.server.raw.append(self._data())
                self._say(b"250 kept")
            elif verb == b"QUIT":
                return self._say(b"221 bye")
            else:
                self._say(b"250 mailbox")
        return None

    def _recipient(self, line: bytes) -> None:
        if self.server.refusals:
            return self._say(self.server.refusals.pop(0))
        self.server.recipients.append(line.decode().partition("<")[2].partition(">")[0])
        return self._say(b"250 known")

    def _data(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def listening() -> Iterator[Mailbox]:
    """Run a mail server until the end of the block."""
    with Mailbox() as box:
        threading.Thread(target=box.serve_forever, daemon=True).start()
        yield box
        box.shutdown()
