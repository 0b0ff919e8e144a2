"""A fault of ours costs one delivery and not the intake."""

import pytest
from django.db import OperationalError, ProgrammingError

from support_portal.core import sealing
from support_portal.events.models import ErrorEvent
from support_portal.ingest import replaying, services
from support_portal.ingest.models import Delivery, QuarantineEntry

pytestmark = pytest.mark.django_db
ERROR = (
    b'{"code": %d, "errorId": "1cc1eda1-f5dd-ea11-8288-0263195dd3%02d",'
    b' "timestamp": "2020-12-22T05:52:01.85Z"}'
)
CULPRIT = 6666


@pytest.fixture
def _stumbling(monkeypatch):
    """Make recording fail, as a programming error would, when one certain error is in the batch."""
    record = services.record

    def stumble(arrivals):
        if any(arrival.record.code == CULPRIT for arrival in arrivals):
            raise RuntimeError("a fault of ours")
        return record(arrivals)

    monkeypatch.setattr(services, "record", stumble)


def _drain_as_often_as_it_rings(times):
    for _ in range(times):
        try:
            services.drain()
        except RuntimeError:
            continue


@pytest.mark.usefixtures("_stumbling")
def test_a_delivery_that_makes_the_drain_stumble_is_set_aside_and_its_neighbours_land():
    codes = [1000, CULPRIT, 1300]
    for number, code in enumerate(codes):
        services.receive(ERROR % (code, number), source="hook")

    _drain_as_often_as_it_rings(10)

    assert sorted(ErrorEvent.objects.values_list("code", flat=True)) == [1000, 1300]
    assert Delivery.objects.pending().count() == 0
    entry = QuarantineEntry.objects.get()
    assert (entry.reason, sealing.unseal(entry.body)) == ("drain_failed", ERROR % (CULPRIT, 1))


@pytest.mark.usefixtures("_stumbling")
def test_deliveries_that_go_alone_after_a_stumble_do_not_wait_for_a_ring_each():
    for number, code in enumerate([1000, CULPRIT, 1300, 1301]):
        services.receive(ERROR % (code, number), source="hook")
    with pytest.raises(RuntimeError):
        services.drain()

    assert services.drain().again
    _drain_as_often_as_it_rings(5)

    assert Delivery.objects.pending().count() == 1
    assert not services.drain().again


@pytest.mark.usefixtures("_stumbling")
@pytest.mark.parametrize("place", [0, 1, 40, 79])
def test_one_item_that_makes_the_drain_stumble_is_set_aside_and_its_neighbours_land(place):
    codes = [CULPRIT if number == place else 1300 for number in range(80)]
    lines = [ERROR % (code, number) for number, code in enumerate(codes)]
    services.receive(b"\n".join(lines), source="api")

    _drain_as_often_as_it_rings(100)

    assert ErrorEvent.objects.count() == len(lines) - 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.recorded, delivery.quarantined) == ("done", 79, 1)
    entry = QuarantineEntry.objects.get()
    assert (entry.reason, entry.position) == ("drain_failed", place)
    assert sealing.unseal(entry.body) == lines[place]


@pytest.mark.usefixtures("_stumbling")
def test_what_was_set_aside_is_recorded_by_a_replay_after_the_mending(monkeypatch):
    services.receive(ERROR % (CULPRIT, 1), source="hook")
    _drain_as_often_as_it_rings(5)
    monkeypatch.undo()

    replaying.replay(list(QuarantineEntry.objects.waiting()), by="lead")
    services.drain()

    assert list(ErrorEvent.objects.values_list("code", flat=True)) == [CULPRIT]
    assert QuarantineEntry.objects.waiting().count() == 0


def test_a_database_that_is_away_says_nothing_about_the_delivery(monkeypatch):
    services.receive(ERROR % (1300, 1), source="hook")

    def away(arrivals):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(services, "record", away)
    with pytest.raises(OperationalError):
        services.drain()

    assert list(Delivery.objects.values_list("state", "attempts")) == [("pending", 0)]


class Limit(Exception):
    """What psycopg raises when a statement is too much for PostgreSQL."""

    sqlstate = "54000"


def test_a_limit_of_the_database_says_that_the_batch_is_too_much(monkeypatch):
    services.receive(ERROR % (1300, 1), source="hook")

    def limited(arrivals):
        raise OperationalError("too long") from Limit()

    monkeypatch.setattr(services, "record", limited)
    with pytest.raises(OperationalError):
        services.drain()

    assert list(Delivery.objects.values_list("state", "attempts")) == [("pending", 1)]


class Missing(Exception):
    """What psycopg raises before the migrations have run."""

    sqlstate = "42P01"


def test_a_database_that_is_not_migrated_yet_says_nothing_about_the_delivery(monkeypatch):
    services.receive(ERROR % (1300, 1), source="hook")

    def missing(arrivals):
        raise ProgrammingError("no such table") from Missing()

    monkeypatch.setattr(services, "record", missing)
    with pytest.raises(ProgrammingError):
        services.drain()

    assert list(Delivery.objects.values_list("state", "attempts")) == [("pending", 0)]
