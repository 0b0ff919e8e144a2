"""The embedded broker: messages are files in a folder that web, worker and beat share.

kombu's ``filesystem`` transport writes a message under its final name and reads what it finds, so
two busy consumers meet half-written files.  Here a message is written aside and renamed into the
queue, and whoever renames it out of the queue has it.  Each queue is a folder of its own, read
once per backlog instead of once per message.

A process that is killed loses the messages it had claimed.  The portal sends nothing but nudges
("look into the inbox"), and the next sweep replaces a lost one.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from urllib.parse import quote

from kombu.transport import TRANSPORT_ALIASES, filesystem, virtual
from kombu.utils.json import dumps, loads

SCHEME = "local"
SUFFIX = ".msg"
ASIDE = ".aside"  # what is being written or was claimed: the same file system, never listed


def register() -> None:
    """Let kombu and Celery know the broker address ``local://``."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


class Channel(filesystem.Channel):
    """Queues as folders; delivery by rename, which succeeds for exactly one consumer."""

    connection: "Transport"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._root = Path(self.data_folder_in)
        self._listed: dict[str, list[str]] = {}

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        name = f"{time_ns():020d}-{uuid.uuid4()}{SUFFIX}"
        _write_whole(self._queue_folder(queue) / name, payload, draft=self._folder(ASIDE) / name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder, aside = self._queue_folder(queue), self._folder(ASIDE)
        for name in self._waiting(queue, folder):
            claimed = aside / name
            try:
                (folder / name).rename(claimed)
            except FileNotFoundError:  # another consumer was first
                continue
            text = claimed.read_text(encoding="utf-8")
            claimed.unlink()
            return loads(text)
        raise Empty

    def _purge(self, queue: str) -> int:
        folder = self._queue_folder(queue)
        names = self._names(folder)
        for name in names:
            (folder / name).unlink(missing_ok=True)
        return len(names)

    def _size(self, queue: str) -> int:
        return len(self._names(self._queue_folder(queue)))

    def get_table(self, exchange: str) -> list[Any]:
        """Return who is bound to ``exchange``: by anybody, as the file says, or by this process.

        A process binds once; what it bound has to outlive a folder that was emptied under it.
        """
        table = super().get_table(exchange)
        own = self.connection.bound.get(exchange, [])
        return [*table, *(binding for binding in own if binding not in table)]

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._exchanges_locked():
            self._write_table(exchange, [binding, *self._others(exchange, binding)])
        self.connection.bound.setdefault(exchange, []).append(binding)

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any
    ) -> None:
        self._purge(queue)
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        own = self.connection.bound.get(exchange, [])
        own[:] = [other for other in own if other != binding]
        with self._exchanges_locked():
            self._write_table(exchange, self._others(exchange, binding))

    def _others(self, exchange: str, binding: Any) -> list[Any]:
        return [other for other in self.get_table(exchange) if other != binding]

    def _write_table(self, exchange: str, table: list[Any]) -> None:
        """Replace the table whole, so that a publisher without the lock never reads a part."""
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]  # its stubs are older
        _write_whole(file, table, draft=file.with_name(f"{file.name}.{uuid.uuid4()}"))

    @contextmanager
    def _exchanges_locked(self) -> Iterator[None]:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / "lock").open("w") as file:
            flock(file, LOCK_EX)
            yield

    def _waiting(self, queue: str, folder: Path) -> Iterator[str]:
        """Yield names oldest first; one listing of the folder serves a whole backlog."""
        if not self._listed.get(queue):
            self._listed[queue] = sorted(self._names(folder), reverse=True)
        names = self._listed[queue]
        while names:
            yield names.pop()

    def _names(self, folder: Path) -> list[str]:
        return [path.name for path in folder.iterdir() if path.name.endswith(SUFFIX)]

    def _queue_folder(self, queue: str) -> Path:
        return self._folder(f"q-{quote(queue, safe='')}")  # a prefix: "." and ".." are names too

    def _folder(self, name: str) -> Path:
        folder = self._root / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class Transport(filesystem.Transport):
    """kombu's file system transport with the channel above."""

    Channel = Channel
    driver_type = SCHEME
    driver_name = SCHEME

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = virtual.BrokerState()  # of this folder; kombu's is one for all folders
        self.bound: dict[str, list[Any]] = {}


def _write_whole(file: Path, content: Any, *, draft: Path) -> None:
    """Write ``file`` in one step, or leave nothing behind: on a full disk every ring is tried."""
    try:
        draft.write_text(dumps(content), encoding="utf-8")
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
