"""Real processes, each the leader of a group of its own, that end with the test run."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PYTHON = (sys.executable, "-W", "ignore")
# Ends what it was told of once the test run is gone, however that ended: process groups, then
# mounted disks, then folders.  What it is told twice has ended already.
GUARD = """
import os, shutil, signal, subprocess, sys
left = set()
for line in sys.stdin:
    left ^= {tuple(line.rstrip("\\n").split(" ", 1))}
for kind, group in left:
    if kind == "group":
        try:
            os.killpg(int(group), signal.SIGKILL)
        except ProcessLookupError:
            pass
for kind, path in left:
    if kind == "mount":
        subprocess.run(["umount", "--lazy", path])
for kind, path in left:
    if kind == "folder":
        shutil.rmtree(path, ignore_errors=True)
"""
END_SECONDS = 15.0


class TookTooLong(AssertionError):
    """Something that was waited for did not come about."""


def wait_until(
    condition: Callable[[], object], *, seconds: float, what: str, every: float = 0.01
) -> None:
    """Return as soon as ``condition`` holds; TookTooLong names ``what`` was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what}: not within {seconds:g} s")
        time.sleep(every)


def is_listening(host: str, port: int) -> bool:
    """Tell whether a TCP connection is taken there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True)
class Program:
    """What is started as one process, the same way each time."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    folder: Path = REPOSITORY
    user: str = ""  # started by root, and not to run as root


class Processes:
    """Processes by name, their logs in one folder; nothing of them outlives the test run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.programs: dict[str, Program] = {}
        self.guard = subprocess.Popen(
            [*PYTHON, "-c", GUARD], stdin=subprocess.PIPE, start_new_session=True
        )

    def launch(self, name: str, program: Program) -> None:
        """Start ``program`` as the leader of a process group of its own."""
        self.programs[name] = program
        as_user = {"user": program.user, "group": program.user, "extra_groups": []}
        with self.log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(  # type: ignore[call-overload]
                program.arguments,
                cwd=program.folder,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **(as_user if program.user else {}),
            )
        self.tell_guard("group", str(self.processes[name].pid))

    def relaunch(self, name: str) -> None:
        """Start what ran under ``name`` before, as a supervisor would."""
        self.launch(name, self.programs[name])

    def log(self, name: str) -> Path:
        """Return the file that the process ``name`` writes its log to."""
        return self.folder / f"{name}.log"

    def kill(self, name: str) -> None:
        """SIGKILL a process with all its descendants, and wait until they are gone."""
        process = self.processes.pop(name)
        family = descendants(process.pid)
        for pid in (process.pid, *family):
            _signal(pid, signal.SIGKILL)
        self.forget(process)
        # A child that lives a moment longer would still take connections.
        wait_until(
            lambda: not any(map(is_alive, family)), seconds=END_SECONDS, what=f"the end of {name}"
        )

    def forget(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait for the end of a process that was told to end, and of its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=END_SECONDS)
        self.tell_guard("group", str(process.pid))

    def signal_all(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the process ``name`` and to all its descendants."""
        leader = self.processes[name].pid
        for pid in (leader, *descendants(leader)):
            _signal(pid, number)

    def signal_one(self, pid: int, number: signal.Signals) -> None:
        """Send a signal to one process; it may have ended in the meantime."""
        _signal(pid, number)

    def ended(self) -> list[str]:
        """Return the names of processes that have ended by themselves."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def members(self, name: str) -> list[int]:
        """Return the process ids of ``name`` and its descendants."""
        leader = self.processes[name].pid
        return [leader, *descendants(leader)]

    def end(self) -> None:
        """End every process, and the guard with what else it was told of."""
        for name in list(self.processes):
            self.kill(name)
        self.guard.communicate()

    def tell_guard(self, kind: str, what: str) -> None:
        """Add something to what the guard ends, or take it away again."""
        assert self.guard.stdin is not None
        self.guard.stdin.write(f"{kind} {what}\n".encode())
        self.guard.stdin.flush()


def descendants(leader: int) -> list[int]:
    """Return the process ids of the children of ``leader``, of theirs, and so on."""
    parents = _parents()
    found: list[int] = []
    wanted = {leader}
    while wanted:
        wanted = {pid for pid, parent in parents.items() if parent in wanted}
        found.extend(sorted(wanted))
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    return _stat(pid)[:1] not in ([], ["Z"])


def _parents() -> dict[int, int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    stats = {pid: _stat(pid) for pid in pids}
    return {pid: int(stat[1]) for pid, stat in stats.items() if stat}


def _stat(pid: int) -> list[str]:
    """Return what the kernel says of a process, from its state on; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
