"""A portal whose database and broker are its own too, so that a test may end them the hard way."""

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.processes import REPOSITORY
from tests.servers import (
    BROKERS,
    DATABASE,
    Broker,
    Cluster,
    empty_cluster,
    is_installed,
    stop_cluster,
    wait_for,
)
from tests.stack import PREPARE, Database, PostgresqlDatabase, SqliteDatabase, Stack

PAIRS = {
    "sqlite": ("sqlite", "embedded"),
    "postgresql-rabbitmq": ("postgresql", "rabbitmq"),
    "postgresql-redis": ("postgresql", "redis"),
}
WEB_WORKERS = 2  # as in production
LOG_LINES = 25
CLOCK = "PORTAL_TEST_CLOCK"


class OwnPostgresql(PostgresqlDatabase):
    """The database of a cluster that belongs to the stack."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder / "cluster")
        self.url = self.cluster.url
        self._reader = None
        self._asking = threading.Lock()

    def drop(self) -> None:
        """Leave the cluster to whoever made the folder."""
        if self._reader is not None:
            self._reader.close()


class OwnStack(Stack):
    """A portal with every server it needs."""

    def __init__(self, folder: Path, *, database: str, broker: str) -> None:
        data = folder / "data"
        made: Database = OwnPostgresql(data) if database == "postgresql" else SqliteDatabase(data)
        self.server: Broker = BROKERS[broker](
            data / "broker" if broker == "embedded" else folder / "broker"
        )
        super().__init__(folder, made, self.server.url, data=data)
        self.disk: Disk | None = None

    @property
    def cluster(self) -> Cluster | None:
        """Return the PostgreSQL server, if there is one."""
        return self.database.cluster if isinstance(self.database, OwnPostgresql) else None

    @property
    def has_clock(self) -> bool:
        """Tell whether the processes take their time from a clock of the stack."""
        return CLOCK in self.environment

    def carry_clock(self, name: str = "clock") -> None:
        """Give what is started from now on a clock of this name, which can be set."""
        self.environment |= {
            "PYTHONPATH": str(REPOSITORY / "tests" / "faults" / "clock"),
            CLOCK: str(self.folder / name),
        }
        self.set_clock(0)

    def set_clock(self, seconds: int) -> None:
        """Set the clock given last so many seconds before or after the true time, at once."""
        file = Path(self.environment[CLOCK])
        draft = file.with_suffix(".draft")
        draft.write_text(str(seconds))
        draft.replace(file)

    def start_database(self) -> None:
        """Start the database server and wait until it takes connections."""
        if self.cluster is not None:
            self.launch("database", self.cluster.program)
            wait_for(self.cluster, "the database server")

    def start_broker(self) -> None:
        """Start the broker; it may take connections later than the rest of the portal."""
        self.server.prepare()
        for name, program in self.server.programs.items():
            self.launch(name, program)

    def start_everything(self, *, workers: int = 1) -> None:
        """Start what production runs, and wait until it serves."""
        self.start_broker()
        for number in range(workers):
            self.start_worker("worker" if number == 0 else f"worker-{number + 1}")
        self.start_beat()
        self.start_web(workers=WEB_WORKERS)

    def tails(self) -> str:
        """Return the last lines of every log."""
        parts = []
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            parts.append("\n".join([f"-- {log.name}", *lines]))
        return "\n".join(parts)


class Disk:
    """A file system of its own, small enough to be filled."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        options = f"size={megabytes}m,mode=0755"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
        self.ballast = folder / "ballast"

    def fill(self) -> None:
        """Take every byte that is left, whatever others write meanwhile.

        Piece by piece: to ask for all at once is refused when another has taken a byte since the
        space was counted, and a disk that others then fill gives nothing back.
        """
        with self.ballast.open("ab", buffering=0) as file:
            for size in (2**20, 4096):
                piece = bytes(size)
                with contextlib.suppress(OSError):
                    while True:
                        file.write(piece)

    def free(self) -> None:
        """Give the space back."""
        self.ballast.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Remove the file system with everything on it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@cache
def can_mount() -> bool:
    """Tell whether this process may make file systems: root may, unless it is in a container."""
    if os.getuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        if subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
    return True


def lacking(pair: str) -> str:
    """Return which server that ``pair`` needs is not installed here."""
    servers = [name for name in PAIRS[pair] if name not in {"sqlite", "embedded"}]
    return next((name for name in servers if not is_installed(name)), "")


@contextlib.contextmanager
def own_stack(pair: str, *, disk: int = 0) -> Iterator[OwnStack]:
    """Make a portal with its own servers; only its database runs yet.

    With ``disk``, everything but the logs is on a file system of that many megabytes.  The folder is
    not one of pytest's: PostgreSQL runs as somebody who may not enter those.
    """
    database, broker = PAIRS[pair]
    folder = Path(tempfile.mkdtemp(prefix="portal-stack-"))
    folder.chmod(0o711)
    (folder / "data").mkdir()
    portal = OwnStack(folder, database=database, broker=broker)
    portal.tell_guard("folder", str(folder))
    try:
        if disk:
            portal.tell_guard("mount", str(portal.data))
            portal.disk = Disk(portal.data, disk)
            portal.environment["PORTAL_DISK_FREE_LIMIT"] = "0"  # to meet the end of the disk itself
        _put_prepared(portal)
        portal.start_database()
        yield portal
    except BaseException:
        sys.stderr.write(portal.tails())
        raise
    finally:
        portal.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _put_prepared(portal: OwnStack) -> None:
    prepared = _prepared(portal.database.name)
    if portal.cluster is not None:
        portal.cluster.copy_of(prepared)
    else:
        shutil.copytree(prepared, portal.data, dirs_exist_ok=True)


@cache
def _prepared(database: str) -> Path:
    """Return the folder of a database with all tables and a sender, made once a test run."""
    folder = Path(tempfile.mkdtemp(prefix="portal-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o711)
    (folder / "data").mkdir()
    portal = OwnStack(folder, database=database, broker="embedded")
    try:
        if portal.cluster is not None:
            portal.cluster.copy_of(empty_cluster())
            portal.start_database()
            with OwnPostgresql.open(portal.cluster.administration) as to:
                to.execute(f"CREATE DATABASE {DATABASE}")
        portal.run(PREPARE)
        if portal.cluster is not None:
            stop_cluster(portal.processes["database"])
    finally:
        portal.stop()
    return folder / ("data/cluster" if database == "postgresql" else "data")
