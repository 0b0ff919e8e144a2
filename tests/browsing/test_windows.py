"""The begin that a list gets when nobody said one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.http import QueryDict

from support_portal.browsing.filtering import Filter
from support_portal.browsing.windows import walks, windowed
from support_portal.events.models import EVERYTHING
from support_portal.insights import rebuilding
from support_portal.insights.models import Kind
from tests.events.arrived import an_error, record
from tests.insights.test_counts import now  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 20, 12, 30, tzinfo=UTC)


class Some:
    sub_accounts = ("northwind",)


def asked(query, kind=Kind.ERROR):
    return Filter.read(kind, QueryDict(query), NOW)


@pytest.mark.parametrize(
    ("query", "kind", "reader", "expected"),
    [
        ("", Kind.ERROR, EVERYTHING, False),
        ("", Kind.ERROR, Some(), False),
        ("code=1300,2000", Kind.ERROR, EVERYTHING, False),
        ("code=1300", Kind.ERROR, Some(), True),
        ("sub_account=northwind", Kind.ERROR, Some(), False),
        ("code=1000..1300", Kind.ERROR, EVERYTHING, True),
        ("code=" + ",".join(map(str, range(21))), Kind.ERROR, EVERYTHING, True),
        ("code=1300&sub_account=northwind", Kind.ERROR, EVERYTHING, True),
        ("not_code=1300", Kind.ERROR, EVERYTHING, True),
        ("channel=sms", Kind.ERROR, EVERYTHING, True),
        ("channel=sms", Kind.MESSAGE, EVERYTHING, False),
        ("state=sent&state=read", Kind.MESSAGE, EVERYTHING, False),
        ("operator=x", Kind.MESSAGE, EVERYTHING, True),
        ("text=nowhere&country=PH", Kind.ERROR, EVERYTHING, False),
    ],
)
def test_what_may_read_rows_that_are_not_chosen(query, kind, reader, expected):
    assert walks(asked(query, kind), reader) is expected


@pytest.mark.parametrize(
    ("ages", "days"),
    [([], 1), ([0] * 50, 1), ([3] * 50, 7), ([0] * 3 + [20] * 60, 30), ([0, 5], 7), ([60], 90)],
)
def test_the_window_is_the_shortest_that_holds_a_page(ages, days):
    record(
        *(
            an_error(error_id=UUID(int=n), occurred_at=NOW - timedelta(days=age, minutes=1))
            for n, age in enumerate(ages)
        )
    )

    given = windowed(asked("code=1300&not_channel=x"), EVERYTHING, NOW)

    assert given.begin == NOW - timedelta(days=days)
    assert windowed(given, EVERYTHING, NOW) is given


@pytest.mark.parametrize(
    "query", ["from=all&channel=sms", "from=2026-01-01&channel=sms", "channel=%00"]
)
def test_what_was_said_stays(query):
    told = asked(query)

    assert windowed(told, EVERYTHING, NOW) is told


def test_what_is_not_counted_gets_a_day_before_its_end():
    without = "not_has=comments"
    assert windowed(asked(without), EVERYTHING, NOW).begin == NOW - timedelta(days=1)
    assert windowed(asked(f"{without}&to=2026-07-10"), EVERYTHING, NOW).begin == datetime(
        2026, 7, 9, tzinfo=UTC
    )


def test_a_status_gets_the_begin_that_its_counts_tell():
    rebuilding.caught_up()
    record(an_error(http_status=404, occurred_at=NOW - timedelta(days=20)))

    assert windowed(asked("http=4xx"), EVERYTHING, NOW).begin == NOW - timedelta(days=30)
