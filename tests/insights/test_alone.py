"""Is it only me?  The numbers, the words, and what a reader may not learn from them."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from support_portal.browsing.codes import whose
from support_portal.dashboard import alone as words
from support_portal.events.models import EVERYTHING
from support_portal.events.tally import minute
from support_portal.insights import asking, combinations, counting, usual
from support_portal.insights.alone import FINE, look
from support_portal.insights.asking import moment
from support_portal.insights.models import ANY, Kind
from tests.insights.counted import NOW, WEEK, Counted, count, error, failed, message, weeks_before

pytestmark = pytest.mark.django_db
HERE = minute(NOW)
A_MINUTE = timedelta(minutes=1)
SUBS = {"northwind_a": "PH", "northwind_b": "SG", "northwind_c": "MY"}


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


class Some:
    sub_accounts = ("northwind_a",)


class Broken(combinations.Combined):
    """A row that cannot be read any more."""

    def __new__(cls, *_: object):
        raise EOFError


def everyday(at: int) -> list[Counted]:
    """Return a minute of every day: traffic in three places and an error every ten minutes."""
    found = [message(at, 10, sub_account=name, country=country) for name, country in SUBS.items()]
    if at % 10 == 0:
        found.append(error(at, sub_account="northwind_a", country="PH"))
    return found


def months() -> list[Counted]:
    """Return six weeks of the hours around, and today's until now."""
    hours = weeks_before(HERE - 240, HERE + 120, everyday)
    return hours + [each for at in range(HERE - 240, HERE + 1) for each in everyday(at)]


def storm(minutes: int = 30, number: int = 12, **traits: str) -> list[Counted]:
    told = {"sub_account": "northwind_a", "country": "PH"} | traits
    return [error(at, number, **told) for at in range(HERE - minutes, HERE + 1)]


def asked(**chosen: object):
    return words.asked(Kind.ERROR, EVERYTHING, **chosen or {"code": 1300})


def told(question=None, at=NOW):
    return words.sentence(look(question or asked(), at, NOW), Kind.ERROR, at, NOW)


def test_a_storm_is_told_from_its_first_minute_with_how_many_times_the_usual():
    count(months() + storm())

    found = look(asked(), NOW, NOW)

    assert (found.is_run, found.goes_on, found.from_before) == (True, True, False)
    assert found.begin == NOW - timedelta(minutes=30)
    assert found.number == 31 * 12 + 4
    assert found.usual == pytest.approx(3.1)
    spread = found.spreads["sub_account"]
    assert (list(spread.touched), spread.spared, spread.active) == (
        ["northwind_a"],
        ("northwind_b", "northwind_c"),
        3,
    )
    assert told() == (
        "376 in 31 min, since 12:00 and still going on, 121 times the usual for this hour of the"
        " week. It is in 1 of 3 sub-accounts and 1 of 3 countries. The same sub-accounts had 310"
        " messages in that time; the traffic is as usual."
    )
    assert words.answer(found) == "cluster"


def test_a_storm_that_is_over_says_until_when():
    count(months() + [error(at, 9) for at in range(HERE - 100, HERE - 60)])

    found = look(asked(), NOW - timedelta(minutes=80), NOW)

    assert (found.is_run, found.goes_on) == (True, False)
    assert told(at=NOW - timedelta(minutes=80)).startswith(
        "364 in 40 min, from 10:50 to 11:30, 91 times the usual"
    )


def test_an_everyday_error_is_as_usual():
    count(months())

    found = look(asked(), NOW - timedelta(minutes=30), NOW)

    assert words.answer(found) == "usual"
    assert told(at=NOW - timedelta(minutes=30)) == (
        "6 in the hour around it, about as many as usual for this hour of the week (6). It is in"
        " 1 of 3 sub-accounts and 1 of 3 countries. The same sub-accounts had 600 messages in that"
        " time; the traffic is as usual."
    )


def test_one_alone_says_so():
    count([*months(), error(HERE, code=77, sub_account="northwind_b")])

    found = look(asked(code=77), NOW, NOW)

    assert words.answer(found) == "single"
    assert told(asked(code=77)) == (
        "It is the only one in the last hour. Usually there is none at this hour of the week"
        " (the last 6 weeks)."
    )
    assert words.figures(found) == ()


