"""Starting, filling and saving inquiries: evidence as it was, and nobody's words lost."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from support_portal.accounts.models import Role, Team, User
from support_portal.events.models import ErrorEvent, Message
from support_portal.inquiries import services
from support_portal.inquiries.freezing import Named, Wanted, freeze
from support_portal.inquiries.models import Inquiry, Kind
from support_portal.inquiries.selectors import alike, open_count
from support_portal.inquiries.services import Added, NotADraft, Overtaken
from tests.dashboard.rows import NOON, UMID, error, message, save_errors, save_messages
from tests.inquiries.rows import FIRST, SECOND, failed_message, inquiry_of, wanted

SAID = {"question": "Did the route change?", "subject": "Ours"}


def told(inquiry: Inquiry) -> list[str]:
    """Return what was done to an inquiry, oldest first."""
    return list(inquiry.history.order_by("id").values_list("what", flat=True))


def test_an_error_is_frozen_with_the_message_that_it_names(agent: User) -> None:
    failed_message()
    save_errors(error(umid=UMID, http_status=404, method="GET", path="/to/+639171234567"))

    (row,) = freeze(wanted(error().error_id), agent)

    assert (row.code, row.registry, row.meaning, row.http_status) == (
        1300,
        "api_error",
        "Not found",
        404,
    )
    assert row.endpoint == "GET /to/+63••••••4567"
    assert (row.sender, row.operator, row.state) == ("NORTHWIND", "Globe", "undelivered")
    assert (row.umid, row.at, row.held) == (UMID, NOON, True)


def test_evidence_stays_as_it_was_until_it_is_refreshed(agent: User) -> None:
    failed_message(state="sent", detail="", error_code=None)
    inquiry = services.start(agent, wanted(UMID, name=Named.MESSAGE))
    Message.objects.update(state="delivered", detail="", state_at=NOON + timedelta(hours=1))

    assert inquiry.evidence.get().state == "sent"
    assert services.refresh(inquiry, agent) == 1
    assert inquiry.evidence.get().state == "delivered"
    assert services.refresh(inquiry, agent) == 0
    assert told(inquiry) == ["started", "refreshed evidence"]


def test_an_id_that_is_not_held_is_evidence_and_fills_up_when_it_arrives(agent: User) -> None:
    inquiry = services.start(agent, [Wanted(Named.ERROR, FIRST, NOON)])
    row = inquiry.evidence.get()
    assert (row.held, row.error_id, row.at, row.code) == (False, FIRST, NOON, None)

    assert services.tell(inquiry, FIRST, agent, at=NOON, code=1300)
    row = inquiry.evidence.get()
    assert (row.code, row.registry, row.held) == (1300, "api_error", False)

    save_errors(error(1))
    assert services.refresh(inquiry, agent) == 1
    assert inquiry.evidence.get().held
    assert not services.tell(inquiry, FIRST, agent, at=None, code=None)


def test_a_refresh_keeps_what_is_gone(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    ErrorEvent.objects.all().delete()

    assert services.refresh(inquiry, agent) == 0
    assert inquiry.evidence.get().code == 1300


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("undelivered", Kind.FAILED_DELIVERY),
        ("sent", Kind.MISSING_RECEIPTS),
        ("delivered", Kind.LATENCY),
    ],
)
def test_the_kind_is_told_from_the_evidence(agent: User, state: str, kind: Kind) -> None:
    failed_message(state=state)

    assert services.start(agent, wanted(UMID, name=Named.MESSAGE)).kind == kind


def test_adding_tells_what_was_there_and_keeps_each_id_once(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    save_errors(error(2))

    assert services.add(inquiry, wanted(FIRST, SECOND), agent) == Added(1, 1, 0)
    assert services.remove(inquiry, [FIRST, UUID(int=7)], agent) == 1
    assert [row.record_id for row in inquiry.evidence.all()] == [SECOND]


def test_an_inquiry_holds_a_bounded_number(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_EVIDENCE", 2)
    inquiry = inquiry_of(agent, FIRST)

    assert services.add(inquiry, wanted(*(UUID(int=n) for n in range(2, 6))), agent) == Added(
        1, 0, 3
    )


def test_words_of_the_template_follow_the_evidence_and_what_was_typed_stays(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    assert inquiry.subject == "Error 1300 (Not found), 1 request, PH"
    before = inquiry.question

    inquiry = services.save(inquiry, SAID | {"subject": inquiry.subject}, agent, base=1)
    save_errors(error(2, code=1002))
    services.add(inquiry, wanted(SECOND), agent)
    inquiry.refresh_from_db()

    assert inquiry.subject.startswith("Errors 1300 (Not found) and 1002 (")
    assert inquiry.question == SAID["question"] != before


def test_a_form_that_shows_former_words_of_the_template_does_not_freeze_them(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    shown = inquiry.subject
    save_errors(error(2))
    services.add(inquiry, wanted(SECOND), agent)

    inquiry = services.save(inquiry, {"subject": shown}, agent, base=1)

    assert inquiry.subject == "Error 1300 (Not found), 2 requests since 2026-11-20 11:59 UTC, PH"


def test_another_kind_asks_its_own_question(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)

    saved = services.save(inquiry, {"kind": "latency", "body": "Mine"}, agent, base=1)

    assert saved.question.startswith("Where did these messages wait")
    assert saved.body == "Mine"


def test_the_second_of_two_people_learns_that_the_first_saved(agent: User, lead: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    services.save(inquiry, SAID, lead, base=1)

    with pytest.raises(Overtaken) as overtaken:
        services.save(inquiry, {"question": "Mine"}, agent, base=1)

    assert overtaken.value.now.question == SAID["question"]
    assert services.save(inquiry, {"question": "Mine"}, agent, base=2).version == 3
    assert told(inquiry) == ["started", "saved", "saved"]


def test_saving_again_and_again_is_one_line_of_history(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)

    for base in (1, 2, 3):
        services.save(inquiry, SAID, agent, base=base)

    assert told(inquiry) == ["started", "saved"]


def test_what_was_sent_is_not_changed(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    Inquiry.objects.update(state="sent")
    calls: list[Any] = [
        lambda: services.add(inquiry, wanted(SECOND), agent),
        lambda: services.remove(inquiry, [FIRST], agent),
        lambda: services.refresh(inquiry, agent),
        lambda: services.save(inquiry, SAID, agent, base=1),
        lambda: services.tell(inquiry, FIRST, agent, at=None, code=None),
    ]

    for call in calls:
        with pytest.raises(NotADraft):
            call()


def test_an_inquiry_is_seen_by_those_who_see_all_its_evidence(agent: User) -> None:
    save_errors(
        error(1, sub_account="north"), error(2, sub_account="south"), error(3, sub_account="")
    )
    both = services.start(agent, wanted(FIRST, SECOND))
    north = services.start(agent, wanted(FIRST, UUID(int=3)))
    empty = services.start(agent, [])
    team = Team.objects.create(name="North", sub_accounts=["north"])
    reader = User.objects.create_user("nora", role=Role.AGENT, team=team)

    assert list(Inquiry.objects.visible_to(reader).newest_first()) == [empty, north]
    assert list(Inquiry.objects.visible_to(agent).newest_first()) == [empty, north, both]
    assert [open_count(each).queryset.count() for each in (reader, agent)] == [2, 3]


def test_a_person_adds_only_what_they_may_see(agent: User) -> None:
    save_errors(error(1, sub_account="south"))
    team = Team.objects.create(name="North", sub_accounts=["north"])
    reader = User.objects.create_user("nora", role=Role.AGENT, team=team)

    assert not services.start(reader, wanted(FIRST)).evidence.get().held


def test_open_inquiries_on_the_same_cluster_are_found(agent: User) -> None:
    save_errors(error(1, group_id=5), error(2, group_id=5), error(3, group_id=6, country="SG"))
    first = services.start(agent, wanted(FIRST))
    other = services.start(agent, wanted(UUID(int=3)))
    (row,) = freeze(wanted(SECOND), agent)

    assert alike([row], agent) == [first]
    assert alike([row], agent, beside=first.pk) == []
    Inquiry.objects.filter(pk=first.pk).update(state="closed")
    assert alike([row], agent) == []
    assert other.pk != first.pk


@pytest.mark.parametrize("many", [1, 40])
def test_any_number_of_errors_is_started_in_the_same_queries(
    many: int, agent: User, django_assert_max_num_queries: Any
) -> None:
    ids = [UUID(int=number) for number in range(1, many + 1)]
    save_errors(*(error(each.int) for each in ids))

    with django_assert_max_num_queries(21):
        services.start(agent, wanted(*ids))


def test_a_message_without_a_known_state_is_evidence_too(agent: User) -> None:
    save_messages(message(state="half_way", error_code=77, error_context="nonsense"))

    row = services.start(agent, wanted(UMID, name=Named.ANY)).evidence.get()

    assert (row.state, row.code, row.umid) == ("half_way", 77, UMID)


def test_a_batch_is_evidence_by_its_id_alone(agent: User) -> None:
    row = services.start(agent, [Wanted(Named.BATCH, FIRST)]).evidence.get()

    assert (row.batch_id, row.held, row.umid) == (FIRST, False, None)
