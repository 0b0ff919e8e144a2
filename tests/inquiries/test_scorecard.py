"""The figures of how 8x8 answers, and the page that shows them."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from support_portal.accounts.models import Team, User
from support_portal.events.models import EVERYTHING
from support_portal.inquiries import desk, services
from support_portal.inquiries.models import Evidence, Inquiry
from support_portal.inquiries.scorecard import Score, Times, Took, scorecard
from tests.conftest import ClientFor
from tests.dashboard.parts import said
from tests.dashboard.reading import empty, errors, page
from tests.dashboard.sending import HOSTILE, SHOWN

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _wednesday() -> Iterator[None]:
    with time_machine.travel(MONDAY + timedelta(days=2), tick=False):
        yield


def sent(author: User, hours: float | None = None, *, place: dict[str, Any] | None = None,
         **values: Any) -> Inquiry:  # fmt: skip
    """Return an inquiry of Monday 9 o'clock, answered after so many hours on the clock."""
    inquiry = services.start(author, [], kind="failed_delivery")
    answered = None if hours is None else MONDAY + hours * HOUR
    given = {"state": "sent", "sent_at": MONDAY, "answered_at": answered,
             "answer_due_at": MONDAY + 4 * HOUR} | values  # fmt: skip
    Inquiry.objects.filter(pk=inquiry.pk).update(**given)
    about = {"code": 15, "registry": "sms_dlr", "operator": "Globe", "sub_account": "north"}
    Evidence.objects.create(
        inquiry=inquiry, record_id=f"{inquiry.pk:032x}", held=True, added_by=author,
        **about | (place or {}),
    )  # fmt: skip
    return inquiry


def card(begin: datetime = MONDAY, days: int = 1) -> Any:
    now = MONDAY + timedelta(days=2)
    return scorecard(EVERYTHING, desk.configured(), begin, begin + timedelta(days=days), now)


def test_times_are_told_in_business_hours_and_on_the_clock(agent: User) -> None:
    for hours in (1, 2, 3, 26, 27):  # the last two on Tuesday, at 11 and 12
        sent(agent, hours)
    sent(agent)

    told = card().all

    assert (told.sent, told.answer) == (6, Times(
        count=5, median=3 * HOUR, p90=11 * HOUR, wall_median=3 * HOUR, wall_p90=27 * HOUR, in_time=3,
    ))  # fmt: skip


def test_too_few_are_no_figures(agent: User) -> None:
    for hours in (1, 2, 3, 4):
        sent(agent, hours)

    assert card().all.answer == Times(count=4, in_time=4)


def test_groups_count_an_inquiry_under_each_of_its_places(agent: User) -> None:
    both = sent(agent, 1, severity="p1")
    sent(agent, place={"code": 5, "operator": ""}, severity="p2")
    more = {"code": 5, "registry": "sms_dlr", "operator": "Smart", "sub_account": "north"}
    for number in (101, 102):
        Evidence.objects.create(
            inquiry=both, record_id=f"{number:032x}", held=True, added_by=agent, **more
        )

    found = card()

    def counts(groups: dict[Any, Score]) -> dict[Any, int]:
        return {key: each.sent for key, each in groups.items()}

    assert counts(found.codes) == {("sms_dlr", 5): 2, ("sms_dlr", 15): 1}
    assert counts(found.operators) == {"Globe": 1, "Smart": 1}
    assert counts(found.kinds) == {"failed_delivery": 2}
    assert counts(found.severities) == {"p1": 1, "p2": 1}


def test_reopened_ones_are_a_share_of_those_that_were_over(agent: User) -> None:
    sent(agent, state="solved", solved_at=MONDAY + HOUR, cause_kind="route")
    sent(agent, state="closed", cause_kind="route")
    sent(agent, state="sent", reopened=2)
    sent(agent)

    found = card()

    assert (found.all.over, found.all.reopened) == (3, 1)
    assert found.causes == [("route", 2)]


def test_a_period_has_its_first_moment_and_not_its_last(agent: User) -> None:
    sent(agent)

    assert card(MONDAY).all.sent == 1
    assert card(MONDAY - timedelta(days=1)).all.sent == 0


def test_what_is_open_is_told_by_age_whatever_the_period(agent: User) -> None:
    now = MONDAY + timedelta(days=2)
    for days in (0, 1, 2, 5, 10, 20, 29, 40):
        sent(agent, sent_at=now - timedelta(days=days))
    sent(agent, sent_at=now, state="closed")
    services.start(agent, [])

    assert card(days=1).ages == [1, 2, 1, 1, 2, 1]


