"""Makes a virtual environment and installs a lock into it, with pip or with uv."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from os import environ
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from support_portal.bootstrap import explain
from support_portal.bootstrap.progress import Progress

TICK = 0.5  # seconds between two looks at an installer that says nothing
PIN = re.compile(r"^[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?==", re.MULTILINE)
SILENT_PIP = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off")


def create(venv: Path) -> None:
    """Make an empty environment at ``venv`` in place of whatever is there."""
    uv = shutil.which("uv")
    if find_spec("ensurepip"):
        command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    elif uv:
        command = [uv, "venv", "--clear", "--python", sys.executable, str(venv)]
    else:
        raise SystemExit(explain.NO_VENV)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(explain.installer_failure(done.stdout + done.stderr))


def install(venv: Path, lock: Path, progress: Progress) -> None:
    """Install exactly what ``lock`` names, checking every hash, and show how far it is."""
    counter = Counter(total=len(PIN.findall(lock.read_text(encoding="utf-8"))), venv=venv)
    said: list[str] = []
    with _started(_command(venv, lock)) as process:
        try:
            for line in lines_and_ticks(process):
                said.append(line or "")
                progress.show(counter.see(line))
        finally:
            process.kill()
    if process.returncode:
        raise SystemExit(explain.installer_failure("".join(said)))


def can_install(venv: Path) -> bool:
    """Tell whether ``venv`` is an environment of a fitting Python that packages can be put into."""
    fitting = "import sys; assert sys.version_info >= (3, 11)"
    python = venv / "bin" / "python"
    return runs(python, f"{fitting}; import pip") or bool(
        shutil.which("uv") and runs(python, fitting)
    )


def runs(python: Path, statement: str) -> bool:
    """Tell whether the interpreter ``python`` is there and can execute ``statement``."""
    try:
        done = subprocess.run([python, "-c", statement], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # pip buffers what it says to a pipe, and a personal "user = true" breaks an environment.
        env={**environ, "PYTHONUNBUFFERED": "1", "PIP_USER": "0"},
    )


def _command(venv: Path, lock: Path) -> list[str]:
    python = str(venv / "bin" / "python")
    locked = ["--require-hashes", "--no-deps", "-r", str(lock)]  # a lock names every dependency
    uv = shutil.which("uv")
    if uv and not runs(Path(python), "import pip"):
        return [uv, "pip", "install", "--python", python, *locked]
    return [python, "-m", "pip", "install", *SILENT_PIP, "--no-compile", *locked]


class Counter:
    """Follows an installer: what it fetches by its words, what it installs by the files."""

    def __init__(self, total: int, venv: Path) -> None:
        self.total = total
        self.packages = venv / "lib"
        self.fetched = 0
        self.there_before = self._there()

    def see(self, line: str | None) -> str:
        """Take in one line, or the passing of time, and return where things stand."""
        words = (line or "").split()
        if words[:1] == ["Ignoring"]:  # a pin for another system
            self.total -= 1
        if words[:1] in (["Collecting"], ["Processing"], ["Requirement"]):
            self.fetched += 1
        if words[:1] == ["Installing"]:
            self.fetched = self.total
        if self.fetched < self.total:
            return f"Fetching packages: {self.fetched} of {self.total}"
        installed = min(self._there() - self.there_before, self.total)
        return f"Installing packages: {installed} of {self.total}"

    def _there(self) -> int:
        return sum(1 for _ in self.packages.glob("python3*/site-packages/*.dist-info"))


def lines_and_ticks(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """Yield each line of output, and None while nothing comes, until the process has ended."""
    queue: SimpleQueue[str | None] = SimpleQueue()
    output = process.stdout
    if output is None:
        raise ValueError("the process was started without a pipe for its output")

    def read() -> None:
        for line in output:
            queue.put(line)
        queue.put(None)

    Thread(target=read, daemon=True).start()
    while True:
        try:
            line = queue.get(timeout=TICK)
        except Empty:
            yield None
            continue
        if line is None:
            process.wait()
            return
        yield line
