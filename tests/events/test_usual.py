"""Usual delays: what is measured, from which messages, and which measure stands in for which."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from support_portal.events import usual_store
from support_portal.events.models import UsualDelay
from support_portal.events.usual import FEWEST, Leg, Route, Usual, Usuals
from support_portal.payloads import Receipt
from tests.events.arrived import a_receipt, at, record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 21, 8, tzinfo=UTC)
FILIPINO, SINGAPOREAN = "+639171234567", "+6581234567"
TO_PHONE = "delivered_to_recipient"


def delivered(number: int, seconds: float, **more: Any) -> list[Receipt]:
    """Return the receipts of one message that arrived ``seconds`` after it was sent."""
    told: dict[str, Any] = {"umid": UUID(int=number), "destination": FILIPINO} | more
    return [
        a_receipt("queued", seconds=number - 1, **told),
        a_receipt("sent", seconds=number, **told),
        a_receipt("delivered", TO_PHONE, seconds=number + seconds, **told),
    ]


def known() -> dict[tuple[str, str, str, str], tuple[int, float, float]]:
    """Return what is measured, lengths in seconds."""
    return {
        (row.leg, row.channel, row.country, row.operator): (
            row.samples,
            row.half.total_seconds(),
            row.most.total_seconds(),
        )
        for row in UsualDelay.objects.all()
    }


def test_delays_are_measured_by_channel_country_and_operator() -> None:
    for number in range(1, 41):
        record(*delivered(number, seconds=number, operator="Example Mobile"))
    for number in range(41, 51):
        record(*delivered(number, seconds=100, destination=SINGAPOREAN))

    assert usual_store.measure(NOW) == 3

    assert known() == {
        ("final", "sms", "PH", "Example Mobile"): (40, 20, 38),
        ("final", "sms", "PH", ""): (40, 20, 38),
        ("final", "sms", "", ""): (50, 25, 100),
    }


def test_the_days_of_the_sample_are_kept() -> None:
    for number in range(1, FEWEST + 1):
        record(*delivered(number, seconds=1))

    usual_store.measure(NOW)

    spans = UsualDelay.objects.values_list("began_at", "ended_at").distinct()
    assert list(spans) == [(at(1), at(FEWEST))]


def test_reading_is_a_leg_of_its_own_and_failures_are_final() -> None:
    told: dict[str, Any] = {"channel": "whatsapp", "context": "chatapps_receipt"}
    for number in range(1, FEWEST + 1):
        umid = UUID(int=number)
        record(
            *delivered(number, seconds=2, **told),
            a_receipt("read", seconds=number + 62, umid=umid, destination=FILIPINO, **told),
        )
        failed = {"umid": UUID(int=number + 1000)}
        record(a_receipt("sent", **failed), a_receipt("undelivered", seconds=7, **failed))

    usual_store.measure(NOW)

    assert known() == {
        ("final", "whatsapp", "PH", ""): (30, 2, 2),
        ("final", "whatsapp", "", ""): (30, 2, 2),
        ("read", "whatsapp", "PH", ""): (30, 60, 60),
        ("read", "whatsapp", "", ""): (30, 60, 60),
        ("final", "sms", "", ""): (30, 7, 7),
    }


def test_of_too_few_messages_nothing_is_said() -> None:
    for number in range(1, FEWEST):
        record(*delivered(number, seconds=1))

    assert usual_store.measure(NOW) == 0


def test_what_says_nothing_is_not_measured() -> None:
    for number in range(1, 101):
        umid = UUID(int=number)
        record(a_receipt("sent", umid=umid))  # nothing final
        record(a_receipt("delivered", TO_PHONE, umid=UUID(int=number + 1000)))  # nothing before
        early = {"umid": UUID(int=number + 2000)}
        record(a_receipt("sent", seconds=9, **early), a_receipt("delivered", TO_PHONE, 1, **early))
        future = timedelta(days=400).total_seconds()
        late = {"umid": UUID(int=number + 3000)}
        record(
            a_receipt("sent", seconds=future, **late),
            a_receipt("delivered", TO_PHONE, future + 1, **late),
        )

    assert usual_store.measure(NOW) == 0


def test_a_country_that_falls_out_of_the_sample_keeps_its_measure_until_it_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(1, FEWEST + 1):
        record(*delivered(number, seconds=3))
    usual_store.measure(NOW)
    for number in range(101, 101 + FEWEST):
        record(*delivered(number, seconds=50, destination=SINGAPOREAN))
    monkeypatch.setattr(usual_store, "MESSAGES_A_CHANNEL", FEWEST)

    usual_store.measure(NOW)
    fresh = known()
    usual_store.measure(NOW + usual_store.OLDEST)

    assert fresh == {
        ("final", "sms", "PH", ""): (30, 3, 3),
        ("final", "sms", "SG", ""): (30, 50, 50),
        ("final", "sms", "", ""): (30, 50, 50),
    }
    assert known() == {}


def test_measuring_twice_is_the_same_as_once() -> None:
    for number in range(1, FEWEST + 1):
        record(*delivered(number, seconds=1))

    assert [usual_store.measure(NOW) for _ in range(2)] == [2, 2]
    assert UsualDelay.objects.count() == 2


def test_an_empty_database_has_nothing_usual(django_assert_num_queries: Any) -> None:
    assert usual_store.measure(NOW) == 0
    with django_assert_num_queries(1):
        assert usual_store.usuals("PH", "Example Mobile").of(Leg.FINAL, "sms") is None


@pytest.mark.parametrize("many", [40, 200])
def test_any_number_of_messages_takes_the_same_queries(
    many: int, django_assert_num_queries: Any
) -> None:
    record(*(each for number in range(1, many) for each in delivered(number, seconds=1)))
    lock = connection.vendor == "postgresql"

    with django_assert_num_queries(9 + lock):
        usual_store.measure(NOW)


@pytest.mark.parametrize(
    ("country", "operator", "found"),
    [
        ("PH", "Example Mobile", ("PH", "Example Mobile")),
        ("PH", "Another", ("PH", "")),
        ("SG", "Example Mobile", ("", "")),
        ("", "", ("", "")),
    ],
)
def test_the_narrowest_measure_there_is_stands_in(
    country: str, operator: str, found: tuple[str, str]
) -> None:
    second = timedelta(seconds=1)
    routes = [
        Route(Leg.FINAL, "sms", "PH", "Example Mobile"),
        Route(Leg.FINAL, "sms", "PH"),
        Route(Leg.FINAL, "sms"),
    ]
    measured = [Usual(route, FEWEST, second, second, NOW, NOW) for route in routes]

    usual = Usuals(measured, country=country, operator=operator).of(Leg.FINAL, "sms")

    assert usual is not None
    assert (usual.route.country, usual.route.operator) == found
