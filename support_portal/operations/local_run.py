"""What ``manage.py up`` starts, and what keeps two starts out of each other's way."""

import errno
import fcntl
import os
import secrets
import shlex
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from support_portal.bootstrap import local_settings
from support_portal.bootstrap.supervisor import Job, Plan

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
OTHER_PORTS = 20
# Made on demand, and as many as granian takes without a warning: a few stalled senders must not
# block the page.  A proxy in front that buffers bodies is what really helps.
WEB_THREADS = 2 * (os.cpu_count() or 1) + 1
PYTHON = sys.executable
CELERY = [PYTHON, "-m", "celery", "--quiet", "-A", "support_portal.celery"]
# Celery warns root of pickled messages; the portal's are JSON and carry nothing but a ring.
AS_ROOT_IN_A_CONTAINER = "ignore:You're running the worker with superuser:UserWarning"
START = "python3 manage.py up"


class CannotStart(Exception):
    """The portal cannot run here as things are; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the web server listens."""

    host: str
    port: int

    @property
    def reachable_host(self) -> str:
        """Return a host that a browser on this machine can ask."""
        return "127.0.0.1" if self.host in EVERYWHERE else self.host

    @property
    def url(self) -> str:
        """Return the address of the first page."""
        host = f"[{self.reachable_host}]" if ":" in self.reachable_host else self.reachable_host
        return f"http://{host}:{self.port}/"


@dataclass(frozen=True, slots=True)
class DemoSecrets:
    """What opens the demo: chosen in the environment, or made up once and kept."""

    password: str
    token: str
    hook_key: str


def hold(data_dir: Path, address: Address) -> int:
    """Hold ``data_dir`` for one run and return the open lock, which a successor may inherit."""
    (data_dir / "static").mkdir(parents=True, exist_ok=True)  # else every start warns about it
    lock = os.open(data_dir / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(lock, 200).decode() or "an address it has not told yet"
        os.close(lock)
        raise CannotStart(
            f"The portal runs already with the data in {data_dir}: {other}. Stop it there with "
            f"Ctrl-C, or start another one: {START} --data-dir OTHER --port OTHER"
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, address.url.encode())
    os.set_inheritable(lock, True)
    return lock


def refuse_taken_port(address: Address) -> None:
    """Raise CannotStart when something listens at ``address``.

    The web server shares a port without a word (SO_REUSEPORT), so it has to be asked here.
    """
    if is_free(address):
        return
    others = range(address.port + 1, min(address.port + OTHER_PORTS, 65536))
    free = next((port for port in others if is_free(Address(address.host, port))), None)
    hint = f" Another one is free: {START} --port {free}" if free else ""
    raise CannotStart(f"Port {address.port} on {address.host} is taken by another program.{hint}")


def is_free(address: Address) -> bool:
    """Tell whether a server could listen at ``address``; raise CannotStart where none ever can."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except PermissionError:
            raise CannotStart(
                f"This user may not listen on port {address.port}. Choose one above 1023."
            ) from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise CannotStart(f"{address.host} is no address of this machine.") from None
    return True


def demo_secrets(file: Path) -> DemoSecrets:
    """Return what opens the demo; what was made up or chosen once stays until chosen anew."""
    names = ("PORTAL_DEMO_PASSWORD", "PORTAL_DEMO_TOKEN", "PORTAL_DEMO_HOOK_KEY")
    values = {name: os.environ.get(name) or secrets.token_urlsafe(12) for name in names}
    local_settings.keep(file, values)
    return DemoSecrets(*values.values())


def forget_rings(queue: Path) -> None:
    """Empty the embedded broker: rings of an earlier run say nothing that beat does not say."""
    shutil.rmtree(queue, ignore_errors=True)


def export(address: Address, data_dir: Path, *, demo: bool) -> None:
    """Tell the processes through their environment what only this start knows."""
    os.environ["PORTAL_DATA_DIR"] = str(data_dir)
    os.environ["PORTAL_DEMO"] = "yes" if demo else "no"
    os.environ.setdefault("PORTAL_ADDRESS", address.url.rstrip("/"))
    if address.host not in LOOPBACK:
        names = [*LOOPBACK, socket.gethostname()]
        names += [] if address.host in EVERYWHERE else [address.host]
        os.environ.setdefault("PORTAL_ALLOWED_HOSTS", ",".join(names))


def plan(address: Address, data_dir: Path, greeting: str, *, feed: bool) -> Plan:
    """Return what has to run for the portal to be up."""
    jobs = [
        Job("web", web_command(address)),
        Job("worker", worker_command()),
        Job("beat", beat_command(data_dir)),
    ]
    mark = data_dir / "demo-complete"
    if feed and not mark.exists():
        jobs.append(Job("demo", [PYTHON, "manage.py", "feed_demo"], once=True, mark=str(mark)))
    return Plan(jobs, address.reachable_host, address.port, greeting)


def web_command(address: Address) -> list[str]:
    """Return the web server: one process, and threads so that a slow page does not block intake."""
    return [
        *(PYTHON, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--host", address.host, "--port", str(address.port)),
        *("--workers", "1", "--blocking-threads", str(WEB_THREADS), "--workers-kill-timeout", "5"),
        *("--log-level", "warning", "support_portal.wsgi:application"),
    ]


def worker_command() -> list[str]:
    """Return the worker: one task at a time, as the database has one writer anyway."""
    alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    return [*CELERY, "worker", "-P", "solo", *alone, "--loglevel", "WARNING"]


def beat_command(data_dir: Path) -> list[str]:
    """Return the clock that rings for the worker."""
    schedule = str(data_dir / "beat-schedule")
    return [*CELERY, "beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "WARNING"]


def become_supervisor(plan: Plan, root: Path) -> None:
    """Replace this process, and all that Django has loaded into it, by the supervisor."""
    reader, writer = os.pipe()
    os.write(writer, plan.to_json().encode())
    os.close(writer)
    os.dup2(reader, 0)
    os.chdir(root)
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ.setdefault("PYTHONWARNINGS", AS_ROOT_IN_A_CONTAINER)
    sys.stdout.flush()
    os.execv(PYTHON, [PYTHON, "-m", "support_portal.bootstrap.supervisor"])


def greeting(address: Address, data_dir: Path, demo: DemoSecrets | None) -> str:
    """Return what a person needs to know when the portal answers."""
    lines = ["", f"Support Portal is ready: {address.url}"]
    if demo:
        lines += [
            f"  Sign in    agent, lead, viewer or admin with the password {demo.password}",
            f"  Send       POST {address.url}api/v1/events  Authorization: Bearer {demo.token}",
            f"  Webhook    {address.url}hooks/8x8/{demo.hook_key}/",
        ]
    else:
        lines.append("  No account yet?  python3 manage.py createsuperuser")
    where = shlex.quote(str(data_dir))
    return "\n".join([*lines, f"  Ctrl-C stops everything; the data stay in {where}.", "", ""])