def test_none_says_so():
    count(months())

    assert told(asked(code=99)) == (
        "There is none in the last hour. Usually there is none at this hour of the week"
        " (the last 6 weeks)."
    )


@pytest.mark.parametrize("weeks", [0, 1])
def test_with_less_than_two_weeks_it_says_that_it_does_not_know(weeks):
    count(weeks_before(HERE - 240, HERE + 60, everyday, weeks) + storm(10, 1))

    found = look(asked(), NOW, NOW)

    assert (found.usual, found.is_run, words.answer(found)) == (None, False, "unknown")
    assert told() == (
        "11 in the last hour. How much was sent meanwhile is not known here. How many are usual is"
        " not known yet: the counts go back less than two weeks."
    )


def test_a_stray_record_of_long_ago_makes_no_week():
    count([*weeks_before(HERE - 240, HERE + 60, everyday, 1), error(HERE - 5 * WEEK), error(HERE)])

    assert look(asked(), NOW, NOW).weeks == 1


def test_failures_of_messages_are_told_as_a_share_of_their_traffic():
    count(months() + [failed(at, 5, sub_account="northwind_b") for at in range(HERE - 20, HERE)])

    question = words.asked(Kind.MESSAGE, EVERYTHING, code=40, registry="sms_dlr")
    found = look(question, NOW, NOW)

    assert words.sentence(found, Kind.MESSAGE, NOW, NOW) == (
        "100 in 20 min, since 12:10 and still going on, where usually there is none at this hour"
        " of the week. It is in 1 of 3 sub-accounts. That is 33 % of the 300 messages of the same"
        " sub-accounts; the traffic is as usual."
    )
    assert found.spreads["sub_account"].spared == ("northwind_a", "northwind_c")


def test_a_campaign_says_that_there_is_more_traffic():
    more = [message(at, 60, sub_account="northwind_a") for at in range(HERE - 30, HERE + 1)]
    count(months() + storm() + more)

    assert "; there is 3 times the usual traffic." in told()


def test_a_place_with_little_traffic_is_not_said_to_be_spared():
    few = [message(HERE - 3, 1, sub_account="northwind_d")]
    weak = [error(at, 1, sub_account="northwind_a") for at in range(HERE - 30, HERE + 1)]
    count(months() + weak + few)

    found = look(asked(), NOW, NOW)

    assert found.spreads["sub_account"].active == 4
    assert found.spreads["sub_account"].spared == ("northwind_b", "northwind_c")


def test_a_reader_of_one_sub_account_learns_nothing_of_others():
    count(months() + storm() + storm(sub_account="northwind_b", country="SG"))

    question = words.asked(Kind.ERROR, Some(), code=1300)
    found = look(question, NOW, NOW)
    card = words.card(question, NOW, NOW)

    assert found.number == 31 * 12 + 4
    assert found.spreads["sub_account"].active == 1
    assert "northwind_b" not in repr(card)
    assert "SG" not in repr(card)


def test_combinations_that_stand_for_several_make_it_at_least(monkeypatch):
    monkeypatch.setattr(combinations, "MOST", 1)
    count([error(HERE), error(HERE, 4, country="PH"), error(HERE, 4, country="SG")])

    assert told().startswith("at least 9 in the last hour.")
    assert told().endswith(
        "Some may be missing here: there are too many kinds to tell them all apart."
    )


def test_who_sees_some_learns_that_some_may_be_missing_and_not_how_many(monkeypatch):
    monkeypatch.setattr(combinations, "MOST", 1)  # in full, one more in part, and then none
    for code, sub_account in ((1300, "northwind_a"), (1300, "northwind_b"), (8, "northwind_a")):
        count([error(HERE, code=code, sub_account=sub_account)])
        combinations.known.forget()
    question = replace(words.asked(Kind.ERROR, Some(), code=8), begin=NOW, end=NOW + A_MINUTE)

    card = words.card(question, NOW, NOW)
    cells = asking.cells(question)

    assert card.word == "Not known yet"
    assert card.sentence.startswith("There is none in the last hour.")
    assert card.sentence.endswith(words.MISSING)
    assert not asking.is_exact(cells)
    assert {cell.traits.sub_account: cell.number for cell in cells} == {"northwind_a": 1, ANY: 0}


