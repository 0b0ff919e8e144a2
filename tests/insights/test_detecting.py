"""The detector: what it finds, how soon, what it leaves alone, and that it says it once."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from support_portal.accounts.models import Role, Team, User
from support_portal.events.tally import minute
from support_portal.insights import combinations, detecting, incidents
from support_portal.insights.asking import moment
from support_portal.insights.models import Act, Incident, Kind, State, Volume
from support_portal.notices.models import Notice
from tests.events.arrived import an_error, record
from tests.insights.counted import Counted, count, error, failed, message
from tests.insights.weeks import Company

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 7, 20, 6, tzinfo=UTC)  # a Monday
TEN = minute(MORNING) + 240
SEEDS = range(4)
AT = {"sub_account": "northwind_a", "country": "PH"}


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """Stand in the evening of that Monday, so that its minutes are told apart."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(hours=14))


def fill(seed: int, begin: int, end: int, *planted: list[Counted], weeks: int = 6, **how) -> None:
    """Count six weeks and today, with what is planted today."""
    count(Company(seed).weeks(begin, end, weeks))
    count(Company(seed, **how).minutes(begin, end))
    count([each for some in planted for each in some])


def look(begin: int, end: int, seconds: int = 60) -> None:
    """Run the detector from minute to minute."""
    for at in range(begin * 60, end * 60, seconds):
        detecting.detect(datetime.fromtimestamp(at, UTC))


def storm(begin: int, end: int, number: int = 8, **traits) -> list[Counted]:
    return [error(at, number, **AT | traits) for at in range(begin, end)]


def found() -> list[str]:
    return [incidents.subject(each) for each in Incident.objects.order_by("began_at", "id")]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_planted_incident_is_found_within_three_minutes_of_its_start(seed):
    fill(seed, TEN - 30, TEN + 10, storm(TEN, TEN + 10))

    look(TEN - 15, TEN + 3, seconds=30)

    assert found() == ["API 1300 on northwind_a"]
    incident = Incident.objects.get()
    assert abs(incident.began_at - moment(TEN)) <= timedelta(minutes=2)
    assert incident.found_at - moment(TEN) <= timedelta(minutes=3)
    assert incident.state == State.PROPOSED


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("hour", [6, 7, 8])
def test_a_monday_morning_rise_is_none(seed, hour):
    begin = minute(MORNING) - 6 * 60 + hour * 60
    fill(seed, begin - 20, begin + 90)

    look(begin, begin + 90)

    assert found() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_campaign_with_its_share_of_failures_is_none(seed):
    def busier(at: int, sub_account: str) -> float:
        return 6.0 if sub_account == "northwind_a" and at >= TEN else 1.0

    fill(seed, TEN - 30, TEN + 60, busier=busier)

    look(TEN - 15, TEN + 60)

    assert found() == []


def test_a_place_that_sends_for_the_first_time_is_none():
    first = [
        each
        for at in range(TEN, TEN + 30)
        for each in (message(at, 60, sub_account="new"), failed(at, 2, sub_account="new"))
    ]
    fill(1, TEN - 30, TEN + 30, first)

    look(TEN, TEN + 30)

    assert found() == []


@pytest.mark.parametrize("seed", range(6))
def test_chance_makes_no_alarm_in_a_whole_day(seed):
    begin = minute(MORNING) - 6 * 60
    fill(seed, begin, begin + 16 * 60)

    look(begin + 15, begin + 16 * 60, seconds=180)

    assert found() == []


def test_an_operator_that_fails_is_one_incident_whatever_the_codes():
    broken = [
        failed(at, 4, code=code, operator="Globe", **AT)
        for at in range(TEN, TEN + 10)
        for code in (40, 61, 15)
    ]
    fill(2, TEN - 30, TEN + 10, broken)

    look(TEN, TEN + 10)

    assert found() == ["Failed messages at Globe"]


