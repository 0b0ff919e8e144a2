"""Faults at random moments under constant traffic, and a supervisor that does what systemd would.

A supervisor starts again what has ended; everything else the portal has to get over by itself.
After each fault one event more is sent: the portal has recovered when that event is stored.
"""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.faults.senders import Senders
from tests.own import OwnPostgresql, OwnStack
from tests.processes import Processes, wait_until
from tests.servers import Embedded
from tests.traffic import Body, Traffic

RECOVERY_SECONDS = 60.0
LOOK_EVERY = 0.1
KEPT = {200, 202}
Fault = Callable[["Storm"], None]


class Supervisor:
    """Starts again whatever has ended, unless a fault wants it to stay away."""

    def __init__(self, portal: Processes) -> None:
        self.portal = portal
        self.revived: Counter[str] = Counter()
        self.held: set[str] = set()
        self.lock = threading.RLock()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self.thread.join()

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Keep ``name`` from being started again for a while."""
        with self.lock:
            self.held.add(name)
        try:
            yield
        finally:
            with self.lock:
                self.held.discard(name)

    def kill(self, name: str) -> None:
        """SIGKILL ``name`` and everything below it; it comes back unless it is held."""
        with self.lock:
            self.portal.kill(name)
            if name not in self.held:
                self.portal.relaunch(name)

    def _watch(self) -> None:
        while not self.stopped.wait(LOOK_EVERY):
            with self.lock:
                for name in self.portal.ended():
                    self._revive(name)

    def _revive(self, name: str) -> None:
        if name in self.held:
            return
        self.revived[name] += 1
        self.portal.kill(name)  # what it may have left behind
        self.portal.relaunch(name)


@dataclass
class Record:
    """One fault that was injected."""

    kind: str
    recovery: float  # seconds from the end of the fault to the next stored event
    at_work: bool  # something was being sent or drained when it struck


@dataclass
class Storm:
    """A running portal with its supervisor and its senders."""

    portal: OwnStack
    supervisor: Supervisor
    senders: Senders
    random: random.Random
    records: list[Record] = field(default_factory=list)
    probes: Traffic = field(default_factory=lambda: Traffic(77))

    def strike(self, kind: str) -> Record:
        """Inject one fault, wait until the portal has recovered, and return how that went."""
        at_work = self.senders.in_flight > 0 or self._waiting()
        FAULTS[kind](self)
        started = time.monotonic()
        self.prove_alive(kind)
        self.records.append(Record(kind, time.monotonic() - started, at_work))
        return self.records[-1]

    def prove_alive(self, after: str) -> None:
        """Send one event, again and again until it is kept, and wait until it is stored."""
        line = self.probes.error()
        assert line.fact is not None
        with closing(self.senders.connect()) as client:
            wait_until(
                lambda: self.senders.post(Body((line,)), client) in KEPT,
                seconds=RECOVERY_SECONDS,
                what=f"a promise after: {after}",
                every=0.05,
            )
        wait_until(
            lambda: self._is_stored(line.fact[1]),
            seconds=RECOVERY_SECONDS,
            what=f"a stored event after: {after}",
            every=0.02,
        )

    def last(self, least: float, most: float) -> None:
        """Let a fault last for a while."""
        time.sleep(self.random.uniform(least, most))

    def lull(self) -> None:
        """Let a random moment pass, so that faults strike anywhere in the work."""
        time.sleep(self.random.uniform(0.05, 0.6))

    def _is_stored(self, error_id: str) -> bool:
        try:
            return self.portal.count("events_errorevent", self._is(error_id)) > 0
        except self.portal.database.away:
            return False

    def _is(self, error_id: str) -> str:
        dashed = "-".join(
            error_id[start:end] for start, end in [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
        )
        return f"error_id IN ('{error_id if self.portal.cluster is None else dashed}')"

    def _waiting(self) -> bool:
        try:
            return self.portal.pending() > 0
        except self.portal.database.away:
            return False


def _kill(name: str) -> Fault:
    return lambda storm: storm.supervisor.kill(name)


def _kill_web_child(storm: Storm) -> None:
    children = storm.portal.members("web")[1:]
    storm.portal.signal_one(storm.random.choice(children), signal.SIGKILL)


def _pause(name: str) -> Fault:
    def pause(storm: Storm) -> None:
        storm.portal.signal_all(name, signal.SIGSTOP)
        storm.last(1.0, 4.0)
        storm.portal.signal_all(name, signal.SIGCONT)

    return pause


def _end(name: str, number: signal.Signals) -> Fault:
    """Ask ``name`` to end; its children are its own business."""
    return lambda storm: storm.portal.signal_one(storm.portal.members(name)[0], number)


def _be_away(name: str, *, wipe: bool = False) -> Fault:
    def be_away(storm: Storm) -> None:
        with storm.supervisor.hold(name):
            storm.supervisor.kill(name)
            if wipe:
                storm.portal.server.wipe()
            storm.last(2.0, 6.0)
            storm.portal.relaunch(name)

    return be_away


def _wipe_embedded(storm: Storm) -> None:
    storm.portal.server.wipe()


def _fill_disk(storm: Storm) -> None:
    assert storm.portal.disk is not None
    storm.portal.disk.fill()
    storm.last(1.5, 4.0)
    storm.portal.disk.free()


def _occupy(storm: Storm) -> None:
    """Hold the tables as a long maintenance job would."""
    begin = (
        "BEGIN; LOCK TABLE ingest_delivery, events_errorevent"
        if storm.portal.cluster
        else "BEGIN EXCLUSIVE"
    )
    with closing(storm.portal.database.connect()) as connection:
        connection.execute(begin)
        storm.last(1.0, 4.0)
        connection.execute("ROLLBACK")


def _set_clock(storm: Storm) -> None:
    storm.portal.set_clock(storm.random.choice((-7200, -90, -5, 0, 45, 3600)))


FAULTS: dict[str, Fault] = {
    "web killed": _kill("web"),
    "web child killed": _kill_web_child,
    "web paused": _pause("web"),
    "worker killed": _kill("worker"),
    "worker paused": _pause("worker"),
    "beat killed": _kill("beat"),
    "beat paused": _pause("beat"),
    "database occupied": _occupy,
    "broker wiped": _wipe_embedded,
    "broker killed": _kill("broker"),
    "broker paused": _pause("broker"),
    "broker away": _be_away("broker"),
    "broker away and wiped": _be_away("broker", wipe=True),
    "database killed": _kill("database"),
    "database paused": _pause("database"),
    "database away": _be_away("database"),
    "database stopped at once": _end("database", signal.SIGQUIT),
    "database restarted": _end("database", signal.SIGINT),
    "disk full": _fill_disk,
    "clock set": _set_clock,
}
BROKER = {"broker killed", "broker paused", "broker away", "broker away and wiped"}
DATABASE = {name for name in FAULTS if name.startswith("database")} - {"database occupied"}


def kinds_for(portal: OwnStack) -> list[str]:
    """Return the faults that can strike this portal."""
    embedded = isinstance(portal.server, Embedded)
    without = BROKER if embedded else {"broker wiped"}
    if not isinstance(portal.database, OwnPostgresql):
        without = without | DATABASE
    if portal.disk is None:
        without = without | {"disk full"}
    if not portal.has_clock:
        without = without | {"clock set"}
    return [name for name in FAULTS if name not in without]


def in_random_order(kinds: Sequence[str], number: int, chance: random.Random) -> list[str]:
    """Return ``number`` faults: every kind as often as the others, give or take one."""
    drawn: list[str] = []
    while len(drawn) < number:
        drawn += chance.sample(list(kinds), len(kinds))
    return drawn[:number]


@contextmanager
def storm(portal: OwnStack, traffic: Traffic, *, workers: int = 1) -> Iterator[Storm]:
    """Start the portal and the traffic; at the end everything that was sent has been drained."""
    portal.start_everything(workers=workers)
    with Supervisor(portal) as supervisor:
        with Senders(portal, traffic) as senders:
            running = Storm(portal, supervisor, senders, random.Random(traffic.random.random()))
            running.prove_alive("the start")
            yield running
        wait_until(portal.settled, seconds=RECOVERY_SECONDS, what="an empty inbox")
