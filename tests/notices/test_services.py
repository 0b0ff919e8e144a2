"""Telling people, and what they do with it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from support_portal.accounts.models import User
from support_portal.core.ids import earliest
from support_portal.notices import services
from support_portal.notices.models import Kind, Notice
from support_portal.notices.selectors import unread
from support_portal.notices.services import News, tell
from tests.notices.told import news, told

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LAST = UUID(int=2**128 - 1)


def test_a_person_is_told_and_nobody_else(agent: User, lead: User) -> None:
    tell([news(agent, "errorId 1 has arrived")], NOW)

    (notice,) = Notice.objects.of(agent)
    assert (notice.title, notice.kind, notice.made_at, notice.read_at) == (
        "errorId 1 has arrived",
        "arrived",
        NOW,
        None,
    )
    assert (unread(agent), unread(lead)) == ("1", "")


def test_the_same_twice_is_an_error_and_undoes_what_caused_it(agent: User) -> None:
    tell([news(agent, once="watch 1")])

    with pytest.raises(IntegrityError), transaction.atomic():
        tell([news(agent, once="watch 2"), news(agent, once="watch 1")])

    assert [notice.once for notice in Notice.objects.of(agent)] == ["watch 1"]


def test_two_people_may_be_told_the_same(agent: User, lead: User) -> None:
    tell([news(agent, once="watch 1"), news(lead, once="watch 1")])

    assert (unread(agent), unread(lead)) == ("1", "1")


@pytest.mark.parametrize("many", [1, 50])
def test_any_number_of_news_takes_one_query(
    many: int, agent: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    some = [news(agent, once=f"watch {number}") for number in range(many)]

    with django_assert_num_queries(1):
        tell(some)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a\r\nBcc: x@example.com", "a Bcc: x@example.com"),
        ("a\x00b\u2028c\ud800d", "a b c d"),
        ("  spaced   out ", "spaced out"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("x" * 501, "x" * 499 + "…"),
    ],
)
def test_what_is_told_is_one_plain_line(agent: User, written: str, kept: str) -> None:
    tell([news(agent, written)])

    assert Notice.objects.get().title == kept


@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x", ""]
)
def test_a_notice_leads_nowhere_else(agent: User, link: str) -> None:
    with pytest.raises(ValueError, match="no path of the portal"):
        tell([News(agent, Kind.ARRIVED, "title", link, "once")])


@pytest.mark.parametrize(
    ("many", "said"), [(0, ""), (1, "1"), (99, "99"), (100, "99+"), (300, "99+")]
)
def test_the_bell_counts_to_a_hundred(
    agent: User, many: int, said: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    told(agent, many)

    with django_assert_num_queries(1):
        assert unread(agent) == said


def test_one_is_marked_as_read_and_as_unread_again(agent: User, lead: User) -> None:
    (mine,), (theirs,) = told(agent, 1), told(lead, 1)

    services.mark_read(agent, [mine.id, theirs.id])
    assert (unread(agent), unread(lead)) == ("", "1")
    services.mark_read(agent, [mine.id], read=False)
    assert unread(agent) == "1"


def test_all_up_to_the_newest_that_was_shown_are_marked_and_unmarked_again(agent: User) -> None:
    first, second, third = told(agent, 3)
    services.mark_read(agent, [first.id])

    count, moment = services.mark_all_read(agent, second.id)

    assert (count, [notice.id for notice in Notice.objects.of(agent).unread()]) == (1, [third.id])
    assert services.unmark(agent, moment) == 1
    assert {notice.id for notice in Notice.objects.of(agent).unread()} == {second.id, third.id}


def test_nobody_unmarks_what_another_marked(agent: User, lead: User) -> None:
    told(agent, 2)
    _, moment = services.mark_all_read(agent, LAST)

    assert services.unmark(lead, moment) == 0


def test_notices_are_kept_for_ninety_days(agent: User) -> None:
    old, kept = told(agent, 2)
    Notice.objects.filter(id=old.id).update(id=earliest(NOW - timedelta(days=90, seconds=1)))
    Notice.objects.filter(id=kept.id).update(id=earliest(NOW - timedelta(days=89)))

    assert services.prune(NOW) == 1
    assert Notice.objects.get().once == kept.once


@pytest.mark.parametrize(
    ("email", "wanted", "active", "on", "due"),
    [
        ("ana@example.com", True, True, True, NOW),
        ("", True, True, True, None),
        ("ana@example.com", False, True, True, None),
        ("ana@example.com", True, False, True, None),
        ("ana@example.com", True, True, False, None),
    ],
)
def test_mail_goes_to_those_who_want_it_and_have_an_address(
    agent: User, settings: Settings, email: str, wanted: bool, active: bool, on: bool, due: object
) -> None:
    settings.MAIL_ON = on
    agent.email, agent.mail_notices, agent.is_active = email, wanted, active

    tell([news(agent)], NOW)

    assert Notice.objects.get().mail_due_at == due


def test_who_switches_mail_off_gets_none_of_what_waits(agent: User, settings: Settings) -> None:
    settings.MAIL_ON = True
    agent.email = "ana@example.com"
    tell([news(agent)], NOW)

    services.choose_mail(agent, wanted=False)

    agent.refresh_from_db()
    assert (agent.mail_notices, Notice.objects.get().mail_due_at) == (False, None)
