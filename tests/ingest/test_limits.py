"""The doors close before anything breaks, say so, and open again."""

import pytest
from django.test import Client

from support_portal.ingest import limits, services
from support_portal.ingest.limits import Figure, Gate, Standing, gate
from support_portal.ingest.models import Delivery
from tests.accounts.clocks import Clock
from tests.ingest.sent import drain_all, encoded, error, facts, receipt

pytestmark = pytest.mark.django_db
BODY = encoded(error())
MORE_THAN_THERE_IS = 2**62


def keep(deliveries, body=BODY):
    for _ in range(deliveries):
        services.receive(body, source="api")


def over(standing):
    return [figure.key for figure in standing.figures if figure.over]


def test_the_figures_are_those_of_the_inbox_and_the_disk(settings):
    settings.INBOX_DELIVERY_LIMIT, settings.INBOX_BYTE_LIMIT = 10, 10_000
    settings.DISK_FREE_LIMIT, settings.DATABASE_SIZE_LIMIT = 1, MORE_THAN_THERE_IS
    keep(3)

    standing = gate.standing()

    by_key = {figure.key: figure for figure in standing.figures}
    assert by_key["deliveries"] == Figure("deliveries", 3, 10, over=False)
    assert by_key["bytes"] == Figure("bytes", 3 * len(BODY), 10_000, over=False)
    assert by_key["disk"].present > 2**20
    assert by_key["database"].present > 2**16
    assert standing.full is None


def test_what_has_no_limit_is_not_looked_at(settings, django_assert_num_queries):
    settings.INBOX_DELIVERY_LIMIT = settings.INBOX_BYTE_LIMIT = 0
    settings.DISK_FREE_LIMIT = settings.DATABASE_SIZE_LIMIT = 0

    with django_assert_num_queries(0):
        assert gate.standing() == Standing()


@pytest.mark.parametrize(
    ("setting", "limit", "key", "seconds", "said"),
    [
        ("INBOX_DELIVERY_LIMIT", 2, "deliveries", "5", "3 deliveries wait to be read; no more"),
        (
            "INBOX_BYTE_LIMIT",
            300,
            "bytes",
            "5",
            "bytes wait to be read; no more than 300 bytes may.",
        ),
        (
            "DISK_FREE_LIMIT",
            MORE_THAN_THERE_IS,
            "disk",
            "60",
            " are free on the disk; 4096.0 PB are",
        ),
        ("DATABASE_SIZE_LIMIT", 1, "database", "60", "; it may hold 1 byte."),
    ],
)
def test_both_doors_say_503_and_when_to_come_again(
    api, hook, settings, setting, limit, key, seconds, said
):
    keep(3)
    setattr(settings, setting, limit)

    answers = [api(BODY), hook(BODY)]

    assert over(gate.standing()) == [key]
    for answer in answers:
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Retry-After"] == seconds
        assert said in answer.json()["detail"]
        assert answer.json()["detail"].endswith(" Nothing was kept: send it again later.")
    assert Delivery.objects.count() == 3


@pytest.mark.parametrize("waiting", [2, 3])
def test_a_limit_may_be_reached_and_not_passed(hook, settings, waiting):
    settings.INBOX_DELIVERY_LIMIT = 2
    keep(waiting)

    assert hook(BODY).status_code == (200 if waiting == 2 else 503)


def test_a_stranger_is_not_told_how_full_it_is(api, settings):
    settings.INBOX_DELIVERY_LIMIT = 1
    keep(2)

    assert Client().post("/api/v1/events", BODY, "application/json").status_code == 401


def test_a_flood_ends_in_503_and_what_was_answered_with_2xx_is_recorded(hook, settings):
    settings.INBOX_DELIVERY_LIMIT = 20
    answers = []
    for number in range(1, 61):
        if number % 10 == 0:
            gate.forget()  # as a second later
        answers.append(hook(encoded(receipt(number))).status_code)
    drain_all()
    gate.forget()
    after = hook(encoded(receipt(61))).status_code
    drain_all()

    assert sorted(set(answers)) == [200, 503]
    assert answers == sorted(answers)
    assert answers.count(200) == 29
    assert after == 200
    assert facts() == answers.count(200) + 1


def test_the_doors_open_again_only_when_it_is_clearly_better(settings):
    settings.INBOX_DELIVERY_LIMIT = 10
    keep(11)
    clock = Clock()
    own = Gate(clock)
    seen = [bool(own.standing().full)]
    for left in (10, 9, 8):
        Delivery.objects.filter(pk__in=Delivery.objects.values("pk")[left:]).delete()
        clock.now += 1000
        seen.append(bool(own.standing().full))

    assert seen == [True, True, True, False]


def test_a_change_is_logged_once(settings, caplog):
    settings.INBOX_DELIVERY_LIMIT = 2
    keep(3)
    clock = Clock()
    own = Gate(clock)
    for _ in range(5):
        own.standing()
        clock.now += 1000
    Delivery.objects.all().delete()
    for _ in range(5):
        own.standing()
        clock.now += 1000

    assert [record.message for record in caplog.records if record.name == limits.__name__] == [
        "the intake takes nothing in: 3 deliveries wait to be read; no more than 2 may.",
        "the intake takes everything in again",
    ]


def test_the_figures_are_believed_for_a_second_and_a_long_way_from_the_limit_for_longer(
    settings, django_assert_num_queries
):
    settings.INBOX_BYTE_LIMIT = 0
    settings.INBOX_DELIVERY_LIMIT = limits.FASTEST_DELIVERIES * 8
    clock = Clock()
    own = Gate(clock)

    with django_assert_num_queries(1):
        own.standing()
        clock.now += 3
        own.standing()
    with django_assert_num_queries(1):
        clock.now += 1
        own.standing()


def test_near_the_limit_the_inbox_is_counted_every_second(settings, django_assert_num_queries):
    settings.INBOX_BYTE_LIMIT, settings.INBOX_DELIVERY_LIMIT = 0, 3
    keep(3)
    clock = Clock()
    own = Gate(clock)

    with django_assert_num_queries(3):
        for _ in range(30):
            own.standing()
            clock.now += 0.1


def test_a_folder_that_is_not_there_closes_nothing(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "absent"
    settings.DISK_FREE_LIMIT = 1

    assert not gate.standing().full


def test_readyz_says_that_nothing_is_taken_in(settings):
    settings.INBOX_DELIVERY_LIMIT = 1
    keep(2)

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["reason"] == (
        "nothing is taken in: 2 deliveries wait to be read; no more than 1 may."
    )
    assert (response.json()["ready"], response.json()["pending"]) == (False, 2)
