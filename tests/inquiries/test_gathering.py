"""Thousands of pieces of evidence: added in slices, each once, whoever dies; bounded, and stopped by a person."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.models import User
from support_portal.dashboard.views import inquiries as views
from support_portal.inquiries import gathering, sending, services
from support_portal.inquiries.freezing import Wanted
from support_portal.inquiries.gathering import HELD, TRIES
from support_portal.inquiries.models import Gathering, Inquiry, Way
from support_portal.inquiries.sending import NotPossible
from support_portal.notices.models import Notice
from tests.dashboard.reading import notes, page
from tests.dashboard.rows import NOON, error, save_errors
from tests.inquiries.rows import wanted

IDS = [UUID(int=number) for number in range(1, 12)]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let two pieces be added at once, and three a slice, of at most ten."""
    monkeypatch.setattr(gathering, "AT_ONCE", 2)
    monkeypatch.setattr(services, "AT_ONCE", 2)
    monkeypatch.setattr(gathering, "SLICE", 3)
    monkeypatch.setattr(gathering, "MOST_EVIDENCE", 10)
    monkeypatch.setattr(services, "MOST_EVIDENCE", 10)
    monkeypatch.setattr(views.bell, "ring", lambda: None)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def inquiry(agent: User, clock: Any) -> Inquiry:
    """A draft of which two pieces are there and eight to come."""
    save_errors(*(error(each.int) for each in IDS))
    found, later = gathering.start(agent, wanted(*IDS))
    assert later == 8
    return found


def numbers(inquiry: Inquiry) -> list[int]:
    return [each.record_id.int for each in inquiry.evidence.order_by("id")]


def waiting() -> list[tuple[int, int]]:
    return [(each.done, each.tries) for each in Gathering.objects.all()]


