"""Records from the future: whose clock is to be doubted."""

from datetime import UTC, datetime, timedelta

import pytest

from support_portal.events.models import ErrorEvent
from support_portal.ingest.listening.clocks import MOST, Ahead, ahead
from support_portal.ingest.services import drain, receive
from tests.ingest.sent import encoded, error, receipt

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def sent_ahead(by: timedelta, numbers: range, *, source: str, sender: str) -> None:
    """Receive errors that are dated ``by`` after they came."""
    told = [error(number) for number in numbers]
    for each in told:
        each["timestamp"] = (NOON + by).isoformat().replace("+00:00", "Z")
    receive(encoded(told), source=source, sender=sender, received_at=NOON)
    drain()


def test_errors_of_one_service_from_the_future_are_its_own_fault():
    sent_ahead(timedelta(hours=8), range(4), source="api", sender="dispatch")

    assert ahead(NOON) == Ahead(4, timedelta(hours=8), "dispatch", ours=False)


def test_when_8x8_or_several_tell_of_the_future_our_own_clock_is_to_be_doubted():
    sent_ahead(timedelta(minutes=4), range(2), source="api", sender="dispatch")
    sent_ahead(timedelta(minutes=2), range(2, 4), source="api", sender="billing")
    found = ahead(NOON)
    assert found is not None
    assert (found.records, found.by, found.ours) == (4, timedelta(minutes=4), True)


def test_receipts_of_8x8_from_the_future_are_found_too():
    told = [receipt(number) for number in range(3)]
    for each in told:
        each["payload"]["status"]["timestamp"] = "2026-11-23T12:05:00Z"
    receive(encoded(told), source="hook", sender="8x8", received_at=NOON)
    drain()

    assert ahead(NOON) == Ahead(3, timedelta(minutes=5), "8x8", ours=True)


def test_files_with_local_times_are_no_reason_to_doubt_our_clock():
    sent_ahead(timedelta(hours=8), range(4), source="file", sender="monday.csv")
    sent_ahead(timedelta(hours=8), range(4, 6), source="file", sender="tuesday.csv")

    assert ahead(NOON) == Ahead(6, timedelta(hours=8), "monday.csv", ours=False)


def test_there_may_be_more_where_what_came_long_ago_takes_up_the_look():
    sent_ahead(timedelta(hours=8), range(MOST - 3), source="api", sender="dispatch")
    ErrorEvent.objects.update(received_at=NOON - timedelta(days=2))
    sent_ahead(timedelta(hours=8), range(MOST, MOST + 3), source="api", sender="dispatch")

    assert ahead(NOON) == Ahead(3, timedelta(hours=8), "dispatch", ours=False, more=True)


@pytest.mark.parametrize("many", [MOST, MOST - 2])
def test_wrong_dates_of_long_ago_hide_no_wrong_clock(many: int):
    sent_ahead(timedelta(days=9_999), range(many), source="api", sender="archive")
    ErrorEvent.objects.update(received_at=NOON - timedelta(days=2))
    sent_ahead(timedelta(hours=8), range(MOST, MOST + 3), source="api", sender="dispatch")

    assert ahead(NOON) == Ahead(3, timedelta(hours=8), "dispatch", ours=False, more=True)


def test_wrong_dates_that_came_lately_are_told_of_too():
    sent_ahead(timedelta(days=9_999), range(3), source="api", sender="archive")

    assert ahead(NOON) == Ahead(3, timedelta(days=9_999), "archive", ours=False)


@pytest.mark.parametrize(
    ("numbers", "by", "at"),
    [
        (range(2), timedelta(hours=8), NOON),
        (range(9), timedelta(seconds=20), NOON),
        (range(9), timedelta(hours=8), NOON + timedelta(hours=2)),
    ],
    ids=["two are an oddity", "a few seconds are usual", "it came long ago"],
)
def test_what_is_next_to_nothing_is_no_warning(numbers: range, by: timedelta, at: datetime):
    sent_ahead(by, numbers, source="api", sender="dispatch")

    assert ahead(at) is None
