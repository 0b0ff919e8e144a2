"""The worker's event loop never sleeps long on work that is ready."""

from dataclasses import dataclass

from kombu.asynchronous import Hub
from kombu.asynchronous.timer import Timer

from support_portal.celery import app
from support_portal.core.pulse import SECONDS, Pulse


@dataclass
class Worker:
    """The parts of a Celery worker that a step sees."""

    timer: Timer
    use_eventloop: bool = True


def nothing():
    pass


def test_the_pulse_bounds_the_sleep_of_the_loop():
    hub = Hub(timer=Timer(max_interval=10.0))
    hub.timer.call_after(3600, nothing)
    before = hub.fire_timers()

    Pulse(Worker(hub.timer)).start(Worker(hub.timer))

    assert before == 10
    assert hub.fire_timers() <= SECONDS


def test_a_worker_without_an_event_loop_is_left_alone():
    worker = Worker(Timer(), use_eventloop=False)

    assert Pulse(worker).include_if(worker) is False


def test_every_worker_of_the_portal_has_a_pulse():
    assert Pulse in app.steps["worker"]
