"""Beat does not fall silent when the clock is set or the disk is full."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import Celery
from kombu.transport import TRANSPORT_ALIASES, memory

from support_portal.core.beat import SteadyScheduler

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Noting(SteadyScheduler):
    """Writes down what it would send."""

    def apply_entry(self, entry, producer=None):
        self.rung.append(entry.name)


def scheduler_noting_in(file, *, now=NOON):
    """Return a scheduler of two entries that starts now."""
    app = Celery("beat of the tests", broker="memory://")
    app.conf.beat_schedule = {
        "often": {"task": "often", "schedule": timedelta(seconds=1)},
        "seldom": {"task": "seldom", "schedule": timedelta(seconds=30)},
    }
    with time_machine.travel(now, tick=False):
        made = Noting(app=app, schedule_filename=str(file), lazy=True)
        made.rung = []
        made.setup_schedule()
    return made


@pytest.fixture
def file(tmp_path):
    return tmp_path / "beat"


@pytest.fixture
def scheduler(file):
    return scheduler_noting_in(file)


def rung_in(scheduler, clock, *, seconds):
    """Return what is rung when one second after the other passes."""
    scheduler.rung.clear()
    for _ in range(seconds):
        clock.shift(1)
        scheduler.tick()
        scheduler.tick()
    return scheduler.rung


@pytest.mark.parametrize("hours", [0, -2, 2])
def test_every_entry_keeps_its_rhythm_when_the_clock_is_set(scheduler, hours):
    with time_machine.travel(NOON, tick=False) as clock:
        rung_in(scheduler, clock, seconds=2)

        clock.shift(hours * 3600)
        rung = rung_in(scheduler, clock, seconds=40)

    assert rung.count("often") >= 38
    assert rung.count("seldom") in {1, 2}


def test_the_last_runs_outlive_a_restart(scheduler, file):
    with time_machine.travel(NOON, tick=False) as clock:
        rung_in(scheduler, clock, seconds=40)
        scheduler.close()
        clock.shift(10)

        other = scheduler_noting_in(file, now=NOON + timedelta(seconds=50))
        rung = rung_in(other, clock, seconds=11)

    assert rung.count("seldom") == 1


def test_entries_ring_although_the_last_runs_cannot_be_noted(tmp_path, caplog):
    scheduler = scheduler_noting_in(tmp_path / "a folder that is not there" / "beat")

    with time_machine.travel(NOON, tick=False) as clock:
        scheduler.sync()
        rung = rung_in(scheduler, clock, seconds=31)
        scheduler.close()

    assert (rung.count("often"), rung.count("seldom")) == (31, 1)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


LAST = NOON - timedelta(seconds=20)
ODD = {
    "what another program wrote": b"\x13\x57\x9a\xce\x00\x00",
    "half a file": json.dumps({"seldom": LAST.isoformat()}).encode()[:-5],
    "another shape": b"[1, 2]",
    "no times": b'{"seldom": 1}',
    "not a time": b'{"seldom": "yesterday"}',
    "no zone": json.dumps({"seldom": LAST.replace(tzinfo=None).isoformat()}).encode(),
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_a_note_of_last_runs_that_makes_no_sense_is_written_anew(file, content):
    file.write_bytes(content)

    scheduler = scheduler_noting_in(file)
    last_runs = {entry.last_run_at for entry in scheduler.schedule.values()}
    scheduler.close()

    assert last_runs == {NOON}
    assert json.loads(file.read_bytes()) == dict.fromkeys(["often", "seldom"], NOON.isoformat())


def test_what_is_no_longer_in_the_settings_is_forgotten(file):
    file.write_text(json.dumps({"seldom": LAST.isoformat(), "never": LAST.isoformat()}))

    scheduler = scheduler_noting_in(file)

    assert {name: entry.last_run_at for name, entry in scheduler.schedule.items()} == {
        "often": NOON,
        "seldom": LAST,
    }


def test_every_ring_lives_as_long_whatever_the_clocks_say(settings):
    lives = {entry["options"]["expires"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert lives == {settings.RING_LIFE}


class BreakingChannel(memory.Channel):
    """Sends nothing over the connection that was used first, which has broken without a word."""

    def _put(self, queue, message, **kwargs):
        Breaking.broken = Breaking.broken or self.connection
        if self.connection is Breaking.broken:
            raise OSError("Server unexpectedly closed connection")
        Breaking.sent.append(message["headers"]["task"])


class Breaking(memory.Transport):
    """A broker that says what was sent to it."""

    Channel = BreakingChannel
    broken = None
    sent = []


def test_a_connection_that_broke_is_replaced_after_one_ring_that_failed(file, monkeypatch):
    monkeypatch.setitem(TRANSPORT_ALIASES, "breaking", f"{__name__}:Breaking")
    app = Celery("beat of a broken line", broker="breaking://")
    app.conf.beat_schedule = {"often": {"task": "often", "schedule": timedelta(seconds=1)}}
    app.conf.task_publish_retry = False

    with time_machine.travel(NOON, tick=False) as clock:
        scheduler = SteadyScheduler(app=app, schedule_filename=str(file), lazy=True)
        scheduler.setup_schedule()
        for _ in range(3):
            clock.shift(1)
            scheduler.tick()

    assert Breaking.sent == ["often", "often"]
