"""A mail server on a socket of its own that does what a test wants of it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

END = b"\r\n.\r\n"
OK = "250 OK"


@dataclass
class Server:
    """What the server answers; "" breaks the connection, None says nothing until the client goes."""

    greeting: str | None = "220 ready"
    mail: str | None = OK
    rcpt: str | None = OK
    data: str | None = "354 go ahead"
    end: str | None = "250 taken"
    port: int = 0
    talks: int = 0
    taken: list[bytes] = field(default_factory=list)  # contents that were handed over
    said: list[str] = field(default_factory=list)

    def talk(self, client: socket.socket) -> None:
        """Speak with one client."""
        self.talks += 1
        stream = client.makefile("rb")
        going = self._say(client, stream, self.greeting)
        while going and (line := stream.readline()):
            command = line.decode().strip()
            self.said.append(command)
            answer = self._answer(command)
            if command.upper() == "QUIT":
                return
            going = self._say(client, stream, answer)
            if going and answer and answer.startswith("354"):
                going = self._read(client, stream)

    def _answer(self, command: str) -> str | None:
        for word, answer in (("MAIL", self.mail), ("RCPT", self.rcpt), ("DATA", self.data)):
            if command.upper().startswith(word):
                return answer
        return OK

    def _read(self, client: socket.socket, stream) -> bool:
        content = b""
        while not content.endswith(END) and (line := stream.readline()):
            content += line
        if not content.endswith(END):
            return False
        self.taken.append(content.removesuffix(b".\r\n"))
        return self._say(client, stream, self.end)

    @staticmethod
    def _say(client: socket.socket, stream, answer: str | None) -> bool:
        if answer is None:
            stream.read()  # until the client has had enough
            return False
        if answer:
            client.sendall(f"{answer}\r\n".encode())
        return bool(answer)


@contextmanager
def running(server: Server, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Let the server listen on a port of localhost, in TLS from the first byte if it has any."""
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
                    server.talk(tls.wrap_socket(client, server_side=True) if tls else client)
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
