"""The portal as real processes, on a port, a database and a queue of its own.

Fault tests and benchmarks start the very programs that production runs.  What they left behind is
read by plain SQL, so that the portal is not its own witness.
"""

import contextlib
import importlib
import os
import subprocess
import threading
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from kombu import Connection
from psycopg import sql

from support_portal.core import sqlite
from support_portal.operations.local_run import WEB_THREADS
from tests.processes import (
    PYTHON,
    REPOSITORY,
    Processes,
    Program,
    free_port,
    is_listening,
    wait_until,
)

POSTGRESQL = os.environ.get(
    "PORTAL_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
RABBITMQ = os.environ.get("PORTAL_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")
SECRET = "a secret that is only good for this stack"
SEAL_KEYS = "stack:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
START_SECONDS = 30.0
CELERY = "support_portal.celery"
PREPARE = f"""
import django; django.setup()
from django.core.management import call_command
from support_portal.accounts.services import issue_hook_key, issue_token
call_command("migrate", verbosity=0)
issue_token(name="stack", scopes=["events:write", "records:read"], secret={SECRET!r})
issue_hook_key(name="stack", secret="stack-hook")
"""
DRAIN = """
import django; django.setup()
from support_portal.ingest.services import drain
while drain().more: pass
"""
Row = tuple[Any, ...]


class SqliteDatabase:
    """A database file in the data folder of the stack."""

    name = "sqlite"

    def __init__(self, folder: Path, *, name: str = "portal") -> None:
        self.file = folder / f"{name}.sqlite3"
        self.url = f"sqlite:///{self.file}"
        sqlite.install()
        self.driver = importlib.import_module("sqlite3")  # the library that the portal uses
        self.away: type[Exception] = self.driver.OperationalError

    def query(self, statement: str) -> list[Row]:
        """Return the rows of one statement."""
        with contextlib.closing(self.connect()) as connection:
            rows: list[Row] = connection.execute(statement).fetchall()
        return rows

    def connect(self) -> Any:
        """Return a connection in autocommit mode, as durable as the portal's."""
        connection = self.driver.connect(self.file, timeout=20, isolation_level=None)
        connection.executescript("PRAGMA synchronous = FULL; PRAGMA cache_size = -32000")
        return connection

    def is_writing(self) -> bool:
        """Tell whether some process is inside a write transaction now."""
        with contextlib.closing(self.driver.connect(self.file, timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except self.driver.OperationalError:
                return True
        return False

    def drop(self) -> None:
        """Leave the file to whoever made the folder."""


class PostgresqlDatabase:
    """A database of its own on the test server; one with a name may be there already."""

    name = "postgresql"
    away: type[Exception] = psycopg.OperationalError

    def __init__(self, folder: Path, *, name: str = "") -> None:
        self.database = name or f"portal_stack_{uuid.uuid4().hex[:12]}"
        self.url = urlunsplit(urlsplit(POSTGRESQL)._replace(path=f"/{self.database}"))
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            self._administer("CREATE DATABASE {}")
        self._reader: psycopg.Connection[Row] | None = None
        self._asking = threading.Lock()  # a sender asks from its own thread what the test asks too

    def query(self, statement: str) -> list[Row]:
        """Return the rows of one statement; a server that was restarted is connected to again."""
        with self._asking:
            if self._reader is None or self._reader.closed:
                self._reader = self.connect()
            try:
                return self._reader.execute(statement.encode()).fetchall()
            except self.away:
                self._reader.close()
                raise

    def connect(self) -> Any:
        """Return a connection in autocommit mode."""
        return self.open(self.url)

    @staticmethod
    def open(url: str) -> Any:
        """Return a connection in autocommit mode to any database."""
        return psycopg.connect(url, autocommit=True, connect_timeout=5)

    def is_writing(self) -> bool:
        """Tell whether a drain holds its lock now."""
        return bool(
            self.query(
                "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database"
                " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
            )
        )

    def drop(self) -> None:
        """Remove the database, whoever is still connected."""
        if self._reader is not None:
            self._reader.close()
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.database)))


Database = SqliteDatabase | PostgresqlDatabase
DATABASES: dict[str, type[SqliteDatabase] | type[PostgresqlDatabase]] = {
    "sqlite": SqliteDatabase,
    "postgresql": PostgresqlDatabase,
}
LOCAL = "local://localhost//"
BROKERS = {"sqlite": LOCAL, "postgresql": RABBITMQ}


def missing(database: str) -> str:
    """Return which service a stack on ``database`` lacks here, "" when it has what it needs."""
    if database == "sqlite":
        return ""
    services = {"postgresql": POSTGRESQL, "rabbitmq": RABBITMQ}
    return next((name for name, url in services.items() if not is_answering(url)), "")


def is_answering(url: str) -> bool:
    """Tell whether the service of ``url`` takes connections."""
    parts = urlsplit(url)
    default = 5672 if parts.scheme.startswith("amqp") else 5432
    return is_listening(parts.hostname or "127.0.0.1", parts.port or default)


