"""One incident, one inquiry: what is the same failure, joining, what came since, and who is told."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction

from support_portal.accounts.models import Role, Team, User
from support_portal.inquiries import following, joining, sending, services, tracking
from support_portal.inquiries.clusters import clusters
from support_portal.inquiries.freezing import Named, Wanted, freeze
from support_portal.inquiries.models import Evidence, Inquiry, State, Way
from support_portal.inquiries.selectors import about_incident, about_records, alike, incidents_of
from support_portal.insights.models import Incident
from support_portal.notices.models import Notice
from tests.dashboard.rows import NOON, error, message, save_errors, save_messages
from tests.inquiries.rows import FIRST, SECOND, inquiry_of, wanted
from tests.insights import counted

FAILED = {
    "state": "undelivered", "error_code": 15, "error_context": "sms_receipt",
    "error_registry": "sms_dlr", "channel": "sms",
}  # fmt: skip
LATER = NOON + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        yield


def failed(number: int, **values: Any) -> list[Wanted]:
    save_messages(message(number, **FAILED | values))
    return [Wanted(Named.MESSAGE, UUID(int=number))]


def rows(person: User, found: list[Wanted]) -> list[Evidence]:
    return freeze(found, person)


def colleague(name: str, *sub_accounts: str) -> User:
    team = Team.objects.create(
        name=name, all_sub_accounts=not sub_accounts, sub_accounts=list(sub_accounts)
    )
    return User.objects.create_user(name, role=Role.AGENT, team=team)


def told(person: User) -> list[str]:
    return sorted(Notice.objects.of(person).values_list("title", flat=True))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"operator": "Globe"}, {"operator": "Globe", "country": "SG"}, True),
        ({"operator": "Globe"}, {"operator": "Smart", "country": "PH"}, True),
        ({"operator": "Globe"}, {"operator": "Singtel", "country": "SG"}, False),
        ({"operator": "Globe"}, {"operator": "Globe", "error_code": 16}, False),
        ({"operator": "", "country": ""}, {"operator": "", "country": ""}, True),
        ({"operator": "", "country": ""}, {"operator": "Globe", "country": "PH"}, False),
    ],
)
def test_messages_are_alike_by_code_and_place(
    agent: User, first: dict[str, Any], second: dict[str, Any], same: bool
) -> None:
    inquiry = services.start(agent, failed(1, **first))

    assert alike(rows(agent, failed(2, **second)), agent) == ([inquiry] if same else [])


@pytest.mark.parametrize(
    ("values", "same"),
    [
        ({"group_id": 4, "country": "SG"}, True),
        ({"group_id": -5, "country": "PH"}, True),
        ({"group_id": -5, "country": "SG"}, False),
        ({"group_id": 4, "code": 1002}, False),
        ({"group_id": 0, "country": ""}, False),
    ],
)
def test_errors_are_alike_by_code_and_group_or_country(
    agent: User, values: dict[str, Any], same: bool
) -> None:
    inquiry = inquiry_of(agent, FIRST, group_id=4)
    save_errors(error(2, **values))

    assert alike(rows(agent, wanted(SECOND)), agent) == ([inquiry] if same else [])


def test_codes_that_no_table_lists_are_told_apart_by_their_table(agent: User) -> None:
    inquiry_of(agent, FIRST, code=424242)

    assert alike(rows(agent, failed(2, error_code=424242)), agent) == []


def test_states_without_a_code_are_alike_by_place(agent: User) -> None:
    sent = {"state": "sent", "error_code": None, "error_registry": ""}
    inquiry = services.start(agent, failed(1, **sent))

    assert alike(rows(agent, failed(2, **sent)), agent) == [inquiry]
    assert alike(rows(agent, failed(3, **sent | {"country": "SG"})), agent) == []


def test_what_is_over_or_of_others_is_not_joined(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    save_errors(error(2))
    stranger = colleague("south", "south")

    assert alike(rows(agent, wanted(SECOND)), stranger) == []
    Inquiry.objects.update(state=State.SOLVED)
    assert alike(rows(agent, wanted(SECOND)), agent) == []
    assert alike(rows(agent, wanted(SECOND)), agent, beside=inquiry.pk) == []


def test_evidence_has_few_clusters_the_largest_first(agent: User) -> None:
    save_errors(*(error(n, code=1000 + n % 8, group_id=n) for n in range(1, 12)))

    found = clusters(rows(agent, wanted(*(UUID(int=n) for n in range(1, 12)))))

    assert [(each.key, each.size) for each in found] == [
        ("api_error:1001", 2), ("api_error:1002", 2), ("api_error:1003", 2),
        ("api_error:1004", 1), ("api_error:1005", 1),
    ]  # fmt: skip
    assert found[0].groups == {1, 9}


def test_joining_moves_evidence_and_followers_and_closes_the_draft(agent: User, lead: User) -> None:
    other = inquiry_of(agent, FIRST)
    sending.send(other, Way.COPY, agent)
    draft = inquiry_of(lead, SECOND)
    services.add(draft, wanted(FIRST), lead)
    third = colleague("third")
    following.follow(draft, third)

    assert joining.join(draft, other, lead) == 1

    draft.refresh_from_db()
    assert (draft.state, draft.version) == (State.CLOSED, 2)
    assert [row.record_id for row in other.evidence.order_by("id")] == [FIRST, SECOND]
    assert [row.record_id for row in draft.evidence.all()] == [FIRST]  # the other has it already
    assert following.followers(other) == [agent, lead, third]
    assert following.followers(draft) == []
    assert other.history.filter(what="was joined by", detail=f"{draft}, 1 piece").count() == 1


def test_joining_takes_no_more_than_there_is_room_for(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_EVIDENCE", 2)
    other, draft = inquiry_of(agent, FIRST), inquiry_of(agent, SECOND, UUID(int=3))

    assert joining.join(draft, other, agent) == 1
    assert (other.evidence.count(), draft.evidence.count()) == (2, 1)


def test_only_drafts_join_and_only_what_is_open(agent: User) -> None:
    one, two = inquiry_of(agent, FIRST), inquiry_of(agent, SECOND)
    with pytest.raises(services.NotOpen):
        joining.join(one, one, agent)
    Inquiry.objects.filter(pk=two.pk).update(state=State.CLOSED)
    with pytest.raises(services.NotOpen):
        joining.join(one, two, agent)
    with pytest.raises(services.NotADraft):
        joining.join(two, one, agent)
    assert one.evidence.count() == 1


def test_an_answer_reaches_all_who_joined_but_the_one_who_brought_it(
    agent: User, lead: User
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    save_errors(error(2))
    services.add_open(inquiry, wanted(SECOND), lead)
    sending.send(inquiry, Way.COPY, agent)
    tracking.answer(inquiry, "The route was\x00 mended." * 100, agent, sender="Joe at 8x8")
    inquiry.refresh_from_db()
    said = {"state": "solved", "ticket": "", "due_on": None, "cause": "A route", "fix": ""}
    tracking.track(inquiry, said, agent, base=inquiry.version)

    assert told(agent) == []
    assert told(lead) == [
        f"{inquiry}: answered by Joe at 8x8",
        f"{inquiry}: sent to 8x8 by agent",
        f"{inquiry}: solved by agent",
    ]


def test_nobody_is_told_of_what_they_may_not_see_any_more(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST, sub_account="north")
    north, gone = colleague("north", "north"), colleague("gone")
    for person in (north, gone):
        following.follow(inquiry, person)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert following.followers(inquiry) == [agent, north]

    save_errors(error(2, sub_account="south"))
    services.add_open(inquiry, wanted(SECOND), agent)
    tracking.answer(inquiry, "We looked.", agent)

    assert (told(north), told(gone)) == ([], [])
    assert not following.follow(inquiry, north)
    following.leave(inquiry, north)
    assert following.follow(inquiry, north)


def test_what_came_since_is_counted_by_place_and_added_freshest_first(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST, group_id=4)
    with transaction.atomic():
        save_errors(
            error(11, group_id=4, occurred_at=LATER),
            error(12, group_id=9, occurred_at=LATER + timedelta(minutes=1)),  # PH as well
            error(13, group_id=9, country="SG", occurred_at=LATER),
            error(14, group_id=4, code=1002, occurred_at=LATER),
            error(15, group_id=4, occurred_at=NOON - timedelta(hours=1)),  # before
        )
    here = {"sub_account": "northwind_ph_hq", "channel": "sms"}
    counted.count(
        [
            counted.error(LATER, 3, group_id=4, country="PH", **here),
            counted.error(LATER, 2, group_id=9, country="PH", **here),
            counted.error(LATER, 5, group_id=9, country="SG", **here),
            counted.error(LATER, 7, group_id=4, country="PH", code=1002, **here),
        ]
    )

    found = joining.further(inquiry, agent, LATER + timedelta(minutes=5))
    assert found == joining.Further(
        5, exact=True, since=NOON - timedelta(seconds=1), room=services.MOST_EVIDENCE - 1
    )
    freshest = joining.freshest(inquiry, agent, 50)
    assert [each.value.int for each in freshest] == [12, 11]
    assert [each.value.int for each in joining.freshest(inquiry, agent, 1)] == [12]

    services.add_open(inquiry, freshest, agent)
    assert joining.freshest(inquiry, agent, 50) == []


def test_nothing_is_offered_where_nothing_is_known_or_open(agent: User) -> None:
    unknown = services.start(agent, wanted(FIRST))
    over = inquiry_of(agent, SECOND)
    Inquiry.objects.filter(pk=over.pk).update(state=State.CLOSED)
    over.refresh_from_db()

    assert joining.further(unknown, agent, LATER) is None
    assert joining.further(over, agent, LATER) is None
    assert joining.freshest(unknown, agent, 5) == []


def test_records_and_incidents_know_their_inquiries(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    sending.send(inquiry, Way.COPY, agent)
    tracking.answer(inquiry, "We looked.", agent)
    tracking.answer(inquiry, "The route was mended.", agent)
    about = {"kind": "error", "code": 1300, "began_at": NOON - timedelta(hours=1), "over_at": LATER}
    ours = Incident.objects.create(**about, country="PH")
    others = [
        Incident.objects.create(**about, country="SG"),
        Incident.objects.create(**about | {"code": 1002}),
        Incident.objects.create(**about | {"began_at": LATER}),
        Incident.objects.create(**about | {"ended_at": NOON - timedelta(minutes=1)}),
        Incident.objects.create(**about | {"kind": "message"}, registry="api_error"),
    ]

    (found,) = about_records([FIRST], agent)
    assert (found.inquiry, found.reply and found.reply.text) == (inquiry, "The route was mended.")
    assert [each.inquiry for each in about_incident(ours, agent)] == [inquiry]
    assert [about_incident(each, agent) for each in others] == [[]] * 5
    assert incidents_of(list(inquiry.evidence.all()), agent) == [ours]
    assert about_records([SECOND], agent) == []
    assert about_records([FIRST], colleague("south", "south")) == []


def test_drafts_that_joined_another_are_told_of_nowhere(agent: User, lead: User) -> None:
    other, draft = inquiry_of(agent, FIRST), inquiry_of(lead, SECOND)
    services.add(draft, wanted(FIRST), lead)
    joining.join(draft, other, lead)

    assert [each.inquiry for each in about_records([FIRST], agent)] == [other]