def test_a_run_at_the_edge_of_the_minutes_that_are_kept_is_counted_whole(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW + A_MINUTE)
    at = HERE + 1 - counting.MINUTES_KEPT + asking.SETTLED + FINE.before
    count(weeks_before(at - 300, at + 120, everyday))
    count([error(each, 12) for each in range(at - 200, at + 1)])

    found = look(asked(), moment(at), NOW)

    bins = [each.number for each in found.bins if found.begin <= each.begin < found.end]
    assert (found.is_run, found.number) == (True, sum(bins))


def test_the_records_of_a_group_are_listed_by_it():
    card = words.card(asked(group_id=5), NOW, NOW)

    assert card.href.startswith("/errors/?group=5&from=")


def test_old_errors_are_told_by_hours():
    old = HERE - 30 * 1440
    count([error(at, 3, sub_account="northwind_a") for at in range(old, old + 90)])

    found = look(asked(), moment(old + 10), NOW)

    assert (found.by_minutes, found.number) == (False, 90)
    assert told(at=moment(old + 10)).startswith("90 in the hour from 12:00 on 20 Jun.")


def test_the_weeks_before_are_asked_once_in_ten_seconds(django_assert_num_queries):
    count(months() + storm())

    with django_assert_num_queries(3):
        look(asked(), NOW, NOW)
    with django_assert_num_queries(2):
        look(asked(), NOW, NOW)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite looks them up once anyway")
def test_combinations_are_looked_up_once_and_not_for_each_bucket():
    count(months())
    asked_for: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, *others: Any) -> Any:
        asked_for.append((sql, others[0]))
        return execute(sql, *others)

    with connection.execute_wrapper(note):
        told()
    plans = [plan(*each) for each in asked_for if 'AS "bucket"' in each[0]]

    assert len(plans) == 2
    assert not any("Nested Loop" in each or "Join" in each for each in plans)


def plan(sql: str, parameters: Any) -> str:
    """Return how PostgreSQL would answer, of whose newest buckets it knows nothing yet."""
    with connection.cursor() as cursor:
        cursor.cursor = psycopg.Cursor(cursor.connection)  # knows the marks of kept statements
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_only_so_many_answers_are_kept(monkeypatch):
    monkeypatch.setattr(usual, "MOST_KEPT", 3)

    for code in range(10):
        look(asked(code=code), NOW, NOW)

    assert len(usual.kept.answers) <= 3


def test_what_is_too_old_is_kept_no_longer(monkeypatch):
    kept: usual.Kept[int] = usual.Kept(10.0)
    clock = [0.0]
    monkeypatch.setattr(usual, "monotonic", lambda: clock[0])
    for second in range(0, 100, 5):
        clock[0] = second
        kept.get(second, lambda: 1)

    assert list(kept.answers) == [90, 95]


def test_combinations_that_could_not_be_read_are_read_again(monkeypatch):
    count([error(HERE)])
    combinations.known.forget()
    with monkeypatch.context() as broken:
        broken.setattr(combinations, "Combined", Broken)
        with pytest.raises(EOFError):
            combinations.known.read()

    assert len(combinations.known.read()) == combinations.known.of_kind["error"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_chance_alone_seldom_looks_like_a_cluster(seed):
    dice = Random(seed)

    def noise(at: int) -> list[Counted]:
        return [error(at, number) for number in [sum(dice.random() < 0.1 for _ in range(10))]]

    count(weeks_before(HERE - 300, HERE + 120, noise))
    count([each for at in range(HERE - 300, HERE + 1) for each in noise(at)])
    asked_at = [NOW - timedelta(minutes=5 * place) for place in range(24)]

    clusters = sum(look(asked(), at, NOW).is_run for at in asked_at)

    assert clusters <= 2


@pytest.mark.parametrize(
    ("factor", "word"), [(1.0, "1"), (2.14, "2.1"), (9.94, "9.9"), (11.4, "11"), (1234.5, "1,234")]
)
def test_how_many_times_is_said_as_exactly_as_it_is_meant(factor, word):
    assert words.times(factor) == word


def test_the_usual_of_one_reading_is_not_that_of_another():
    count(months())
    range_ = {"begin": NOW - timedelta(hours=2), "end": NOW}

    chosen = [
        usual.past(replace(asked(), **range_, readings=[whose(Kind.ERROR, [word])])).chosen(
            HERE - 120, HERE
        )
        for word in ("our_request", "platform")
    ]

    assert chosen == [12, 0]
