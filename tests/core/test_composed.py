"""A query that is kept answers as the queryset it was made of."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import models

from support_portal.accounts.models import Team, User
from support_portal.comments.models import Comment
from support_portal.core.composed import Composed, Figure, Figures, padded
from support_portal.notices.models import Kind, Notice

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)


def notice(number: int, person: User, **changes: Any) -> Notice:
    """Store a notice."""
    told = {"kind": Kind.ARRIVED, "title": f"{number} %s", "link": "/", "once": str(number)}
    return Notice.objects.create(id=UUID(int=number), user=person, **{**told, **changes})


def fields(row: models.Model) -> dict[str, Any]:
    """Return every value of a row."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_are_those_of_the_queryset_for_values_of_every_kind(
    agent: User, django_assert_num_queries: Any
) -> None:
    kept = [notice(number, agent, read_at=NOON + timedelta(days=number)) for number in range(1, 5)]
    asking = Composed(
        lambda person, ids, since, title: (
            Notice.objects.filter(user=person, id__in=ids, read_at__gte=since)
            .exclude(title=title)
            .order_by("id")
        )
    )
    ids = [UUID(int=number) for number in (1, 2, 3)]

    for _ in range(2):  # composed, then kept
        with django_assert_num_queries(1):
            rows = asking(agent.pk, ids, NOON + timedelta(days=2), "3 %s")
        assert [fields(row) for row in rows] == [fields(kept[1])]
    assert [row.pk.int for row in asking(agent.pk, ids[:1], NOON, "")] == [1]
    assert [row.pk.int for row in asking(agent.pk, tuple(ids), NOON, "")] == [1, 2, 3]
    assert asking.first(agent.pk, ids, NOON, "1 %s").pk.int == 2
    assert asking.first(0, ids, NOON, "") is None


def test_among_nothing_is_nothing_and_asks_nothing(
    agent: User, django_assert_num_queries: Any
) -> None:
    notice(1, agent)
    asking = Composed(lambda ids: Notice.objects.filter(id__in=ids))

    with django_assert_num_queries(0):
        assert asking([]) == []
    assert len(asking([UUID(int=1)])) == 1


def test_none_stands_for_another_query(agent: User, lead: User) -> None:
    notice(1, agent)
    notice(2, lead)
    asking = Composed(
        lambda person: (
            Notice.objects.all() if person is None else Notice.objects.filter(user=person)
        )
    )

    assert [len(asking(None)), len(asking(agent.pk)), len(asking(None))] == [2, 1, 2]


def test_rows_bring_along_what_the_queryset_joins(
    agent: User, django_assert_num_queries: Any
) -> None:
    Comment.objects.create(target_kind="error", target_key="k", author=agent, body="seen")
    Comment.objects.create(target_kind="error", target_key="k", author=None, body="by nobody")
    asking = Composed(Comment.objects.about)

    for _ in range(2):
        with django_assert_num_queries(1):
            authors = [row.author and row.author.username for row in asking("error", "k")]
        assert authors == [agent.username, None]


def test_a_slice_and_some_columns_stay_what_they_are(agent: User) -> None:
    for number in range(1, 5):
        notice(number, agent)
    asking = Composed(
        lambda person: Notice.objects.of(person).values_list("id", "title", named=True)[1:3]
    )

    assert [(row.id.int, row.title) for row in asking(agent.pk)] == [(3, "3 %s"), (2, "2 %s")]


def test_what_is_the_same_each_time_may_hold_any_character(agent: User) -> None:
    odd = "100 % of 'it' \\ %s \"%%\" $1"
    notice(1, agent, link=odd)
    notice(2, agent)
    asking = Composed(lambda person: Notice.objects.filter(user=person, link=odd))

    assert [row.pk.int for row in asking(agent.pk)] == [1]


def test_rows_can_be_changed_and_saved(agent: User) -> None:
    notice(1, agent)
    asking = Composed(lambda number: Notice.objects.filter(id=number))

    row = asking.first(UUID(int=1))
    row.title = "another"
    row.save()

    assert asking.first(UUID(int=1)).title == "another"


def test_figures_of_several_tables_are_one_query(
    agent: User, lead: User, django_assert_num_queries: Any
) -> None:
    asking = Figures(
        lambda person, names: {
            "notices": Figure(Notice.objects.filter(user=person).order_by()[:3], counted=True),
            "newest": Figure(Notice.objects.of(person).values_list("id")),
            "read_at": Figure(Notice.objects.of(person).values_list("read_at")),
            "teams": Figure(Team.objects.filter(name__in=names), counted=True),
        }
    )
    nothing = asking(lead.pk, ["Support", "none"])
    for number in range(1, 6):
        notice(number, agent, read_at=NOON)

    with django_assert_num_queries(1):
        found = asking(agent.pk, ["Support", "none"])

    assert nothing == {"notices": 0, "newest": None, "read_at": None, "teams": 1}
    assert found == {"notices": 3, "newest": UUID(int=5), "read_at": NOON, "teams": 1}


def test_a_value_of_a_kind_that_has_no_place_is_refused() -> None:
    asking = Composed(lambda flag: Team.objects.filter(all_sub_accounts=flag))

    with pytest.raises(KeyError):
        asking(True)


def test_lists_are_padded_to_few_lengths_and_mean_the_same() -> None:
    assert padded([]) == []
    assert padded([3, 1, 3]) == [1, 3, 3, 3, 3, 3, 3, 3]
    assert {len(padded(range(number))) for number in range(1, 41)} == {8, 16, 24, 32, 40}
