"""Goes on where Django can be imported: in the present environment, or in .venv, built if need be."""

import fcntl
import hashlib
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from support_portal.bootstrap import explain, installer
from support_portal.bootstrap.progress import Progress

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
NAME = re.compile(r"^([A-Za-z0-9][\w.-]*)[^;]*$")  # a requirement for every system
BUILDING = "building"


def enter(argv: list[str]) -> None:
    """Return where Django can be imported; otherwise go on inside .venv."""
    name = "test" if argv[1:2] == ["test"] else "base"
    venv = Venv(ROOT / ".venv")
    lock = REQUIREMENTS / f"{name}.txt"
    if find_spec("django"):
        if not (venv.is_running() and venv.has(lock)):
            _refuse_to_go_on_without(name)
        return
    try:
        python = venv.ready(lock)
    except OSError as error:
        raise SystemExit(explain.system_failure(error)) from None
    except KeyboardInterrupt:
        raise SystemExit("\nStopped before the environment was ready.") from None
    sys.stdout.flush()
    os.execv(python, [str(python), *argv])


class Venv:
    """The environment that this module builds, with a note of what was installed into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.python = path / "bin" / "python"
        self.note = path / "installed.json"

    def is_running(self) -> bool:
        """Tell whether the present interpreter is this environment's."""
        return Path(sys.prefix).resolve() == self.path.resolve()

    def has(self, lock: Path) -> bool:
        """Tell whether ``lock`` was installed here as it is now."""
        return self._read().get(lock.name) == digest(lock)

    def ready(self, lock: Path) -> Path:
        """Return the interpreter of an environment in which ``lock`` is installed."""
        with one_at_a_time(self.path.with_name(".venv.lock")):
            if not (self.has(lock) and installer.runs(self.python, "import django")):
                self._build(lock)
        return self.python

    def _build(self, lock: Path) -> None:
        with Progress() as progress:
            if not self._is_fit():
                progress.show(f"Making {self.path.name}")
                installer.create(self.path)
            installed = self._read()
            self._write({BUILDING: lock.name})
            installer.install(self.path, lock, progress)
            if not installer.runs(self.python, "import django"):
                raise SystemExit(f"Django does not work in {self.path}: remove it, start again.")
            self._write({**installed, **self._covered(lock)})
            progress.finish(f"{self.path.name} is ready")

    def _covered(self, lock: Path) -> dict[str, str]:
        """Return the locks that ``lock`` installs: every other lock contains the base."""
        return {path.name: digest(path) for path in (lock.with_name("base.txt"), lock)}

    def _is_fit(self) -> bool:
        """Tell whether this is an environment to install into, not the ruin of an earlier build."""
        return BUILDING not in self._read() and installer.can_install(self.path)

    def _read(self) -> dict[str, str]:
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            return {BUILDING: "unreadable note"}
        return note if isinstance(note, dict) else {}

    def _write(self, note: dict[str, str]) -> None:
        fresh = self.note.with_suffix(".new")
        fresh.write_text(json.dumps(note, indent=1), encoding="utf-8")
        fresh.replace(self.note)


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock file ``path``; wait for another start that holds it."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is preparing .venv; waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest(lock: Path) -> str:
    """Return what tells one version of a lock from the next."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def missing(requirements: Path) -> list[str]:
    """Return the packages that ``requirements`` asks for and this environment lacks."""
    names: list[str] = []
    if not requirements.is_file():  # an image may leave them behind
        return names
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            names += missing(requirements.with_name(line[3:].strip()))
        elif (match := NAME.match(line)) and not _is_installed(match[1]):
            names.append(match[1])
    return names


def _refuse_to_go_on_without(name: str) -> None:
    lacking = missing(REQUIREMENTS / f"{name}.in")
    if not lacking:
        return
    install = shlex.join([sys.executable, "-m", "pip", "install", "-r", f"requirements/{name}.txt"])
    raise SystemExit(
        f"This environment has Django but not {', '.join(lacking)}. Install the rest with\n"
        f"  {install}\nor start with a Python without Django: it builds its own .venv."
    )


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