def test_the_rest_is_added_behind_what_was_added_at_once(inquiry: Inquiry, agent: User) -> None:
    assert numbers(inquiry) == [1, 2]

    assert gathering.work(60)

    assert numbers(inquiry) == list(range(1, 11))
    assert Gathering.objects.count() == 0
    assert not gathering.work(60)
    inquiry.refresh_from_db()
    assert inquiry.subject.startswith("Error 1300 (Not found), 10 requests since ")
    last = inquiry.history.latest("id")
    assert (last.what, last.detail) == ("added evidence", "8 in the background")
    notice = Notice.objects.of(agent).get()
    assert notice.title == f"8 more pieces of evidence are in {inquiry.reference}"


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(
    inquiry: Inquiry, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze = services.freeze

    def dies(some: list[Wanted], reader: Any) -> Any:
        if any(each.value.int == 7 for each in some):
            raise MemoryError
        return freeze(some, reader)

    with monkeypatch.context() as patched:
        patched.setattr(services, "freeze", dies)
        with pytest.raises(MemoryError):
            gathering.work(60)
    assert (numbers(inquiry), waiting()) == ([1, 2, 3, 4, 5], [(3, 0)])
    assert not gathering.work(60)  # it is held

    clock.shift(HELD + timedelta(seconds=1))
    assert gathering.work(60)
    assert numbers(inquiry) == list(range(1, 11))


def test_two_workers_add_each_piece_once(inquiry: Inquiry) -> None:
    one = gathering._held()
    other = Gathering.objects.get()
    assert one is not None

    assert gathering._slice(one)
    assert not gathering._slice(other)

    assert numbers(inquiry) == [1, 2, 3, 4, 5]


def test_what_fails_again_and_again_is_given_up_and_said(inquiry: Inquiry, agent: User) -> None:
    Gathering.objects.update(tries=TRIES)

    assert gathering.work(60)

    assert (numbers(inquiry), waiting()) == ([1, 2], [])
    assert Notice.objects.of(agent).get().title == "Adding evidence failed. 8 were left out."


@pytest.mark.parametrize("end", ["stop", "undo"])
def test_what_a_person_ended_does_not_fail_any_more(
    inquiry: Inquiry, agent: User, end: str
) -> None:
    Gathering.objects.update(tries=TRIES)
    row = gathering._held()
    assert row is not None
    if end == "stop":
        gathering.stop(inquiry, agent)
    else:
        services.undo(inquiry, agent, inquiry.created_at)

    gathering._give_up(row)

    assert not Notice.objects.exists()


def test_a_worker_that_went_on_after_all_is_not_given_up(inquiry: Inquiry) -> None:
    Gathering.objects.update(tries=TRIES)
    row = gathering._held()
    assert row is not None
    assert gathering._slice(Gathering.objects.get())

    gathering._give_up(row)

    assert (numbers(inquiry), waiting()) == ([1, 2, 3, 4, 5], [(3, 0)])


def test_what_has_no_room_or_is_there_is_told_at_once(inquiry: Inquiry, agent: User) -> None:
    gathering.stop(inquiry, agent)
    save_errors(*(error(number) for number in range(12, 22)))
    more = [*IDS[4:], IDS[1], *(UUID(int=number) for number in range(12, 22))]

    added, later = gathering.add(inquiry, wanted(*more), agent)

    assert (added, later) == (services.Added(new=2, already=1, over=9), 6)
    gathering.work(60)
    assert numbers(inquiry) == [1, 2, *range(5, 13)]


def test_a_draft_to_which_evidence_is_added_joins_no_other(
    inquiry: Inquiry, agent: User, agent_client: Client
) -> None:
    other = services.start(agent, wanted(IDS[10]))

    response = agent_client.post(f"/inquiries/{inquiry.pk}/join", {"into": other.pk}, follow=True)

    assert f"Evidence is still being added to {inquiry.reference}." in notes(response)
    gathering.work(60)
    assert numbers(inquiry) == list(range(1, 11))


def test_each_gets_its_turn(inquiry: Inquiry) -> None:
    assert gathering.work(0)

    assert (numbers(inquiry), waiting()) == ([1, 2, 3, 4, 5], [(3, 0)])


def test_what_is_over_takes_no_more(inquiry: Inquiry) -> None:
    Inquiry.objects.update(state="closed")

    gathering.work(60)

    assert (numbers(inquiry), waiting()) == ([1, 2], [])
    assert inquiry.history.latest("id").what == "stopped adding evidence"


def test_no_letter_leaves_while_evidence_is_added(inquiry: Inquiry, agent: User) -> None:
    with pytest.raises(NotPossible, match="still being added"):
        sending.send(inquiry, Way.COPY, agent)

    gathering.work(60)
    assert sending.send(inquiry, Way.COPY, agent).ndjson.count("\n") == 10


def test_one_undo_takes_all_of_it(inquiry: Inquiry, agent: User) -> None:
    gathering.work(0)

    assert services.undo(inquiry, agent, inquiry.created_at) == 5
    assert not Inquiry.objects.exists()
    assert not gathering.work(60)


def test_a_sent_inquiry_takes_them_beside_its_letter(
    inquiry: Inquiry, agent: User, clock: Any
) -> None:
    gathering.stop(inquiry, agent)
    sending.send(inquiry, Way.COPY, agent)
    clock.shift(timedelta(minutes=1))

    added, later = gathering.add(inquiry, wanted(*IDS[2:8]), agent)
    with pytest.raises(gathering.Busy):
        gathering.add(inquiry, wanted(IDS[8]), agent)
    gathering.work(60)

    assert (added.new, later) == (2, 4)
    inquiry.refresh_from_db()
    assert services.untold(inquiry).count() == 6


def test_the_page_shows_how_far_it_is_and_stops_it(
    agent: User, agent_client: Client, clock: Any
) -> None:
    save_errors(*(error(each.int) for each in IDS))
    post = {"wanted": "\n".join(f"error_id {each}" for each in IDS)}
    response = agent_client.post("/inquiries/add", post, follow=True)
    inquiry = Inquiry.objects.get()
    assert "8 more are being added." in notes(response)
    assert "1 was left out: an inquiry holds 5,000 pieces of evidence." not in notes(response)
    gathering.work(0)

    address = f"/inquiries/{inquiry.pk}/gathering"
    html = page(agent_client.get(address))
    assert 'max="8" value="3"' in html
    again = agent_client.post("/inquiries/add", post | {"into": inquiry.pk}, follow=True)
    assert f"Evidence is still being added to {inquiry.reference}." in notes(again)

    response = agent_client.post(f"{address}/stop", follow=True)
    assert "Nothing more is added. What was added is in the evidence." in notes(response)
    assert numbers(inquiry) == [1, 2, 3, 4, 5]
    assert "Show all of it" in page(agent_client.get(address))
    agent_client.post(f"{address}/stop")
    assert Gathering.objects.count() == 0
