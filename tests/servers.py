"""Databases and brokers that a test starts for itself, and may therefore end the hard way."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psycopg

from tests.processes import Program, free_port, is_listening, wait_until

START_SECONDS = 40.0
CLUSTER_USER = "postgres"
DATABASE = "portal"
POSTGRESQL_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
}
EPMD = "epmd"


def binaries(service: str) -> dict[str, str]:
    """Return where the programs of ``service`` are, "" for those that are not here."""
    postgresql = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))[-1:]
    path = os.pathsep.join([*postgresql, "/usr/lib/rabbitmq/bin", os.environ.get("PATH", "")])
    names = {
        "postgresql": ("postgres", "initdb"),
        "rabbitmq": ("rabbitmq-server", "epmd"),
        "redis": ("redis-server",),
    }
    return {name: shutil.which(name, path=path) or "" for name in names[service]}


def is_installed(service: str) -> bool:
    """Tell whether a test can start ``service`` here."""
    return all(binaries(service).values())


def cluster_user() -> str:
    """Return whom a cluster runs as: PostgreSQL refuses to run as root."""
    return CLUSTER_USER if os.getuid() == 0 else ""


def give(folder: Path, user: str) -> None:
    """Make ``user`` the owner of a folder and of what is in it."""
    if user:
        account = pwd.getpwnam(user)
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


class Cluster:
    """A PostgreSQL server with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.administration = f"postgresql://{CLUSTER_USER}@127.0.0.1:{self.port}/postgres"
        self.url = f"postgresql://{CLUSTER_USER}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def program(self) -> Program:
        """Return how the server is started."""
        settings = {**POSTGRESQL_SETTINGS, "port": str(self.port)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        postgres = binaries("postgresql")["postgres"]
        return Program(
            (postgres, "-D", str(self.folder), *words),
            environment={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
            folder=self.folder,
            user=cluster_user(),
        )

    def is_ready(self) -> bool:
        """Tell whether the server answers; while it recovers it takes connections and says no."""
        try:
            psycopg.connect(self.administration, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def copy_of(self, other: Path) -> None:
        """Fill the data folder with that of a server that is stopped."""
        shutil.copytree(other, self.folder, dirs_exist_ok=True)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        self.folder.chmod(0o700)
        give(self.folder, cluster_user())


@cache
def empty_cluster() -> Path:
    """Return the data folder of a new server, made once a test run."""
    folder = Path(tempfile.mkdtemp(prefix="portal-cluster-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    give(folder, cluster_user())
    user = cluster_user()
    subprocess.run(
        [
            *(binaries("postgresql")["initdb"], "-D", str(folder), "-U", CLUSTER_USER),
            *("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **({"user": user, "group": user, "extra_groups": []} if user else {}),  # type: ignore[arg-type]
    )
    return folder


class Rabbitmq:
    """A RabbitMQ node without plugins, with its own name server for Erlang nodes."""

    scheme = "amqp"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.epmd_port, self.node_port = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"

    @property
    def programs(self) -> dict[str, Program]:
        """Return how the name server and the node are started."""
        where = binaries("rabbitmq")
        environment = {**self._environment(), "PATH": os.environ["PATH"]}
        names = (where["epmd"], "-address", "127.0.0.1", "-port", str(self.epmd_port))
        return {
            EPMD: Program(names, environment, self.folder),
            "broker": Program((where["rabbitmq-server"],), environment, self.folder),
        }

    def is_ready(self) -> bool:
        """Tell whether the node takes connections."""
        return is_listening("127.0.0.1", self.port)

    def prepare(self) -> None:
        """Make the folder the node writes to."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "plugins").write_text("[].\n")

    def wipe(self) -> None:
        """Remove everything the stopped node has kept."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        own = {
            "NODENAME": "portal@localhost",
            "NODE_IP_ADDRESS": "127.0.0.1",
            "NODE_PORT": str(self.port),
            "DIST_PORT": str(self.node_port),
            "MNESIA_BASE": str(self.folder / "data"),
            "LOG_BASE": str(self.folder / "log"),
            "LOGS": "-",
            "ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "GENERATED_CONFIG_DIR": str(self.folder / "config"),
            "CONFIG_FILE": str(self.folder / "none"),
            "ADVANCED_CONFIG_FILE": str(self.folder / "none"),
            "CONF_ENV_FILE": "/dev/null",
            "PID_FILE": str(self.folder / "pid"),
            "SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }
        settings = {f"RABBITMQ_{name}": value for name, value in own.items()}
        # The cookie of Erlang lies in HOME.
        return {**settings, "HOME": str(self.folder), "ERL_EPMD_PORT": str(self.epmd_port)}


class Redis:
    """A Redis that appends what it is told to a file."""

    scheme = "redis"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    @property
    def programs(self) -> dict[str, Program]:
        """Return how the server is started."""
        arguments = (
            *(binaries("redis")["redis-server"], "--port", str(self.port)),
            *("--bind", "127.0.0.1", "--dir", str(self.folder)),
            *("--save", "", "--appendonly", "yes", "--daemonize", "no"),
        )
        return {"broker": Program(arguments, {"PATH": os.environ["PATH"]}, self.folder)}

    def is_ready(self) -> bool:
        """Tell whether the server takes connections."""
        return is_listening("127.0.0.1", self.port)

    def prepare(self) -> None:
        """Make the folder the server writes to."""
        self.folder.mkdir(exist_ok=True)

    def wipe(self) -> None:
        """Remove everything the stopped server has kept."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)


class Embedded:
    """The broker that is no process: files in the data folder of the portal."""

    scheme = "local"
    url = "local://localhost//"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs: dict[str, Program] = {}

    def is_ready(self) -> bool:
        """Tell that files are always there."""
        return True

    def prepare(self) -> None:
        """Leave making folders to the portal."""

    def wipe(self) -> None:
        """Remove every message that waits."""
        shutil.rmtree(self.folder, ignore_errors=True)


Broker = Rabbitmq | Redis | Embedded
BROKERS: dict[str, type[Rabbitmq] | type[Redis] | type[Embedded]] = {
    "embedded": Embedded,
    "rabbitmq": Rabbitmq,
    "redis": Redis,
}


def stop_cluster(process: "subprocess.Popen[bytes]") -> None:
    """Stop a server the way that leaves its data folder complete."""
    process.send_signal(signal.SIGINT)
    process.wait(timeout=START_SECONDS)


def wait_for(server: Cluster | Broker, what: str) -> None:
    """Wait until ``server`` takes connections."""
    wait_until(server.is_ready, seconds=START_SECONDS, what=what)