def test_failures_of_a_country_on_several_sub_accounts_are_told_by_country():
    broken = [
        failed(at, 6, code=61, sub_account=name, country="PH", operator="")
        for at in range(TEN, TEN + 10)
        for name in ("northwind_a", "northwind_b", "northwind_d")
    ]
    fill(2, TEN - 30, TEN + 10, broken)

    look(TEN, TEN + 10)

    assert found() == ["SMS 61 to PH"]


def test_a_code_everywhere_names_no_place():
    everywhere = [
        error(at, 4, sub_account=f"sub{place}", country=country)
        for at in range(TEN, TEN + 10)
        for place, country in enumerate(("PH", "SG", "MY", "ID", "TH"))
    ]
    fill(2, TEN - 30, TEN + 10, everywhere)

    look(TEN, TEN + 10)

    assert found() == ["API 1300"]


def test_errors_that_were_told_without_their_sub_account_hide_no_cause():
    bare = [error(at, 3) for at in range(TEN, TEN + 10)]
    fill(2, TEN - 30, TEN + 10, storm(TEN, TEN + 10), bare)

    look(TEN, TEN + 10)

    assert found() == ["API 1300 on northwind_a"]


def test_a_few_that_name_a_sub_account_do_not_accuse_it():
    bare = [error(at, 12) for at in range(TEN, TEN + 10)]
    fill(2, TEN - 30, TEN + 10, storm(TEN, TEN + 10, 4), bare)

    look(TEN, TEN + 10)

    assert found() == ["API 1300"]


def test_two_causes_are_two_incidents():
    other = storm(TEN + 2, TEN + 12, code=1002, sub_account="northwind_c", country="SG")
    fill(2, TEN - 30, TEN + 12, storm(TEN, TEN + 12), other)

    look(TEN, TEN + 12)

    assert found() == ["API 1300 on northwind_a", "API 1002 on northwind_c"]


def test_it_ends_when_it_is_quiet_goes_on_within_an_hour_and_is_another_one_later():
    again, later = TEN + 50, TEN + 200
    fill(
        3, TEN - 30, TEN + 220,
        storm(TEN, TEN + 20), storm(again, again + 10), storm(later, later + 10),
    )  # fmt: skip

    look(TEN, again)
    ended = Incident.objects.get()
    look(again, again + 10)
    resumed = Incident.objects.get()
    look(again + 10, later + 10)

    assert abs(ended.ended_at - moment(TEN + 20)) <= timedelta(minutes=4)
    assert ended.records >= 160
    assert (resumed.id, resumed.ended_at) == (ended.id, None)
    acts = [step.act for step in ended.steps.order_by("id")]
    assert acts == [Act.PROPOSED, Act.ENDED, Act.RESUMED, Act.ENDED]
    assert found() == ["API 1300 on northwind_a"] * 2


def test_what_somebody_closed_is_not_proposed_again_while_it_lasts(agent):
    fill(3, TEN - 30, TEN + 60, storm(TEN, TEN + 60))
    look(TEN, TEN + 5)
    incident = Incident.objects.get()
    incidents.do(incident.id, incidents.Doing(Act.CLOSED, 1, agent, reason="a test of ours"))

    look(TEN + 5, TEN + 60)

    assert Incident.objects.get().state == State.CLOSED


def test_what_was_merged_lives_on_in_the_other(agent):
    other = storm(TEN, TEN + 20, code=1002, sub_account="northwind_c", country="SG")
    fill(3, TEN - 30, TEN + 50, other, storm(TEN + 15, TEN + 50))
    look(TEN, TEN + 20)
    first, second = Incident.objects.order_by("began_at")
    doing = incidents.Doing(Act.MERGED, second.version, agent, into=first.id)
    incidents.do(second.id, doing)

    look(TEN + 20, TEN + 50)

    assert found() == ["API 1002 on northwind_c", "API 1300 on northwind_a"]
    assert Incident.objects.get(pk=first.pk).ended_at is None


