"""The last 24 hours against the usual: what is counted, kept, and told apart by reader."""

from datetime import timedelta

import pytest
from django.utils import timezone

from support_portal.events.models import EVERYTHING
from support_portal.events.tally import minute
from support_portal.insights import lately
from support_portal.insights.lately import Failing
from tests.insights.counted import NOW, WEEK, Counted, count, error, failed, message

pytestmark = pytest.mark.django_db
HERE = minute(NOW)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


class Some:
    sub_accounts = ("northwind_a",)


def is_error(key: Failing) -> bool:
    return key.kind == "error"


def hourly(number: int = 10) -> list[Counted]:
    """Return errors and messages of every hour of today and of the same day six weeks back."""
    return [
        each
        for ago in range(7)
        for at in range(HERE - ago * WEEK - 1410, HERE - ago * WEEK + 31, 60)
        for each in (
            error(at, number, sub_account="northwind_a"),
            failed(at, 2, sub_account="northwind_b"),
            message(at, 100, sub_account="northwind_b"),
        )
        if at <= HERE
    ]


def test_an_everyday_day_is_usual():
    count(hourly())

    day = lately.day(EVERYTHING, NOW)
    line = day.line(is_error)

    assert (line.number, day.weeks, line.moved, day.movers()) == (240, 6, False, [])
    assert line.usually == pytest.approx(230 + 10 * 31 / 60)
    assert day.line(lambda key: key.kind == "message").number == 48


def test_what_moved_is_told_with_how_many_times_the_usual():
    count([*hourly(), error(HERE - 90, 300), error(HERE - 20, 50, code=7)])

    day = lately.day(EVERYTHING, NOW)
    line = day.line(is_error)

    assert line.moved
    assert round(line.factor, 1) == 2.5
    assert [(each.code, each.line.number) for each in day.movers()] == [(1300, 540), (7, 50)]


def test_without_two_weeks_it_is_not_known():
    count([each for each in hourly() if each.at > HERE - WEEK - 2000])

    line = lately.day(EVERYTHING, NOW).line(is_error)

    assert (line.number, line.usually, line.factor, line.moved) == (240, None, None, False)


def test_a_reader_of_one_sub_account_sees_its_failures_alone():
    count(hourly())

    day = lately.day(Some(), NOW)

    assert day.line(lambda key: True).number == 240


def test_hours_that_are_over_are_asked_for_once(django_assert_num_queries, monkeypatch):
    count(hourly())
    lately.day(EVERYTHING, NOW)
    with django_assert_num_queries(0):
        lately.day(EVERYTHING, NOW)
    monkeypatch.setattr(lately, "FRESH_FOR", -1.0)
    count([error(HERE, 5), error(HERE - 600, 7)])

    with django_assert_num_queries(1):
        day = lately.day(EVERYTHING, NOW)
    lately.remembered.forget()
    later = lately.day(EVERYTHING, NOW + timedelta(hours=30))

    assert day.line(is_error).number == 245
    assert day.line(is_error).usually == pytest.approx(230 + 10 * 31 / 60)
    assert len(lately.remembered.hours) == lately.HOURS
    assert later.line(is_error).number == 0


def test_readers_of_other_hours_do_not_take_each_others_away(monkeypatch):
    """Two threads of a web server at the turn of an hour: each shows its own hours."""
    count(hourly())
    lately.day(EVERYTHING, NOW)
    monkeypatch.setattr(lately, "FRESH_FOR", -1.0)
    later = NOW + timedelta(hours=1)
    inner = lately._asked

    def meanwhile(*hours):
        monkeypatch.setattr(lately, "_asked", inner)
        lately.day(EVERYTHING, later)
        return inner(*hours)

    monkeypatch.setattr(lately, "_asked", meanwhile)

    assert lately.day(EVERYTHING, NOW).line(is_error).number == 240
