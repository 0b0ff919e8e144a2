"""`manage.py up` as a person runs it: one command, one portal, nothing left behind."""

import os
import signal
import stat
import subprocess
import sys
import urllib.request

import pytest

from tests.stack import REPOSITORY, free_port


class Up:
    """One `manage.py up` with a clean environment."""

    def __init__(self, data_dir, port, *arguments):
        self.address = f"http://127.0.0.1:{port}/"
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port), *arguments],
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], "PORTAL_DATA_DIR": str(data_dir)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def line_with(self, text):
        """Read on until a line contains ``text``; fails at the end of the output."""
        return next(line for line in self.process.stdout if text in line)

    def status(self, path):
        with urllib.request.urlopen(self.address + path) as answer:
            return answer.status

    def end(self):
        """Stop as Ctrl-C does, and return the exit code and the last line."""
        self.process.send_signal(signal.SIGINT)
        last = list(self.process.stdout)[-1:]
        return self.process.wait(), last


@pytest.fixture
def up():
    """Return a function that starts a portal, which is stopped with the test."""
    started = []

    def start(*arguments):
        started.append(Up(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.process.terminate()
        each.process.wait()
        each.process.stdout.close()


def test_it_starts_stops_and_starts_again_with_the_same_secrets(up, tmp_path):
    port = free_port()

    first = up(tmp_path, port, "--no-demo")
    assert first.line_with("migrations").startswith("Preparing the database: ")
    assert first.line_with("is ready") == f"Support Portal is ready: {first.address}\n"
    assert first.line_with("createsuperuser").strip().startswith("No account yet?")
    assert first.status("healthz") == 200
    assert first.end() == (0, ["Stopped.\n"])

    secrets = (tmp_path / "local.env").read_text()
    assert stat.S_IMODE((tmp_path / "local.env").stat().st_mode) == 0o600

    second = up(tmp_path, port, "--no-demo")
    assert second.process.stdout.readline() == "\n"  # nothing to prepare: the greeting comes first
    second.line_with("is ready")
    assert second.end() == (0, ["Stopped.\n"])
    assert (tmp_path / "local.env").read_text() == secrets


def test_a_second_start_is_told_where_the_first_one_runs(up, tmp_path):
    port = free_port()
    first = up(tmp_path / "data", port, "--no-demo")
    first.line_with("is ready")

    same_data = up(tmp_path / "data", free_port(), "--no-demo")
    same_port = up(tmp_path / "other", port, "--no-demo")

    assert same_data.line_with("CommandError").startswith(
        f"CommandError: The portal runs already with the data in {tmp_path / 'data'}: {first.address}"
    )
    assert same_data.process.wait() == 1
    assert same_port.line_with("CommandError").startswith(
        f"CommandError: Port {port} on 127.0.0.1 is taken by another program."
    )
    assert same_port.process.wait() == 1


def test_malformed_keys_stop_the_start(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "PORTAL_DATA_DIR": str(tmp_path),
            "PORTAL_SEAL_KEYS": "2026:short",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("A setting is wrong: PORTAL_SEAL_KEYS")
