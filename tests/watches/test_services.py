"""Opening watches and giving them up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import User
from support_portal.core.ids import earliest
from support_portal.watches import services
from support_portal.watches.models import State, Watch
from support_portal.watches.services import OPEN_LIMIT, Opened, Wanted, watch

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = "9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa"


def wanted(many: int, start: int = 0) -> list[Wanted]:
    return [Wanted("client_message_id", f"NWP-{number}") for number in range(start, start + many)]


@pytest.mark.parametrize("days", [1, 7, 30])
def test_an_id_is_watched_for_so_many_days(agent: User, days: int) -> None:
    opened = watch(agent, [Wanted("error_id", ID)], days=days, remark="ticket 4711", now=NOW)

    made = Watch.objects.get()
    assert opened == Opened(new=1, already=0, over=0)
    assert (str(made), made.state, made.remark) == (f"errorId {ID}", "open", "ticket 4711")
    assert made.expires_at - NOW == timedelta(days=days)


@pytest.mark.parametrize("days", [0, 2, 365, -1])
def test_other_spans_are_refused(agent: User, days: int) -> None:
    with pytest.raises(ValueError, match="expected one of"):
        watch(agent, [Wanted("error_id", ID)], days=days)


def test_a_kind_that_cannot_be_watched_is_refused(agent: User) -> None:
    with pytest.raises(ValueError, match="phone"):
        watch(agent, [Wanted("phone", "+12025550147")])


def test_the_same_id_is_watched_once_whatever_it_is_read_as(agent: User, lead: User) -> None:
    first = watch(agent, [Wanted("error_id", ID)], now=NOW)
    second = watch(agent, [Wanted("umid", ID), Wanted("uuid", ID)], days=30)
    theirs = watch(lead, [Wanted("umid", ID)])

    assert (first, second, theirs) == (Opened(1, 0, 0), Opened(0, 1, 0), Opened(1, 0, 0))
    assert Watch.objects.of(agent).get().expires_at == NOW + timedelta(days=7)


def test_nobody_watches_more_than_the_limit(agent: User) -> None:
    watch(agent, wanted(OPEN_LIMIT - 1))

    opened = watch(agent, wanted(4, start=OPEN_LIMIT - 2))

    assert opened == Opened(new=1, already=1, over=2)
    assert Watch.objects.of(agent).open().count() == OPEN_LIMIT


def test_what_was_given_up_may_be_watched_again(agent: User) -> None:
    watch(agent, [Wanted("error_id", ID)])
    first = Watch.objects.get()

    assert services.cancel(agent, first.id)
    assert not services.cancel(agent, first.id)
    assert watch(agent, [Wanted("error_id", ID)]) == Opened(1, 0, 0)
    assert [each.state for each in Watch.objects.of(agent)] == ["open", "cancelled"]


def test_nobody_gives_up_what_another_watches(agent: User, lead: User) -> None:
    watch(agent, [Wanted("error_id", ID)])

    assert not services.cancel(lead, Watch.objects.get().id)


@pytest.mark.parametrize("many", [1, 80])
def test_any_number_of_ids_takes_the_same_queries(
    many: int, agent: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # What is open, the rows, both ends of a savepoint, and the lock that SQLite has anyway.
    with django_assert_num_queries(5 if connection.vendor == "postgresql" else 4):
        watch(agent, wanted(many))


def test_watches_that_ended_are_kept_for_ninety_days(agent: User) -> None:
    watch(agent, wanted(3))
    still_open, old, kept = Watch.objects.order_by("id")
    Watch.objects.exclude(id=still_open.id).update(state=State.EXPIRED)
    for row, days in ((still_open, 92), (old, 91), (kept, 89)):
        Watch.objects.filter(id=row.id).update(id=earliest(NOW - timedelta(days=days)))

    assert services.prune(NOW) == 1
    assert {each.value for each in Watch.objects.all()} == {still_open.value, kept.value}
