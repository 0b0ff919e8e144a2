"""What the counts rule out is not read, and the pages of a list are the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from support_portal.browsing import narrowing
from support_portal.browsing.fields import TIMES
from support_portal.browsing.filtering import Filter
from support_portal.browsing.narrowing import few, stretches, values
from support_portal.core.keyset import Order, Source, paginate
from support_portal.events.models import EVERYTHING
from support_portal.insights import combinations, rebuilding, when
from support_portal.insights.models import Combination, Kind, Rebuilding, Volume
from tests.browsing.test_agreement import ERRORS, LATER, RECEIPTS, Some, asked_for
from tests.events.arrived import NUMBER, an_error, record
from tests.insights.test_counts import IDS, forget, now  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
SORTED_BY = {Kind.ERROR: ["code", "sub_account"], Kind.MESSAGE: ["state", "channel", "sub_account"]}
NOON = datetime(2026, 7, 20, 12, tzinfo=UTC)
RARE = "code=7001&sub_account=northwind&from=2026-07-01&to=2026-07-21"


def asked(query: str) -> Filter:
    return Filter.read(Kind.ERROR, QueryDict(query), NOON)


def pages(rows, *, size, **reading):
    """Return the ids of every page, going on by the cursors, and then back again."""
    seen, cursor, ways = [], "", ("older", "newer")
    for way in ways:
        while True:
            page = paginate(rows, cursor=cursor, size=size, **reading)
            seen.append([row.pk for row in page])
            if not getattr(page, way):
                break
            cursor = getattr(page, way)
    return [*seen, [row.pk for row in paginate(rows, cursor="oldest", size=size, **reading)]]


@settings(max_examples=60)
@given(
    st.lists(st.one_of(ERRORS, RECEIPTS), max_size=20),
    asked_for(),
    st.sampled_from([EVERYTHING, Some()]),
    st.booleans(),
    st.integers(1, 4),
    st.sampled_from([1, 20_000]),
    st.sampled_from([0, 10]),
    st.sampled_from([1, 2, 400]),
    st.sampled_from([0, 50]),
)
def test_pages_are_those_of_the_plain_query(
    records, filter_, reader, descending, most, combined, days, looked, common
):
    forget()
    rebuilding.caught_up()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(combinations, "MOST", combined)  # what is beyond stands for several
        patch.setattr(narrowing, "MOST", most)
        patch.setattr(when, "FEW_DAYS", days)
        patch.setattr(when, "MOST_DAYS", looked)
        patch.setattr(when, "COMMON", common)
        record(*records)
        parts = stretches(filter_, reader, LATER)
        time = TIMES[filter_.kind]
        order = ["-" * descending + time, "-" * descending + "pk"]
        order[1] = order[1].replace("pk", "error_id" if filter_.kind is Kind.ERROR else "umid")
        rows = filter_.rows(reader).order_by(*order)

        plain = pages(rows, size=2)
        if parts is not None:
            assert pages(rows, stretches=parts, size=2) == plain
            assert len(parts) <= most + 1


@settings(max_examples=80)
@given(
    st.lists(st.one_of(ERRORS, RECEIPTS), max_size=20),
    asked_for(),
    st.sampled_from([EVERYTHING, Some()]),
    st.data(),
    st.booleans(),
    st.sampled_from([0, 3, 20_000]),
)
def test_pages_in_the_order_of_what_is_counted_are_those_of_the_plain_query(
    records, filter_, reader, data, descending, combined
):
    forget()
    rebuilding.caught_up()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(combinations, "MOST", combined)
        record(*records)
        filter_ = replace(filter_, begin=filter_.begin or LATER - timedelta(days=90))
        column = data.draw(st.sampled_from(SORTED_BY[filter_.kind]))
        key = "error_id" if filter_.kind is Kind.ERROR else "umid"
        order = ["-" * descending + name for name in (column, TIMES[filter_.kind], key)]
        rows = filter_.rows(reader).order_by(*order)
        named = values(column, filter_, reader, LATER)

        if named is not None:
            parts = [each.rows for each in stretches(filter_, reader, LATER) or ()]
            plain = pages(rows, size=2)
            assert pages(rows, values=named, size=2) == plain
            assert pages(rows, values=named, parts=parts, size=2) == plain


def test_a_pair_that_never_was_is_known_not_to_be_there(django_assert_num_queries):
    record(
        an_error(error_id=UUID(IDS[0]), code=7001, sub_account="other", occurred_at=NOON),
        an_error(error_id=UUID(IDS[1]), code=1300, sub_account="northwind", occurred_at=NOON),
    )
    rebuilding.caught_up()

    with django_assert_num_queries(2):
        parts = stretches(asked(RARE), EVERYTHING, NOON)

    assert parts == []
    assert not paginate(asked(RARE).rows(EVERYTHING).newest_first(), stretches=parts).rows


def test_only_hours_that_can_hold_something_are_read():
    ages = (0, 1, 30, 24 * 9)
    record(
        *(
            an_error(
                error_id=UUID(IDS[number]),
                code=7001,
                sub_account="northwind",
                occurred_at=NOON - timedelta(hours=age),
            )
            for number, age in enumerate(ages)
        )
    )
    rebuilding.caught_up()

    question = asked(RARE).question(EVERYTHING, NOON)
    found = when.stretches(question, list(when.choosable(question)))

    assert found == [
        (NOON - timedelta(hours=1), NOON + timedelta(hours=1)),
        (NOON - timedelta(hours=30), NOON - timedelta(hours=29)),
        (NOON - timedelta(days=9), NOON - timedelta(days=9) + timedelta(hours=1)),
    ]


@pytest.mark.parametrize("state", [None, (rebuilding.VERSION - 1, None), (rebuilding.VERSION, 0)])
def test_counts_that_are_not_whole_rule_nothing_out(state):
    record(an_error(code=7001, sub_account="northwind", occurred_at=NOON))
    Rebuilding.objects.all().delete()
    Volume.objects.all().delete()
    if state:
        Rebuilding.objects.create(version=state[0], day=state[1])

    assert stretches(asked(RARE), EVERYTHING, NOON) is None


def test_what_stands_for_several_may_be_what_is_asked_for(monkeypatch):
    monkeypatch.setattr(combinations, "MOST", 0)
    record(an_error(code=7001, sub_account="northwind", occurred_at=NOON))
    rebuilding.caught_up()
    assert Combination.objects.get().sub_account != "northwind"

    (part,) = stretches(asked(RARE), EVERYTHING, NOON)

    assert [row.code for row in part.rows] == [7001]


def test_values_that_stand_for_any_are_not_told(monkeypatch):
    monkeypatch.setattr(combinations, "MOST", 0)
    record(an_error(code=7001, sub_account="northwind", occurred_at=NOON))
    rebuilding.caught_up()

    assert values("code", asked(RARE), EVERYTHING, NOON) is None


def test_only_values_that_can_be_there_are_named(django_assert_num_queries):
    told = [(7001, "northwind"), (1300, "northwind"), (2000, "other")]
    record(
        *(
            an_error(error_id=UUID(id_), code=code, sub_account=name, occurred_at=NOON)
            for id_, (code, name) in zip(IDS, told, strict=False)
        )
    )
    rebuilding.caught_up()

    with django_assert_num_queries(2):
        found = values("code", asked("sub_account=northwind"), EVERYTHING, NOON)

    assert found == [1300, 7001]
    assert values("code", asked("not_has=comments"), EVERYTHING, NOON) == [1300, 2000, 7001]
    assert values("code", asked("http=4xx"), EVERYTHING, NOON) == []
    assert values("code", asked("has=comments"), EVERYTHING, NOON) is None


@pytest.mark.parametrize("sort", ["code", "-code"])
@pytest.mark.skipif(connection.vendor != "sqlite", reason="this one plans without statistics")
def test_a_list_by_code_is_walked_and_not_sorted(sort):
    begin = NOON - timedelta(days=90)
    way = "-" * sort.startswith("-")
    rows = asked("").rows(EVERYTHING).filter(occurred_at__gte=begin, occurred_at__lt=NOON)
    rows = rows.order_by(*(way + name for name in ("code", "occurred_at", "error_id")))
    source = Source(Order.of(rows), (rows,), values=(1300, 2000, 7001))
    place = (2000, NOON - timedelta(days=9), UUID(int=1))

    for beyond in (None, place):
        for leg in source._legs(rows, beyond, backwards=False):
            plan = leg[:51].explain()
            assert "error_by_code (code=?" in plan
            assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("ahead", [timedelta(days=1, minutes=30), timedelta(days=40)])
def test_what_is_dated_after_today_is_found_once_where_the_end_is_open(ahead):
    record(an_error(code=7001, sub_account="northwind", occurred_at=NOON + ahead))
    rebuilding.caught_up()
    filter_ = replace(asked(RARE), end=None)

    parts = stretches(filter_, EVERYTHING, NOON)

    assert sum(len(part.rows) for part in parts) == 1


@pytest.fixture
def scattered():
    """Errors to a rare country: today, an hour ago, 30 hours ago, a month ago and before 1970."""
    moments = [NOON - timedelta(hours=hours) for hours in (0, 1, 30, 24 * 30)]
    moments.append(datetime(1969, 12, 31, 23, 0, 30, tzinfo=UTC))
    rare = [
        an_error(
            error_id=UUID(int=place + 1),
            sub_account="northwind",
            destination=NUMBER,
            occurred_at=moment,
        )
        for place, moment in enumerate(moments)
    ]
    others = [
        an_error(
            error_id=UUID(int=100 + place),
            sub_account=f"other{place % 2}",
            occurred_at=NOON - timedelta(minutes=place),
        )
        for place in range(200)
    ]
    record(*rare, *others)
    rebuilding.caught_up()
    return [row.error_id for row in rare]


def test_of_all_time_only_what_can_hold_something_is_read(scattered, django_assert_num_queries):
    parts = stretches(asked("country=US&from=all"), EVERYTHING, NOON)

    assert [row.error_id for part in parts for row in part.rows.newest_first()] == scattered
    assert [(part.begin, part.end) for part in parts[1:]] == [
        (NOON - timedelta(hours=1), NOON + timedelta(hours=1)),
        (NOON - timedelta(hours=30), NOON - timedelta(hours=29)),
        (NOON - timedelta(days=30), NOON - timedelta(days=30) + timedelta(hours=1)),
        (None, NOON.replace(hour=0) + timedelta(days=2 - when.MOST_DAYS)),
    ]
    rows = asked("country=US&from=all").rows(EVERYTHING).newest_first()
    with django_assert_num_queries(2):  # one holds a row, and whether there is more is asked too
        last = paginate(rows, cursor="oldest", size=1, stretches=parts)
    assert [row.error_id for row in last] == scattered[-1:]
    with django_assert_num_queries(3):  # that of the cursor, and two with a row
        before = paginate(rows, cursor=last.newer, size=1, stretches=parts)
    assert [row.error_id for row in before] == scattered[-2:-1]
    with django_assert_num_queries(2):  # nothing newer is read again
        after = paginate(rows, cursor=before.older, size=1, stretches=parts)
    assert [row.error_id for row in after] == scattered[-1:]


def test_a_page_begins_to_read_at_its_stretches_and_not_at_its_cursor(scattered):
    filter_ = asked("country=US&from=all")
    parts, rows = stretches(filter_, EVERYTHING, NOON), filter_.rows(EVERYTHING).newest_first()
    first = paginate(rows, size=2, stretches=parts)

    with CaptureQueriesContext(connection) as queries:
        second = paginate(rows, cursor=first.older, size=2, stretches=parts)

    place = f"{NOON - timedelta(hours=1):%Y-%m-%d %H:%M:%S}"
    assert [row.error_id for row in second] == scattered[2:4]
    assert [place in each["sql"] for each in queries] == [True, False, False, False]


def test_what_is_older_than_can_be_looked_at_is_one_stretch(scattered, monkeypatch):
    monkeypatch.setattr(when, "MOST_DAYS", 3)

    parts = stretches(asked("country=US&from=all"), EVERYTHING, NOON)

    assert (parts[-1].begin, parts[-1].end) == (None, NOON.replace(hour=0) - timedelta(days=1))
    assert [row.error_id for part in parts for row in part.rows.newest_first()] == scattered


@pytest.mark.parametrize(
    ("query", "served"),
    [
        ("country=US", "northwind"),
        ("country=US&code=1300", None),  # has an index of its own
        ("not_country=US", None),  # is common, and of several
        ("not_sub_account=other0&not_sub_account=other1", "northwind"),
    ],
)
def test_rare_records_of_one_sub_account_are_read_by_its_index(scattered, query, served):
    parts = stretches(asked(f"{query}&from=all"), EVERYTHING, NOON)

    said = [f'"sub_account" = {served or ""}' in str(part.rows.query) for part in parts[1:]]
    assert said == [served is not None] * len(said)


def test_what_is_common_is_not_looked_at():
    record(an_error(code=7001, sub_account="northwind", occurred_at=NOON))
    rebuilding.caught_up()

    for query in ("from=2026-07-01", "code=7001&from=2026-07-01", "sub_account=n"):
        assert stretches(asked(query), EVERYTHING, NOON) is None


def test_stretches_that_lie_nearest_become_one():
    hour = timedelta(hours=1)
    found = [(NOON - hour * age, NOON - hour * (age - 1)) for age in (0, 2, 9, 11, 30)]

    assert few(found, 5) == found
    assert few(found, 3) == [
        (NOON - 2 * hour, NOON + hour),
        (NOON - 11 * hour, NOON - 8 * hour),
        (NOON - 30 * hour, NOON - 29 * hour),
    ]
    assert few(found, 1) == [(NOON - 30 * hour, NOON + hour)]