@pytest.mark.parametrize("many", [1, 60])
def test_a_scorecard_takes_four_queries(
    many: int, agent: User, django_assert_num_queries: Any
) -> None:
    for number in range(many):
        sent(agent, 1, place={"code": number, "operator": f"Operator {number}"})

    with django_assert_num_queries(4):
        card()


lengths = st.integers(0, 10_000).map(lambda minutes: timedelta(minutes=minutes))


@given(st.lists(lengths, min_size=5, max_size=60))
def test_nine_of_ten_kept_to_what_nine_of_ten_are_said_to_have_kept_to(
    taken: list[timedelta],
) -> None:
    told = Times.of([Took(each, each * 2, in_time=True) for each in taken])

    assert told.median is not None
    assert told.p90 in taken
    assert told.median <= max(taken)
    assert sum(each <= told.p90 for each in taken) >= 0.9 * len(taken)
    assert sum(each < told.p90 for each in taken) < 0.9 * len(taken)
    assert told.wall_p90 == told.p90 * 2


def test_the_page_tells_figures_and_says_where_there_are_too_few(
    agent: User, agent_client: Client
) -> None:
    assert empty(agent_client.get("/inquiries/scorecard/")) == ["Nothing was sent in this period"]
    for hours in (1, 2, 3, 26, 27):
        sent(agent, hours)
    sent(agent, 1, place={"operator": HOSTILE, "code": 5}, state="solved", cause_kind="operator",
         solved_at=MONDAY + HOUR)  # fmt: skip

    html = page(agent_client.get("/inquiries/scorecard/"))

    assert 'name="end" value="2026-11-25"' in html
    assert said(html, r'id="scores-1">.*?<tbody>(.*?)</tbody>') == (
        "All inquiries 6 2 h 30 min (2 h 30 min on the clock) 11 h (1 d 3 h) 4 of 6, 67 %"
        " too few: 1 of 5 1 of 1 0 of 1"
    )
    assert (SHOWN in html, HOSTILE in html) == (True, False)
    assert "Operator outage" in html


@pytest.mark.parametrize(
    ("query", "said_beside"),
    [
        ("begin=2026-11-23&end=2026-11-01", ["to: The last day comes after the first."]),
        ("begin=soon&end=2026-11-01", ["Sent from: Enter a valid date."]),
        ("begin=0001-01-01&end=9999-12-31", [
            "Sent from: Ensure this value is greater than or equal to 2000-01-01.",
            "to: Ensure this value is less than or equal to 2199-12-31.",
        ]),
    ],
)  # fmt: skip
def test_days_that_make_no_period_are_said(
    query: str, said_beside: list[str], agent_client: Client
) -> None:
    response = agent_client.get(f"/inquiries/scorecard/?{query}")

    assert (response.status_code, errors(response)) == (422, said_beside)
    assert agent_client.get(f"/inquiries/scorecard.csv?{query}").status_code == 422


def test_a_reader_sees_the_figures_of_what_they_may_see(agent: User, client_for: ClientFor) -> None:
    sent(agent, 1)
    team = Team.objects.create(name="South", sub_accounts=["south"])
    other = client_for(User.objects.create_user("sam", role="agent", team=team))

    response = other.get("/inquiries/scorecard/")

    assert empty(response) == ["Nothing was sent in this period"]
    assert "Globe" not in page(other.get("/inquiries/scorecard.csv"))


def test_the_file_has_all_groups_masked_and_without_formulas(
    agent: User, agent_client: Client
) -> None:
    for number in range(25):
        sent(agent, 1, place={"operator": f"Operator {number}"})
    sent(agent, place={"operator": "=1+1"})
    sent(agent, place={"operator": "Via +12025550101"})

    response = agent_client.get("/inquiries/scorecard.csv?begin=2026-11-23&end=2026-11-23")
    found = list(csv.DictReader(io.StringIO(page(response))))

    assert response["Content-Disposition"].endswith('"inquiries-2026-11-23-scorecard.csv"')
    assert found[0]["answer_median_business_h"] == "1.00"
    assert found[0]["solution_median_business_h"] == ""
    names = {each["name"] for each in found if each["group"] == "operator"}
    assert len(names) == 27
    assert "'=1+1" in names
    assert not any("12025550101" in each for each in names)
