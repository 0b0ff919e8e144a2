"""The supervisor starts, shows, replaces and stops processes, and leaves none behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support_portal.bootstrap.supervisor import Job, Plan, pause_before, read_plan
from tests.stack import REPOSITORY, free_port, wait_until

WEB = """
import http.server, socketserver, sys
class Alive(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *args): pass
server = socketserver.TCPServer(("127.0.0.1", int(sys.argv[1])), Alive)
print("serving as", __import__("os").getpid(), flush=True)
server.serve_forever()
"""
SLEEPER = "import os, signal; print('alive as', os.getpid(), flush=True); signal.pause()"


def program(source, *arguments):
    return [sys.executable, "-c", source, *map(str, arguments)]


class Run:
    """A supervisor as a process of its own, fed with a plan."""

    def __init__(self, jobs, web=WEB):
        port = free_port()
        web = Job("web", program(web, port))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support_portal.bootstrap.supervisor"],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.process.stdin.write(Plan([web, *jobs], "127.0.0.1", port, "Ready.\n").to_json())
        self.process.stdin.close()

    def line_with(self, text):
        """Read on until a line contains ``text``; fails at the end of the output."""
        return next(line for line in self.process.stdout if text in line)

    def lines_with(self, *texts):
        """Read on until every text was seen, in whichever order they come."""
        seen = {}
        while len(seen) < len(texts):
            line = next(self.process.stdout)
            seen.update({text: line for text in texts if text in line})
        return [seen[text] for text in texts]

    def ready(self):
        """Wait until both processes run and the portal answers; return the worker's number."""
        _, worker, _ = self.lines_with("serving as", "alive as", "Ready.")
        return number_in(worker)

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def run():
    """Return a function that starts a supervisor, which is ended with the test."""
    runs = []

    def start(*jobs, **options):
        runs.append(Run(jobs, **options))
        return runs[-1]

    yield start
    for each in runs:
        each.end()


def number_in(line):
    return int(line.split()[-1])


def is_gone(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def test_a_plan_survives_the_way_to_the_supervisor():
    plan = Plan([Job("a", ["x"]), Job("b", ["y"], once=True, mark="m")], "::1", 80, "Hä\n")

    assert read_plan(plan.to_json()) == plan


@pytest.mark.parametrize(
    ("starts", "lived", "pause"),
    [(1, 0.1, 0.0), (2, 0.1, 0.5), (3, 0.1, 1.0), (5, 0.1, 4.0), (50, 0.1, 5.0), (50, 11.0, 0.0)],
)
def test_what_keeps_failing_is_started_ever_more_slowly(starts, lived, pause):
    assert pause_before(starts, lived) == pause


def test_it_greets_when_the_portal_answers_and_names_who_speaks(run):
    started = run(Job("worker", program(SLEEPER)))

    web, worker, ready = started.lines_with("serving as", "alive as", "Ready.")

    assert [web.split(" as ")[0], worker.split(" as ")[0], ready] == [
        "web    | serving",
        "worker | alive",
        "Ready.\n",
    ]


def test_a_killed_process_is_replaced(run):
    started = run(Job("worker", program(SLEEPER)))
    before = started.ready()

    os.kill(before, signal.SIGKILL)

    assert started.line_with("ended") == "worker | ended by signal 9; starting again now\n"
    assert number_in(started.line_with("alive as")) != before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything(run, number):
    started = run(Job("worker", program(SLEEPER)))
    worker = started.ready()

    started.process.send_signal(number)

    assert started.line_with("Stopped") == "Stopped.\n"
    assert started.process.wait() == 0
    assert is_gone(worker)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_nobody_is_left_when_the_supervisor_is_killed(run):
    started = run(Job("worker", program(SLEEPER)))
    worker = started.ready()

    started.process.kill()

    wait_until(lambda: is_gone(worker), seconds=60, what="the end of the worker")


def test_a_job_for_once_runs_when_the_portal_answers_and_leaves_its_mark(run, tmp_path):
    mark = tmp_path / "mark"
    started = run(Job("demo", program("print('fed')"), once=True, mark=str(mark)))

    started.line_with("Ready.")

    assert started.line_with("fed") == "demo | fed\n"
    wait_until(mark.exists, seconds=60, what="the mark")


def test_a_job_for_once_that_fails_leaves_no_mark_and_is_given_up(run, tmp_path):
    mark = tmp_path / "mark"
    started = run(Job("demo", program("raise SystemExit('no')"), once=True, mark=str(mark)))

    assert (
        started.line_with("4 times") == "demo | ended with code 1, 4 times; the reason is above\n"
    )
    assert not mark.exists()
    assert started.process.poll() is None


def test_what_never_starts_ends_the_run_with_its_reason(run):
    started = run(web="raise SystemExit('no such host')")

    assert started.line_with("no such host") == "web | no such host\n"
    assert started.line_with("Stopped") == "Stopped.\n"
    assert started.process.wait() == 1
