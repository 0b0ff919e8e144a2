"""What helps with an id that is not held."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from support_portal.core.ids import uuid7
from support_portal.core.models import GoneBefore
from support_portal.events import retention
from support_portal.events.models import EVERYTHING
from support_portal.ingest.listening.models import DeafInterval
from support_portal.ingest.models import Delivery
from support_portal.lookup import look_up
from support_portal.lookup.helping import Lag, NotHeld, lag_at, named_sub_account, not_held
from tests.events.arrived import a_receipt, an_error, at, record

ABSENT = "9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa"  # carries 2026-06-18 08:51:22.5 UTC
MOMENT = "2026-07-20T08:00:00Z"


class Only:
    """A reader of some sub-accounts."""

    def __init__(self, *names: str) -> None:
        self.sub_accounts = names


def helped(text: str, reader: object = EVERYTHING) -> NotHeld:
    answer = look_up(text, reader)  # type: ignore[arg-type]
    item = next(item for item in answer.items if item.searched)
    return not_held(item, answer, reader)  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("time", "agrees"),
    [
        ("2026-06-18T08:51:23Z", True),
        ("2026-06-18T08:52:23Z", False),
        ("2026-06-18 16:51:20", True),  # told by a clock in Manila, or the id was made by one
        ("2026-06-18 16:21:20", False),
        ("", None),
    ],
)
def test_the_pasted_time_is_compared_with_the_one_inside(time, agrees):
    found = helped(f"{time} errorId {ABSENT}")

    assert found.family.agrees is agrees
    assert "A hint, not a fact." in found.family.agreement


@pytest.mark.django_db
def test_of_several_times_the_one_beside_the_id_counts():
    record(an_error())

    found = helped(
        f"2026-07-19T00:00:00Z start\n{MOMENT} errorId {ABSENT}\n2026-07-21T00:00:00Z end"
    )

    assert (found.moment, found.moment_told) == (at(0), True)
    assert [near.offset for near in found.near] == [0]


@pytest.mark.django_db
def test_neighbours_in_the_same_sub_account_are_the_nearest_on_either_side():
    record(
        *(
            an_error(error_id=UUID(int=n), occurred_at=at(60 * n), sub_account="northwind")
            for n in range(1, 9)
        ),
        a_receipt(seconds=-600, sub_account="northwind"),
        an_error(error_id=UUID(int=99), occurred_at=at(7200), sub_account="northwind"),
        an_error(error_id=UUID(int=98), occurred_at=at(30), sub_account="another"),
    )

    found = helped(f'{MOMENT} {{"subAccountId": "northwind"}} errorId {ABSENT}')

    assert found.sub_account == "northwind"
    assert [near.offset for near in found.beside] == [-600, 60, 120, 180, 240, 300]


@pytest.mark.django_db
def test_nothing_of_a_sub_account_that_the_reader_may_not_see():
    record(an_error(sub_account="northwind", occurred_at=at(1)))
    DeafInterval.objects.create(
        kind="silent", began_at=at(-60), ended_at=at(60), sub_account="northwind"
    )

    text = f"{MOMENT} subAccountId=northwind errorId {ABSENT}"
    mine, theirs = helped(text, Only("northwind")), helped(text, Only("another"))

    assert [len(mine.near), len(mine.beside), len(mine.deaf)] == [1, 1, 1]
    assert [len(theirs.near), len(theirs.beside), len(theirs.deaf)] == [0, 0, 0]


@pytest.mark.django_db
@pytest.mark.parametrize("waited", [2, None])
def test_the_lag_is_that_of_the_slowest_delivery_of_that_minute(waited, time_machine):
    time_machine.move_to(at(100), tick=False)
    for second, wait in ((1, 0), (5, waited), (90, 50)):
        Delivery.objects.create(
            id=uuid7(int(at(second).timestamp() * 1000)),
            source="api",
            size=1,
            body=b"",
            received_at=at(second),
            drained_at=None if wait is None else at(second) + timedelta(seconds=wait),
        )

    expected = Lag(95.0, waiting=True) if waited is None else Lag(2.0, waiting=False)
    assert lag_at(at(0)) == expected
    assert lag_at(at(-3600)) is None
    assert timezone.now() == at(100)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"subAccountId":"northwind_ph"}', "northwind_ph"),
        ("sub-account: northwind", "northwind"),
        ("POST /api/v1/subaccounts/northwind/messages", "northwind"),
        ('"{\\"subAccountId\\": \\"northwind\\"}"', "northwind"),
        ("which sub account was it", ""),
        ("", ""),
    ],
)
def test_a_text_names_its_sub_account(text, name):
    assert named_sub_account(text) == name


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "gone"), [(-1, False), (0, False), (1, True)])
def test_what_was_removed_by_age_is_a_reason_for_what_is_older(seconds, gone):
    moment = at(seconds)
    GoneBefore.objects.note(retention.MESSAGES, moment)
    GoneBefore.objects.note(retention.ERRORS, moment - timedelta(days=270))

    found = helped(f"{MOMENT} errorId {ABSENT}")

    assert found.gone_before == (moment if gone else None)
