"""The thread that gives signs of life, and what it does while the database is away."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import time_machine
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import RequestFactory

from support_portal.accounts.admission import Admitted
from support_portal.accounts.models import SenderMinute
from support_portal.accounts.usage import Ledger
from support_portal.ingest.listening import tasks
from support_portal.ingest.listening.heartbeat import Heartbeat, steady, this_process
from support_portal.ingest.listening.models import DeafInterval, Role, SignOfLife
from support_portal.ingest.listening.refusals import Bout, Refusals, noticed
from support_portal.ingest.listening.services import Living

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GET = RequestFactory().get("/")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Seconds:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def away(*args: object) -> None:
    raise OperationalError("the disk is full\nand more")


def moments(*seconds: float) -> Refusals:
    """Return refusals whose clock shows these moments one after the other."""
    times = iter(seconds)
    return Refusals(now=lambda: at(next(times)))


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_goes_on_without_its_database_and_says_so_afterwards():
    clock = Seconds()
    refused = moments(7, 30)
    heartbeat = Heartbeat(Living(Role.WEB, "one:1"), steadily=clock, refused=refused)
    heartbeat.beat()
    began = SignOfLife.objects.get().seen_at

    with connection.execute_wrapper(away):
        for clock.now in (5.0, 10.0, 15.0, 20.0):
            assert heartbeat.beat() is False
        refused.refused("hook")

    clock.now = 25.0
    assert heartbeat.beat() is True
    assert heartbeat.living.failures == 0
    assert SignOfLife.objects.count() == 2
    found = DeafInterval.objects.order_by("-refused").first()
    assert found is not None
    assert (found.kind, found.refused, found.sources) == ("refused", 1, "hook")
    assert began <= SignOfLife.objects.latest("began_at").began_at


@pytest.mark.django_db(transaction=True)
def test_what_was_refused_is_written_once_the_database_takes_it():
    refused = moments(0, 10, 20)
    heartbeat = Heartbeat(Living(Role.WEB, "one:1"), refused=refused)
    refused.refused("hook")
    refused.refused("hook")
    with connection.execute_wrapper(away):
        heartbeat.beat()
    refused.kept()

    heartbeat.beat()
    heartbeat.beat()

    rows = DeafInterval.objects.values_list("kind", "began_at", "ended_at", "refused", "sources")
    assert list(rows) == [("refused", at(0), at(20), 2, "hook")]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_gives_a_sign_each_time_it_is_done():
    tasks.watch_sweep()
    tasks.watch_sweep()

    assert SignOfLife.objects.filter(role=Role.SWEEP).count() == 1


def test_a_process_is_known_by_host_and_number():
    one = this_process(Role.WORKER)

    assert (one.role, one.sign, one.failures) == (Role.WORKER, None, 0)
    assert one.name.rpartition(":")[2].isdigit()


def test_the_steady_clock_does_not_heed_the_wall_clock():
    before = steady()

    with time_machine.travel(NOON - timedelta(days=400), tick=False):
        assert 0 <= steady() - before < 60


def test_calls_refused_with_nothing_kept_between_are_one_bout():
    refused = moments(0, 5, 9, 12)

    refused.refused("hook")
    refused.refused("api")
    refused.kept()
    refused.refused("hook")

    assert refused.take() == [
        Bout(at(0), at(9), 2, frozenset({"api", "hook"})),
        Bout(at(12), at(12), 1, frozenset({"hook"})),
    ]
    assert refused.take() == []


def test_a_bout_that_goes_on_is_told_in_parts_without_counting_twice():
    refused = moments(0, 5, 8)
    refused.refused("hook")
    refused.take()

    refused.refused("hook")
    first = refused.take()
    refused.kept()

    assert first == [Bout(at(0), at(5), 1, frozenset({"hook"}))]
    assert refused.take() == [Bout(at(0), at(8), 0, frozenset({"hook"}))]


def test_a_clock_that_is_set_back_makes_no_bout_that_ends_before_it_begins():
    refused = moments(100, 40, 20)
    refused.refused("hook")
    refused.refused("hook")
    refused.kept()

    assert refused.take() == [Bout(at(100), at(100), 2, frozenset({"hook"}))]


def test_what_could_not_be_written_comes_first_the_next_time():
    refused = moments(0, 1, 2, 3)
    refused.refused("hook")
    refused.kept()
    taken = refused.take()

    refused.refused("api")
    refused.kept()
    refused.put_back(taken)

    assert [bout.began_at for bout in refused.take()] == [at(0), at(2)]


@pytest.mark.parametrize(
    ("status", "bouts"), [(200, 0), (202, 0), (401, 1), (413, 1), (500, 1), (503, 1)]
)
def test_only_what_is_kept_ends_a_bout(status: int, bouts: int):
    times = count()
    seen = Refusals(now=lambda: at(next(times)))
    answers = iter([503, status])
    view = noticed("hook", seen)(lambda request: HttpResponse(status=next(answers)))

    view(GET)
    seen.take()
    view(GET)
    seen.refused("hook")

    assert len({bout.began_at for bout in seen.take()} & {at(0)}) == 1 if bouts else True
    assert (status >= 500) == (status in {500, 503})


def test_a_view_that_fails_has_refused():
    seen = moments(0)

    def fails(request: object) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        noticed("hook", seen)(fails)(GET)

    assert seen.take() == [Bout(at(0), at(0), 1, frozenset({"hook"}))]


@pytest.mark.django_db(transaction=True)
def test_the_last_calls_before_a_silence_are_told_without_another_one():
    seconds = Seconds()
    used = Ledger(clock=seconds, wall=NOON.timestamp)
    sender = Admitted("hook", 7, "8x8", frozenset())
    heartbeat = Heartbeat(Living(Role.WEB, "one:1"), used=used)
    for _ in range(3):  # the first is told at once, the others wait for more
        used.enter(sender)

    heartbeat.beat()

    assert list(SenderMinute.objects.values_list("sender_id", "requests")) == [(7, 3)]
