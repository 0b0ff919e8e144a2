"""Keyset paging: every row once, both ways, whatever happens meanwhile."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from support_portal.core.keyset import Order, clamped, paginate
from support_portal.events.models import ErrorEvent

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DELIVERY = UUID(int=7)


def make(number: int, at: datetime, code: int = 1300, sub_account: str = "a") -> ErrorEvent:
    return ErrorEvent(
        error_id=UUID(int=number),
        code=code,
        occurred_at=at,
        received_at=at,
        delivery_id=DELIVERY,
        position=0,
        sub_account=sub_account,
    )


@pytest.fixture
def sixty(db: None) -> list[UUID]:
    """Sixty errors, three at each moment; returns their ids newest first."""
    rows = [make(n + 1, NOON + timedelta(seconds=n // 3), code=n % 4) for n in range(60)]
    ErrorEvent.objects.bulk_create(rows)
    return [row.error_id for row in reversed(rows)]


def ids(page: object) -> list[UUID]:
    return [row.error_id for row in page]  # type: ignore[attr-defined]


def test_walking_older_and_back_shows_every_row_once(sixty: list[UUID]) -> None:
    forward, cursor, cursors = [], "", [""]
    queryset = ErrorEvent.objects.newest_first()
    while True:
        page = paginate(queryset, cursor=cursor, size=7)
        forward += ids(page)
        if not page.older:
            break
        cursor = page.older
        cursors.append(cursor)
    backward = ids(page)
    while page.newer:
        page = paginate(queryset, cursor=page.newer, size=7)
        backward = ids(page) + backward

    assert forward == sixty
    assert len(cursors) == 9
    assert backward[:7] == sixty[:7]
    assert [id_ for n, id_ in enumerate(backward) if id_ not in backward[:n]] == sixty


@pytest.mark.parametrize(
    "columns", [("code", "occurred_at", "error_id"), ("sub_account", "occurred_at", "error_id")]
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_any_order_that_ends_with_the_key_can_be_walked(
    sixty: list[UUID], columns: tuple[str, ...], sign: str
) -> None:
    queryset = ErrorEvent.objects.order_by(*(sign + column for column in columns))
    found, cursor = [], "start"
    page = paginate(queryset, size=11)
    while cursor:
        found += ids(page)
        cursor = page.older
        page = paginate(queryset, cursor=cursor, size=11)

    assert found == list(queryset.values_list("error_id", flat=True))


def test_rows_that_arrive_meanwhile_move_nothing(sixty: list[UUID]) -> None:
    first = paginate(ErrorEvent.objects.newest_first(), size=10)
    make(1000, NOON + timedelta(hours=1)).save()
    make(1001, NOON + timedelta(seconds=19)).save()

    second = paginate(ErrorEvent.objects.newest_first(), cursor=first.older, size=10)

    assert ids(second) == sixty[10:20]


def test_the_oldest_page_is_one_step_away(sixty: list[UUID]) -> None:
    page = paginate(ErrorEvent.objects.newest_first(), cursor="oldest", size=25)

    assert ids(page) == sixty[-25:]
    assert page.older == ""
    assert (
        ids(paginate(ErrorEvent.objects.newest_first(), cursor=page.newer, size=25)) == sixty[10:35]
    )


def test_going_newer_near_the_beginning_gives_a_whole_first_page(sixty: list[UUID]) -> None:
    queryset = ErrorEvent.objects.newest_first()
    page = paginate(queryset, cursor=paginate(queryset, size=25).older, size=25)

    back = paginate(queryset, cursor=page.newer, size=50)

    assert ids(back) == sixty[:50]


@pytest.mark.parametrize(
    "cursor", ["x", "a:b", "é", "\x00", "9" * 10_000, "WyJhIl0:forged", ".", "oldest "]
)
def test_a_cursor_that_was_not_made_here_gives_the_first_page_and_says_so(
    sixty: list[UUID], cursor: str
) -> None:
    page = paginate(ErrorEvent.objects.newest_first(), cursor=cursor, size=25)

    assert (ids(page), page.bad_cursor) == (sixty[:25], True)


def test_a_cursor_of_another_order_gives_the_first_page_and_says_so(sixty: list[UUID]) -> None:
    older = paginate(ErrorEvent.objects.newest_first(), size=25).older

    page = paginate(ErrorEvent.objects.order_by("occurred_at", "error_id"), cursor=older, size=25)

    assert (ids(page), page.bad_cursor) == (sixty[::-1][:25], True)


def test_no_rows_make_an_empty_page_at_every_cursor(db: None) -> None:
    queryset = ErrorEvent.objects.newest_first()

    pages = [paginate(queryset, cursor=cursor) for cursor in ("", "oldest", "x")]

    assert [(ids(page), page.newer, page.older) for page in pages] == [([], "", "")] * 3


def test_when_the_rest_was_deleted_the_end_that_is_left_is_shown(sixty: list[UUID]) -> None:
    queryset = ErrorEvent.objects.newest_first()
    older = paginate(queryset, size=25).older
    ErrorEvent.objects.filter(error_id__in=sixty[25:]).delete()

    page = paginate(queryset, cursor=older, size=25)

    assert ids(page) == sixty[:25]


def test_a_deep_page_is_one_query_without_count_or_offset(sixty: list[UUID]) -> None:
    queryset = ErrorEvent.objects.newest_first()
    page = paginate(queryset, size=25)

    with CaptureQueriesContext(connection) as queries:
        paginate(queryset, cursor=page.older, size=25)

    assert len(queries) == 1
    sql = queries[0]["sql"]
    assert "COUNT" not in sql
    assert "OFFSET" not in sql


def test_the_database_walks_the_index(sixty: list[UUID]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a table of sixty rows whole, whatever the query")
    queryset = ErrorEvent.objects.newest_first()
    older = paginate(queryset, size=25).older
    with CaptureQueriesContext(connection) as queries:
        paginate(queryset, cursor=older, size=25)

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + queries[0]["sql"])
        plan = [row[3] for row in cursor.fetchall()]

    assert [line.split(" (")[0] for line in plan] == [
        "SEARCH events_errorevent USING INDEX error_by_time"
    ]


@pytest.mark.parametrize("chosen", [{}, {"code__in": [1300]}, {"sub_account": "a"}])
@pytest.mark.parametrize("order", ["occurred_at", "-occurred_at"])
def test_a_deep_page_within_a_span_walks_no_more_than_the_first(
    db: None, order: str, chosen: dict[str, Any]
) -> None:
    ErrorEvent.objects.bulk_create(make(n + 1, NOON + timedelta(seconds=n)) for n in range(3_000))
    span = ErrorEvent.objects.filter(
        **chosen,
        occurred_at__gte=NOON - timedelta(hours=1),
        occurred_at__lt=NOON + timedelta(hours=1),
    ).order_by(order, "error_id" if order[0] != "-" else "-error_id")
    key = Order.of(span)
    deep = (NOON + timedelta(seconds=1_500), UUID(int=1_501))

    first, beyond = walked(span[:50]), walked(key.beyond(span, deep, backwards=False)[:50])

    assert beyond < 3 * first


def walked(rows: QuerySet[ErrorEvent]) -> int:
    """Return how much work rows are: steps of SQLite's machine, rows that PostgreSQL touches."""
    if connection.vendor == "postgresql":
        (told,) = json.loads(rows.explain(format="json", analyze=True))
        node = told["Plan"]
        while "Plans" in node:
            (node,) = node["Plans"]
        return int(node["Actual Rows"]) + int(node.get("Rows Removed by Filter", 0))
    steps: list[None] = []
    connection.connection.set_progress_handler(lambda: steps.append(None), 10)
    try:
        list(rows)
    finally:
        connection.connection.set_progress_handler(None, 0)
    return len(steps)


def test_columns_that_run_different_ways_are_refused(db: None) -> None:
    with pytest.raises(ValueError, match="all run one way"):
        Order.of(ErrorEvent.objects.order_by("code", "-occurred_at"))


@pytest.mark.parametrize(
    ("asked", "given"), [(None, 50), (0, 50), (1, 25), (25, 25), (60, 50), (10**9, 100), (-5, 25)]
)
def test_page_sizes_are_clamped(asked: int | None, given: int) -> None:
    assert clamped(asked) == given


def test_parts_are_merged_into_the_same_pages(sixty: list[UUID]) -> None:
    queryset = ErrorEvent.objects.newest_first()
    parts = [queryset.filter(code=code) for code in range(4)]

    first = paginate(queryset, size=25, parts=parts)
    second = paginate(queryset, cursor=first.older, size=25, parts=parts)
    third = paginate(queryset, cursor=second.older, size=25, parts=parts)
    back = paginate(queryset, cursor=third.newer, size=25, parts=parts)
    oldest = paginate(queryset, cursor="oldest", size=25, parts=parts)

    assert ids(first) + ids(second) + ids(third) == sixty
    assert ids(back) == sixty[25:50]
    assert ids(oldest) == sixty[-25:]
