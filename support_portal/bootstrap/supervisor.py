"""Runs web, worker and beat side by side in one terminal, and stops them together.

``manage.py up`` turns into this module when everything is prepared, so that what watches over the
portal is a bare interpreter.  The plan comes on standard input: it holds the demo password, and
arguments can be read by every user of the machine.
"""

import ctypes
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import TextIO

TICK = 0.2
STOP_PATIENCE = 8.0  # seconds that a process may take to finish what it is doing
LONG_LIFE = 10.0  # seconds after which an end is no longer a failed start
LONGEST_PAUSE = 5.0
TRIES = 4  # starts of what has never worked
PROBE_INTERVAL = 0.25
START_PATIENCE = 45.0  # seconds until the first answer has to be there
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Job:
    """One process to run: for as long as the portal runs, or ``once`` when it answers."""

    name: str
    command: list[str]
    once: bool = False
    mark: str = ""  # a file to leave behind when a job that runs once has succeeded


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, where it answers, and what to say when it does."""

    jobs: list[Job]
    host: str
    port: int
    greeting: str

    def to_json(self) -> str:
        """Return the plan as ``read_plan`` takes it."""
        return json.dumps(asdict(self))


def read_plan(text: str) -> Plan:
    """Return the plan that ``Plan.to_json`` wrote."""
    plan = json.loads(text)
    return Plan(**{**plan, "jobs": [Job(**job) for job in plan["jobs"]]})


def pause_before(starts: int, lived: float) -> float:
    """Return how long to wait before a job runs again: not at all at first, then ever longer."""
    if lived >= LONG_LIFE or starts <= 1:
        return 0.0
    return min(2.0 ** (starts - 3), LONGEST_PAUSE)


@dataclass(slots=True)
class Running:
    """A job with its present process and the memory of its earlier ones."""

    job: Job
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts: int = 0
    due_at: float | None = None
    rest: bytes = field(default=b"")


class Supervisor:
    """Starts the jobs, passes on what they say, replaces those that end, stops them all."""

    def __init__(self, plan: Plan, out: TextIO) -> None:
        self.plan = plan
        self.out = out
        self.selector = selectors.DefaultSelector()
        self.stopping = False
        self.ready = False
        self.failed = False
        self.began_at = monotonic()
        self.probe_at = self.began_at
        self.width = max(len(job.name) for job in plan.jobs)
        self.running = [Running(job, due_at=None if job.once else 0.0) for job in plan.jobs]

    def run(self) -> int:
        """Run until a signal asks to stop; return the exit code."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        try:
            while not self.stopping:
                self._start_due()
                self._pass_on(TICK)
                self._reap()
                if not self.ready:
                    self._greet_when_ready()
        finally:
            self._stop_all()
        return int(self.failed)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start_due(self) -> None:
        for entry in self.running:
            if entry.due_at is not None and monotonic() >= entry.due_at:
                self._start(entry)

    def _start(self, entry: Running) -> None:
        entry.due_at = None
        entry.starts += 1
        entry.started_at = monotonic()
        entry.process = subprocess.Popen(
            entry.job.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,  # Ctrl-C reaches the supervisor alone, which then stops them in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - there are no threads here
        )
        if entry.process.stdout:
            os.set_blocking(entry.process.stdout.fileno(), False)
            self.selector.register(entry.process.stdout, selectors.EVENT_READ, entry)

    def _pass_on(self, timeout: float) -> None:
        for key, _ in self.selector.select(timeout):
            entry, stream = key.data, key.fileobj
            if isinstance(entry, Running) and not isinstance(stream, int):
                self._pass_on_lines(entry, os.read(stream.fileno(), 65536), stream)

    def _pass_on_lines(self, entry: Running, said: bytes, stream: object) -> None:
        if not said:
            self._hang_up(entry)
            return
        *lines, entry.rest = (entry.rest + said).split(b"\n")
        for line in lines:
            self._say(entry.job.name, line.decode(errors="replace"))

    def _hang_up(self, entry: Running) -> None:
        if entry.rest:
            self._say(entry.job.name, entry.rest.decode(errors="replace"))
            entry.rest = b""
        stream = entry.process.stdout if entry.process else None
        if stream and not stream.closed:
            self.selector.unregister(stream)
            stream.close()

    def _reap(self) -> None:
        for entry in self.running:
            if entry.process and entry.process.poll() is not None:
                self._replace(entry, entry.process)

    def _replace(self, entry: Running, ended: subprocess.Popen[bytes]) -> None:
        _signal_group(ended.pid, signal.SIGKILL)  # what it started must not keep the port
        self._pass_on(0)
        self._hang_up(entry)
        entry.process = None
        if entry.job.once and ended.returncode == 0:
            if entry.job.mark:
                Path(entry.job.mark).touch()
        elif entry.starts >= TRIES and (entry.job.once or not self.ready):
            self._give_up(entry, ended.returncode)
        else:
            self._start_again(entry, ended.returncode)

    def _start_again(self, entry: Running, code: int) -> None:
        lived = monotonic() - entry.started_at
        pause = pause_before(entry.starts, lived)
        if lived >= LONG_LIFE:
            entry.starts = 1
        entry.due_at = monotonic() + pause
        again = f"in {pause:g} s" if pause else "now"
        self._say(entry.job.name, f"{_ending(code)}; starting again {again}")

    def _give_up(self, entry: Running, code: int) -> None:
        self._say(entry.job.name, f"{_ending(code)}, {TRIES} times; the reason is above")
        if not entry.job.once:
            self.stopping = self.failed = True

    def _greet_when_ready(self) -> None:
        now = monotonic()
        if now < self.probe_at:
            return
        self.probe_at = now + PROBE_INTERVAL
        if not answers(self.plan.host, self.plan.port):
            if now - self.began_at > START_PATIENCE:
                self._print(f"No page within {START_PATIENCE:.0f} s; the reason is above.\n")
                self.stopping = self.failed = True
            return
        self.ready = True
        self._print(self.plan.greeting)
        for entry in self.running:
            if entry.job.once:
                entry.due_at = 0.0

    def _stop_all(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # once is enough
        self._print("Stopping, which takes a few seconds.\n")
        processes = [entry.process for entry in self.running if entry.process]
        for process in processes:
            process.terminate()
        deadline = monotonic() + STOP_PATIENCE
        while monotonic() < deadline and any(process.poll() is None for process in processes):
            self._pass_on(TICK)
        for process in processes:
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        self._print("Stopped.\n")

    def _say(self, name: str, line: str) -> None:
        if line.strip():
            self._print(f"{name:<{self.width}} | {line.rstrip()}\n")

    def _print(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()


def _die_with_parent() -> None:
    """Ask Linux to end this process with the supervisor, even if that is killed."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):  # nobody left; macOS calls that a permission
        return


def _ending(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"


def answers(host: str, port: int) -> bool:
    """Tell whether the portal at ``host`` says that it is alive."""
    request = b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(request)
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(Supervisor(read_plan(sys.stdin.read()), sys.stdout).run())
