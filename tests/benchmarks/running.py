"""How the benchmarks are started that ask the portal of ``large``: what all of them are told."""

import argparse
import subprocess
from pathlib import Path

from tests.processes import PYTHON, REPOSITORY
from tests.stack import DATABASES

NAME = "portal_large"


def parser(about: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows where the portal is; the benchmark adds what is its own."""
    found = argparse.ArgumentParser(description=about)
    found.add_argument("--database", choices=sorted(DATABASES), default="postgresql")
    found.add_argument("--folder", type=Path, default=Path("/var/tmp/portal-large"))
    found.add_argument("--name", default=NAME)
    return found


def run(module: str, *arguments: str) -> None:
    """Run another benchmark in a process of its own, and let it print."""
    subprocess.run(_command(module, *arguments), cwd=REPOSITORY, check=True)


def told(module: str, *arguments: str) -> str:
    """Run another benchmark in a process of its own; return what it printed."""
    command = _command(module, *arguments)
    done = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _command(module: str, *arguments: str) -> list[str]:
    return [*PYTHON, "-m", f"tests.benchmarks.{module}", *arguments]
