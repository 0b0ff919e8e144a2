"""Beat does not fall silent when the clock is set."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import Celery

from support_portal.core.beat import SteadyScheduler

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Noting(SteadyScheduler):
    """Writes down what it would send."""

    def apply_entry(self, entry, producer=None):
        self.rung.append(entry.name)


@pytest.fixture
def scheduler(tmp_path):
    app = Celery("beat of the tests", broker="memory://")
    app.conf.beat_schedule = {
        "often": {"task": "often", "schedule": timedelta(seconds=1)},
        "seldom": {"task": "seldom", "schedule": timedelta(seconds=30)},
    }
    with time_machine.travel(NOON, tick=False):
        made = Noting(app=app, schedule_filename=str(tmp_path / "beat"), lazy=True)
        made.rung = []
        made.setup_schedule()
        yield made
        made.close()


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


def test_every_ring_lives_as_long_whatever_the_clocks_say(settings):
    lives = {entry["options"]["expires"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert lives == {settings.RING_LIFE}