class Stack(Processes):
    """The processes of one portal; the function ``stack`` makes one and ends it."""

    def __init__(
        self, folder: Path, database: Database, broker: str, *, data: Path | None = None
    ) -> None:
        super().__init__(folder)
        self.database = database
        self.broker = broker
        self.data = data or folder
        self.port = free_port()
        self.queue = f"portal-stack-{uuid.uuid4().hex[:12]}"
        own = {
            "DJANGO_SETTINGS_MODULE": "support_portal.settings.base",
            "PORTAL_HTTPS": "no",
            "PORTAL_SECRET_KEY": "for this stack only, and long enough to be accepted",
            "PORTAL_SEAL_KEYS": SEAL_KEYS,
            "PORTAL_DATABASE_URL": self.database.url,
            "PORTAL_BROKER_URL": self.broker,
            "PORTAL_DATA_DIR": str(self.data),
            "PORTAL_LOG_LEVEL": "WARNING",
            "PORTAL_QUEUE": self.queue,
        }
        foreign = {name for name in os.environ if name.startswith("PORTAL_")}
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        self.environment = {**kept, **own}

    def run(self, code: str) -> str:
        """Run Python ``code`` in the environment of the stack and return what it prints."""
        return subprocess.run(
            [*PYTHON, "-c", code],
            cwd=REPOSITORY,
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
        ).stdout

    def start_web(
        self, application: str = "support_portal.wsgi:application", *, workers: int = 1
    ) -> None:
        """Start the web server and wait until it takes connections."""
        # What was killed a moment ago still has connections in its backlog.
        wait_until(
            lambda: not is_listening("127.0.0.1", self.port),
            seconds=START_SECONDS,
            what="the end of the web server before",
        )
        self.start(
            "web",
            *("granian", "--interface", "wsgi", application, "--host", "127.0.0.1"),
            *("--port", str(self.port), "--workers", str(workers)),
            *("--blocking-threads", str(WEB_THREADS)),
            *("--log-level", "warning"),
        )
        wait_until(
            lambda: is_listening("127.0.0.1", self.port), seconds=START_SECONDS, what="web server"
        )

    def is_serving(self) -> bool:
        """Tell whether the web server takes connections."""
        return "web" in self.processes and is_listening("127.0.0.1", self.port)

    def start_worker(self, name: str = "worker", application: str = CELERY) -> None:
        """Start a worker; it announces itself by draining."""
        self.start(
            name,
            *("celery", "-A", application, "worker", "-P", "solo", "-l", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            *("-n", f"{self.queue}-{name}@%h"),
        )

    def start_beat(self) -> None:
        """Start beat, which sweeps the inbox every second."""
        schedule = str(self.data / "beat")
        self.start(
            "beat",
            *("celery", "-A", CELERY, "beat", "-s", schedule, "-l", "WARNING", "--pidfile", ""),
        )

    def start(self, name: str, module: str, *arguments: str) -> None:
        """Start ``python -m module`` as the leader of a process group of its own."""
        self.launch(name, Program((*PYTHON, "-m", module, *arguments), self.environment))

    def stop(self) -> None:
        """End every process and remove what the stack made outside its folder."""
        self.end()
        self.database.drop()

    def settled(self) -> bool:
        """Tell whether nothing waits in the inbox, as far as the database answers."""
        try:
            return self.pending() == 0
        except self.database.away:
            return False

    def pending(self) -> int:
        """Return how many deliveries wait."""
        return self.count("ingest_delivery", "state = 'pending'")

    def count(self, table: str, where: str = "1 = 1") -> int:
        """Return how many rows of ``table`` there are."""
        return int(self.database.query(f"SELECT count(*) FROM {table} WHERE {where}")[0][0])

    def total(self, table: str, column: str) -> int:
        """Return the sum of a column."""
        return int(self.database.query(f"SELECT coalesce(sum({column}), 0) FROM {table}")[0][0])


@contextlib.contextmanager
def stack(folder: Path, *, database: str, broker: str = "") -> Iterator[Stack]:
    """Make a portal on ``database`` with nothing running yet; everything is gone afterwards."""
    portal = Stack(folder, DATABASES[database](folder), broker or BROKERS[database])
    try:
        portal.run(PREPARE)
        yield portal
    finally:
        portal.stop()
        _forget_queue(portal)


def _forget_queue(portal: Stack) -> None:
    if not portal.broker.startswith("amqp") or not is_answering(RABBITMQ):
        return
    channel: Any
    with Connection(RABBITMQ) as connection, connection.channel() as channel:
        channel.queue_delete(portal.queue)
        channel.exchange_delete(portal.queue)


def resident(pids: Sequence[int]) -> int:
    """Return the resident memory of processes, in bytes; one that has ended meanwhile has none."""
    return sum(map(_resident, pids))


def _resident(pid: int) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE")