@pytest.mark.parametrize("weeks", [0, 1])
def test_with_less_than_two_weeks_nothing_is_said(weeks):
    fill(3, TEN - 30, TEN + 10, storm(TEN, TEN + 10, 50), weeks=weeks)

    look(TEN, TEN + 10)

    assert found() == []


def test_leads_are_told_once_and_only_those_who_may_know(lead, agent):
    team = Team.objects.create(name="Other", sub_accounts=["northwind_c"])
    User.objects.create_user("other", role=Role.LEAD, team=team)
    fill(3, TEN - 30, TEN + 60, storm(TEN, TEN + 20), storm(TEN + 45, TEN + 60))

    look(TEN, TEN + 60)

    told = Notice.objects.get()
    assert (told.user, told.title) == (lead, "Unusual: API 1300 on northwind_a")


def test_the_numbers_are_those_of_the_counts():
    fill(4, TEN - 30, TEN + 10, storm(TEN, TEN + 10, 30))
    look(TEN, TEN + 10)

    incident = Incident.objects.get()

    assert 300 <= incident.records <= 320
    assert incident.peak >= 30
    assert incident.factor is None or incident.factor > 10


def test_an_incident_of_many_days_counts_those_whose_minutes_are_forgotten():
    began = TEN - 5 * 1440
    long_ago = [error(at, 2, **AT) for at in range(began, began + 60)]
    fill(4, TEN - 30, TEN + 10, long_ago, storm(TEN, TEN + 10, 30))
    span = {"began_at": moment(began), "over_at": moment(TEN)}
    incident = Incident.objects.create(
        kind=Kind.ERROR, code=1300, sub_account="northwind_a", **span
    )

    look(TEN, TEN + 10)

    incident.refresh_from_db()
    assert 120 + 300 <= incident.records < 120 + 350  # and some of every day


def test_errors_beyond_the_limits_are_no_cause_and_stop_nobody(monkeypatch):
    fill(2, TEN - 30, TEN + 10, storm(TEN, TEN + 10))
    monkeypatch.setattr(combinations, "MOST", 0)
    count([error(at, 40, code=each) for at in range(TEN, TEN + 10) for each in range(3)])

    look(TEN, TEN + 10)

    assert found() == ["API 1300 on northwind_a"]


def test_only_so_many_are_open_at_once(monkeypatch):
    monkeypatch.setattr(detecting, "MOST_OPEN", 2)
    many = [
        storm(TEN, TEN + 10, code=5000 + each, sub_account=f"s{each}", country="")
        for each in range(5)
    ]
    fill(4, TEN - 30, TEN + 10, *many)

    look(TEN, TEN + 10)

    assert Incident.objects.count() == 2


@pytest.mark.parametrize("many", [1, 30])
def test_a_look_takes_the_same_queries_for_any_number_of_groups(many, django_assert_num_queries):
    quiet = [error(TEN + 5, 5, code=6000 + each, sub_account=f"s{each}") for each in range(many)]
    fill(4, TEN - 30, TEN + 10, quiet)
    detecting.detect(moment(TEN + 6))

    with django_assert_num_queries(3):
        detecting.detect(moment(TEN + 7))


def test_a_storm_that_comes_through_the_drain_is_found(monkeypatch):
    """From the records to the incident, with the clock that moves along."""
    count(Company(5).weeks(TEN - 60, TEN + 60))
    clock = [moment(TEN)]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    for passed in range(4):
        clock[0] = moment(TEN + passed) + timedelta(seconds=45)
        record(
            *(
                an_error(
                    error_id=UUID(int=passed << 32 | each),
                    occurred_at=clock[0] - timedelta(seconds=each),
                    sub_account="northwind_a",
                )
                for each in range(12)
            )
        )
        detecting.detect(timezone.now())
        if Incident.objects.exists():
            break

    incident = Incident.objects.get()

    assert incident.found_at - moment(TEN) < timedelta(minutes=3)
    assert (incident.kind, incident.code, incident.sub_account) == (Kind.ERROR, 1300, "northwind_a")
    assert Volume.objects.exists()
