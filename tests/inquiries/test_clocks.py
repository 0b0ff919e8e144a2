"""The clocks of inquiries: when they run, what is due, who is reminded, and what presses 8x8."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError

from support_portal.accounts.models import Role, Team, User
from support_portal.dashboard import clock_words
from support_portal.inquiries import (
    clocks,
    desk,
    escalating,
    reminding,
    scorecard,
    sending,
    services,
    tracking,
)
from support_portal.inquiries.apps import InquiriesConfig
from support_portal.inquiries.models import NEVER, DeskRules, Inquiry, Way
from support_portal.notices.models import Notice
from tests.dashboard.rows import error, save_errors
from tests.inquiries.rows import FIRST, SECOND, inquiry_of, wanted

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
RULES = {
    "zone": "UTC", "days": "mon,tue,wed,thu,fri", "opens": "09:00", "closes": "17:00",
    "holidays": "", "p1_answer": "2", "p1_solution": "8", "p2_answer": "8", "p2_solution": "40",
    "lower_answer": "24", "lower_solution": "80",
}  # fmt: skip


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def sent(author: User, severity: str = "p2") -> Inquiry:
    inquiry = inquiry_of(author, FIRST, sub_account="north")
    services.save(inquiry, {"severity": severity}, author, base=1)
    sending.send(inquiry, Way.COPY, author)
    return held(inquiry)


def held(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.get(pk=inquiry.pk)


def track(inquiry: Inquiry, author: User, **said: Any) -> Inquiry:
    return held(tracking.track(inquiry, said, author, base=held(inquiry).version))


def test_a_draft_has_no_clock_and_a_letter_that_leaves_starts_it(agent: User, clock: Any) -> None:
    draft = services.start(agent, [])
    assert (draft.sent_at, draft.due_at, draft.owner) == (None, NEVER, agent)

    inquiry = sent(agent)

    assert inquiry.sent_at == MONDAY
    assert inquiry.answer_due_at == inquiry.due_at == MONDAY + timedelta(days=1)
    assert inquiry.solution_due_at == datetime(2026, 11, 30, 10, tzinfo=UTC)


def test_a_letter_that_waits_for_the_mail_server_has_not_left(
    agent: User, clock: Any, settings: Any
) -> None:
    settings.MAIL_ON = True
    inquiry = inquiry_of(agent, FIRST)
    letter = sending.send(inquiry, Way.SMTP, agent)
    assert held(inquiry).sent_at is None

    sending.withdraw(letter, agent)
    assert (held(inquiry).state, held(inquiry).due_at) == ("draft", NEVER)


def test_a_withdrawn_letter_stops_the_clocks(agent: User, clock: Any) -> None:
    inquiry = sent(agent)

    sending.withdraw(inquiry.letters.get(), agent)

    assert (held(inquiry).sent_at, held(inquiry).answer_due_at) == (None, None)


def test_an_answer_stops_one_clock_and_a_solution_the_other(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    clock.shift(timedelta(hours=3))
    tracking.answer(inquiry, "We look.", agent)
    answered = held(inquiry)
    assert answered.answered_at == MONDAY + timedelta(hours=3)
    assert answered.due_at == answered.solution_due_at

    clock.shift(timedelta(hours=1))
    tracking.answer(inquiry, "Still.", agent)
    assert held(inquiry).answered_at == answered.answered_at
    solved = track(inquiry, agent, state="solved", cause_kind="route")
    assert (solved.solved_at, solved.due_at) == (MONDAY + timedelta(hours=4), NEVER)


def test_what_is_solved_without_an_answer_was_answered_then(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    clock.shift(timedelta(hours=2))

    solved = track(inquiry, agent, state="solved", cause_kind="unknown")

    assert solved.answered_at == solved.solved_at == MONDAY + timedelta(hours=2)


def test_inquiries_that_left_before_there_were_clocks_are_reckoned(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    clock.shift(timedelta(hours=3))
    tracking.answer(inquiry, "We look.", agent)
    before = Inquiry.objects.values(*clocks.TOLD).get(pk=inquiry.pk)
    draft = services.start(agent, [])
    Inquiry.objects.update(owner=None, due_at=NEVER, **dict.fromkeys(set(clocks.TOLD) - {"due_at"}))

    migration = import_module("support_portal.inquiries.migrations.0008_clocks_so_far")
    migration.reckon(apps, None)

    assert Inquiry.objects.values(*clocks.TOLD).get(pk=inquiry.pk) == before
    assert (held(draft).sent_at, held(draft).owner) == (None, agent)


def test_reopening_is_counted_and_the_clock_runs_on(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    due = inquiry.solution_due_at
    track(inquiry, agent, state="solved", cause_kind="operator")
    for count in (1, 2):
        again = track(inquiry, agent, state="sent")
        assert (again.reopened, again.solved_at, again.due_at) == (count, None, due)
        track(inquiry, agent, state="closed")
    assert inquiry.history.filter(what="reopened it").count() == 2


def test_a_draft_that_was_closed_and_is_taken_up_is_not_reopened(agent: User, clock: Any) -> None:
    inquiry = inquiry_of(agent, FIRST)
    track(inquiry, agent, state="closed")

    assert track(inquiry, agent, state="draft").reopened == 0


def test_other_rules_count_for_what_is_awaited(agent: User, lead: User, clock: Any) -> None:
    inquiry = sent(agent, "p1")
    done = track(sent_other(agent), agent, state="solved", cause_kind="request")

    clocks.rule(RULES | {"holidays": "2026-11-23 Founders' Day"}, lead, base=0)

    assert held(inquiry).due_at == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert held(done).solution_due_at == done.solution_due_at
    clocks.rule(None, lead, base=1)
    assert held(inquiry).due_at == MONDAY + timedelta(hours=2)
    assert desk.current().own is False


def sent_other(author: User) -> Inquiry:
    inquiry = services.start(author, [], kind="latency")
    Inquiry.objects.filter(pk=inquiry.pk).update(state="sent", sent_at=MONDAY)
    sending.Letter.objects.create(
        inquiry=inquiry, way="copy", state="sent", frozen_at=MONDAY, sent_at=MONDAY
    )
    clocks.reckon(inquiry.pk)
    return held(inquiry)


def test_of_two_leads_the_second_learns_of_the_first(lead: User) -> None:
    clocks.rule(RULES, lead, base=0)

    with pytest.raises(desk.Overtaken) as overtaken:
        clocks.rule(RULES | {"opens": "08:00"}, lead, base=0)

    assert overtaken.value.now.said == RULES
    assert DeskRules.objects.count() == 1


def test_two_rules_of_one_number_cannot_be(lead: User) -> None:
    clocks.rule(RULES, lead, base=0)

    with pytest.raises(IntegrityError):
        DeskRules.objects.create(number=1, author=lead)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("zone", "Mars/Base", "“Mars/Base” is not a time zone. Example: Asia/Singapore"),
        ("days", "", "Choose at least one day."),
        ("days", "mon,Montag", "“montag” is no day; expected mon, tue, wed, thu, fri, sat, sun"),
        ("opens", "9", "“9” is no time of day. Example: 09:00"),
        ("closes", "08:00", "It closes after it opens; 00:00 is the end of the day."),
        ("holidays", "Christmas", "“Christmas” does not begin with a date."
         " Example: 2026-12-25 Christmas Day"),
        ("holidays", "\n".join(["2026-12-25"] * 401), "Up to 400 holidays."),
        ("p1_answer", "soon", "“soon” is no number of hours."),
        ("p1_answer", "0", "More than 0 and up to 2,000 business hours."),
        ("p1_answer", "NaN", "More than 0 and up to 2,000 business hours."),
        ("p1_solution", "1", "A solution takes no less than a first answer."),
    ],
)  # fmt: skip
def test_rules_that_make_no_desk_are_refused_field_by_field(
    name: str, value: str, fault: str, settings: Any
) -> None:
    with pytest.raises(desk.Refused) as refused:
        desk.read(RULES | {name: value})
    assert refused.value.faults == {name: fault}

    settings.DESK = RULES | {name: value}
    with pytest.raises(ImproperlyConfigured, match=f"PORTAL_DESK_{name.upper()}: "):
        InquiriesConfig("support_portal.inquiries", desk).ready()


def test_hours_may_have_a_part_and_a_day_may_end_at_its_end() -> None:
    rules = desk.read(RULES | {"p1_answer": "0,25", "opens": "0:00", "closes": "00:00"})

    assert rules.targets["p1"].answer == timedelta(minutes=15)


def told() -> list[str]:
    return list(Notice.objects.order_by("id").values_list("title", flat=True))


def test_a_step_is_told_once_on_its_morning_and_again_for_another_date(
    agent: User, clock: Any
) -> None:
    inquiry = sent(agent)
    due = f"Next step due: {inquiry.reference}"
    track(inquiry, agent, due_on=date(2026, 11, 24))
    assert reminding.remind(MONDAY) == 0
    early = datetime(2026, 11, 24, 8, 59, tzinfo=UTC)
    assert reminding.remind(early) == 0

    for minutes in (1, 2, 600):
        reminding.remind(early + timedelta(minutes=minutes))
    assert told() == [due]
    track(inquiry, agent, ticket="4711")  # the date stays, so nothing is told anew
    reminding.remind(early + timedelta(days=1))
    assert told() == [due]
    for day, count in ((date(2026, 11, 25), 2), (date(2026, 11, 24), 3)):
        track(inquiry, agent, due_on=day)
        reminding.remind(early + timedelta(days=3))
        assert told() == [due] * count


def test_nobody_is_reminded_of_what_is_over(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    track(inquiry, agent, due_on=date(2026, 11, 20), state="closed")

    assert reminding.remind(MONDAY) == 0


def test_whoever_it_is_handed_to_is_told_and_then_reminded(
    agent: User, lead: User, clock: Any
) -> None:
    inquiry = sent(agent)
    track(inquiry, agent, due_on=date(2026, 11, 20))
    reminding.remind(MONDAY)

    track(inquiry, agent, owner=lead)
    reminding.remind(MONDAY)

    assert {(each.user, each.title) for each in Notice.objects.all()} == {
        (agent, f"Next step due: {inquiry.reference}"),
        (lead, f"agent handed {inquiry.reference} to you"),
        (lead, f"Next step due: {inquiry.reference}"),
    }


def test_nobody_is_told_of_what_they_may_not_see(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    track(inquiry, agent, due_on=date(2026, 11, 20))
    agent.team = Team.objects.create(name="South", sub_accounts=["south"])
    agent.save()

    assert reminding.remind(MONDAY) == 0
    assert told() == []


def test_only_who_sees_all_the_evidence_may_look_after_it(
    agent: User, viewer: User, clock: Any
) -> None:
    inquiry = sent(agent)
    north = Team.objects.create(name="North", sub_accounts=["north"])
    south = Team.objects.create(name="South", sub_accounts=["south"])
    nora = User.objects.create_user("nora", role=Role.AGENT, team=north)
    User.objects.create_user("sam", role=Role.AGENT, team=south)

    assert tracking.keepers(inquiry) == [agent, nora]


def test_an_escalation_says_how_long_it_is_overdue(agent: User, clock: Any) -> None:
    inquiry = sent(agent, "p1")
    track(inquiry, agent, ticket="4711")

    text = escalating.drafted(held(inquiry), agent, MONDAY + timedelta(hours=5))

    assert f"{inquiry.reference} (your ticket 4711) on 2026-11-23 10:00 UTC, priority P1" in text
    assert (
        "We have waited for a first answer for 5 h of business hours; a first answer is 3 h later"
        " than we expect for this priority." in text
    )


def test_an_escalation_before_anything_is_overdue_claims_nothing(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    tracking.answer(inquiry, "We look.", agent)

    text = escalating.drafted(held(inquiry), agent, MONDAY + timedelta(minutes=30))

    assert "We have waited for a solution for 30 min of business hours.\n" in text


def test_an_escalation_that_was_used_is_recorded_and_one_that_leaks_is_not(
    agent: User, clock: Any
) -> None:
    inquiry = sent(agent)
    track(inquiry, agent, ticket="1234567890123")

    with pytest.raises(escalating.Refused, match="what must not leave"):
        escalating.used(inquiry, "It fails for +1 202 555 0101.", agent)
    escalating.used(held(inquiry), "Ticket 1234567890123, please.", agent)

    track(inquiry, agent, ticket="0101")  # takes no number apart
    with pytest.raises(escalating.Refused, match="what must not leave"):
        escalating.used(held(inquiry), "It fails for 202 555 0101.", agent)

    found = inquiry.history.filter(what="escalated").values_list("detail", flat=True)
    assert list(found) == ["Ticket 1234567890123, please."]
    track(inquiry, agent, state="closed")
    with pytest.raises(escalating.Refused, match="Nothing is awaited"):
        escalating.used(held(inquiry), "Please.", agent)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_the_clocks_stand_while_8x8_waits_for_us(agent: User, clock: Any) -> None:
    inquiry = sent(agent)  # 8 h to an answer, 40 h to a solution
    clock.move_to(MONDAY + hours(2))
    tracking.answer(inquiry, "Which number did you call?", agent)
    paused = track(inquiry, agent, state="paused")
    assert (paused.due_at, paused.answered_at) == (NEVER, MONDAY + hours(2))
    assert (
        not Inquiry.objects.all().overdue(MONDAY + timedelta(days=30), date(2026, 11, 24)).exists()
    )

    clock.move_to(MONDAY + timedelta(days=1, hours=2))  # a business day later
    on = track(inquiry, agent, state="answered")

    assert on.due_at == on.solution_due_at == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert [each.detail for each in inquiry.history.filter(detail__contains="paused")] == [
        "answered → paused",
        "paused → answered",
    ]
    desk.current()
    clocks.rule(RULES | {"p2_solution": "41"}, agent, base=0)
    assert held(inquiry).due_at == datetime(2026, 12, 1, 11, tzinfo=UTC)


def test_a_solution_in_a_pause_counts_what_was_before_it(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    clock.move_to(MONDAY + hours(1))
    track(inquiry, agent, state="paused")
    clock.move_to(MONDAY + hours(5))
    track(inquiry, agent, state="solved", cause_kind="route")

    (answer, solution) = clocks_of(held(inquiry))
    assert answer.startswith("first answer after 1 h ")
    assert solution.startswith("solution after 1 h ")
    score = scorecard.scorecard(agent, desk.current(), MONDAY, MONDAY + hours(9), MONDAY + hours(9))
    assert score.all.solution == scorecard.Times(1, in_time=1)
    (row,) = [
        scorecard._row(each, desk.current(), clocks.pauses_of([each.pk])[each.pk])
        for each in Inquiry.objects.all()
    ]
    assert row.solution == scorecard.Took(hours(1), hours(5), in_time=True)


def clocks_of(inquiry: Inquiry) -> list[str]:
    return [each.words for each in clock_words.clocks(inquiry, desk.current(), MONDAY)]


def test_further_evidence_lets_the_clocks_go_on(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    track(inquiry, agent, state="paused")
    assert clocks_of(held(inquiry)) == ["the clocks stand: 8x8 waits for us"]
    clock.move_to(MONDAY + hours(3))
    save_errors(error(2, sub_account="north"))
    services.add_open(inquiry, wanted(SECOND), agent)
    clock.move_to(MONDAY + hours(4))
    before = held(inquiry).version

    sending.send_further(held(inquiry), Way.COPY, agent)

    after = held(inquiry)
    assert (after.state, after.version) == ("sent", before + 1)
    assert after.due_at == MONDAY + timedelta(days=1) + hours(4)
    assert not inquiry.pauses.filter(ended_at=None).exists()


def test_an_answer_that_was_none_is_taken_back(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    clock.move_to(MONDAY + hours(1))
    answered = track(inquiry, agent, state="answered")
    assert answered.due_at == answered.solution_due_at

    back = track(inquiry, agent, state="sent")

    assert (back.answered_at, back.due_at) == (None, back.answer_due_at)


def test_what_was_paused_and_is_sent_again_was_answered(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    tracking.answer(inquiry, "Which one?", agent)
    track(inquiry, agent, state="paused")

    assert track(inquiry, agent, state="sent").answered_at == MONDAY


def test_an_answer_that_is_pasted_late_came_when_it_came(agent: User, clock: Any) -> None:
    inquiry = sent(agent)
    clock.move_to(MONDAY + hours(6))
    tracking.answer(inquiry, "The second.", agent)
    tracking.answer(inquiry, "The first.", agent, at=MONDAY + hours(1))
    assert held(inquiry).answered_at == MONDAY + hours(1)

    tracking.answer(inquiry, "Of another ticket?", agent, at=MONDAY - hours(9))
    assert held(inquiry).answered_at == MONDAY
