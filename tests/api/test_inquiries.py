"""Inquiries for machines: read page by page, started once for a person, filled, and never sent."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.accounts.services import issue_token
from support_portal.api.inquiry_answers import AddedAnswer, InquiriesAnswer, InquiryAnswer
from support_portal.inquiries import sending, services, tracking
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.inquiries.models import Evidence, Inquiry, Letter, State, Way
from support_portal.notices.models import Notice
from tests.dashboard.rows import error, save_errors
from tests.inquiries.rows import FIRST, SECOND, inquiry_of
from tests.together import many_writers, together

ADDRESS = "/api/v1/inquiries"
RIGHTS = ["inquiries:read", "inquiries:write"]
OWN, FOREIGN = "northwind_ph_hq", "northwind_id_lastmile"


def machine(name: str = "watcher", scopes: list[str] = RIGHTS, **values: Any) -> Client:
    _, secret = issue_token(name=name, scopes=scopes, **values)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def caller(db: None) -> Client:
    return machine()


def started(caller: Client, author: User, *ids: Any, key: str = "one", **values: Any) -> Any:
    records = [each if isinstance(each, dict) else {"id": str(each)} for each in ids]
    body = {"author": author.username, "records": records} | values
    return caller.post(ADDRESS, body, "application/json", headers={"Idempotency-Key": key})


def added(caller: Client, reference: str, author: User, *ids: UUID) -> Any:
    body = {"author": author.username, "records": [{"id": str(each)} for each in ids]}
    return caller.post(f"{ADDRESS}/{reference}/evidence", body, "application/json")


def references(caller: Client, **query: Any) -> list[str]:
    answer = caller.get(ADDRESS, query).json()
    return [each["reference"] for each in answer["inquiries"]]


def test_a_draft_is_started_for_a_person_who_is_told(caller: Client, agent: User) -> None:
    save_errors(error(1))

    response = started(caller, agent, FIRST)
    answer = response.json()

    assert response.status_code == 201
    msgspec.convert(answer, InquiryAnswer)
    assert response["Location"] == f"{ADDRESS}/{answer['inquiry']['reference']}"
    assert answer["inquiry"]["author"] == "agent"
    assert answer["inquiry"]["state"] == "draft"
    assert [(each["id"], each["code"]) for each in answer["evidence"]] == [(str(FIRST), 1300)]
    inquiry = Inquiry.objects.get()
    assert inquiry.history.get().who == "watcher (a token), for agent"
    assert Notice.objects.get(user=agent).link == f"/inquiries/{inquiry.pk}/"


def test_the_same_call_again_starts_no_other(caller: Client, agent: User) -> None:
    first = started(caller, agent, FIRST, SECOND)
    again = started(caller, agent, SECOND, FIRST)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert (Inquiry.objects.count(), Notice.objects.count()) == (1, 1)
    assert started(caller, agent, FIRST, key="two").status_code == 201
    assert started(machine("other"), agent, FIRST, SECOND).status_code == 201


def test_a_key_stands_for_one_call(caller: Client, agent: User) -> None:
    started(caller, agent, FIRST)

    assert started(caller, agent, SECOND).status_code == 422
    assert Inquiry.objects.count() == 1


@pytest.mark.parametrize("key", ["", "ü", "a b", "x" * 256])
def test_a_call_that_starts_something_needs_a_key(caller: Client, agent: User, key: str) -> None:
    assert started(caller, agent, FIRST, key=key).status_code == 400
    assert Inquiry.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"author": "agent", "records": []},
        {"author": "agent", "records": [{"id": "no id"}]},
        {"author": "agent", "records": [{"id": str(FIRST), "name": "colour"}]},
        {"author": "agent", "records": [{"id": str(FIRST), "at": "2026-07-20T08:00:00"}]},
        {"author": "agent", "records": [{"id": str(FIRST)}] * 1001},
        {"author": "agent", "records": [{"id": str(FIRST)}], "kind": "poem"},
        {"author": "nobody", "records": [{"id": str(FIRST)}]},
        {"author": "viewer", "records": [{"id": str(FIRST)}]},
        {"author": "a\x00b", "records": [{"id": str(FIRST)}]},
        {"records": [{"id": str(FIRST)}]},
        [],
    ],
)
def test_what_is_not_understood_starts_nothing(
    caller: Client, agent: User, viewer: User, body: Any
) -> None:
    response = caller.post(ADDRESS, body, "application/json", headers={"Idempotency-Key": "k"})

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert Inquiry.objects.count() == 0


def test_an_id_that_is_not_held_keeps_its_time(caller: Client, agent: User) -> None:
    record = {"id": str(FIRST), "name": "umid", "at": "2026-07-20T10:00:00+02:00"}

    (row,) = started(caller, agent, record, kind="missing_receipts").json()["evidence"]

    assert (row["held"], row["umid"], row["at"]) == (
        False,
        str(FIRST),
        "2026-07-20T08:00:00.000000Z",
    )
    assert Inquiry.objects.get().kind == "missing_receipts"


def test_evidence_is_added_once(caller: Client, agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    save_errors(error(2))

    answers = [added(caller, inquiry.reference, agent, FIRST, SECOND).json() for _ in range(2)]

    assert [(each["added"], each["already"]) for each in answers] == [(1, 1), (0, 2)]
    assert answers[0]["inquiry"]["evidence"] == 2
    msgspec.convert(answers[0], AddedAnswer)
    assert inquiry.history.order_by("-id")[0].who == "watcher (a token), for agent"


def test_what_was_sent_takes_no_evidence(caller: Client, agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    sending.send(inquiry, Way.COPY, agent)

    assert added(caller, inquiry.reference, agent, SECOND).status_code == 409


def test_no_call_sends_anything(caller: Client, agent: User) -> None:
    reference = started(caller, agent, FIRST).json()["inquiry"]["reference"]

    for path in (f"{ADDRESS}/{reference}/send", f"{ADDRESS}/{reference}/letters"):
        assert caller.post(path, {}, "application/json").status_code == 404
    assert (Letter.objects.count(), Inquiry.objects.get().state) == (0, State.DRAFT)


def test_an_inquiry_is_told_with_letters_and_answers(caller: Client, agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    sending.send(inquiry, Way.COPY, agent)
    tracking.answer(inquiry, "Fixed.", agent, sender="Ann of 8x8")

    answer = caller.get(f"{ADDRESS}/{inquiry.pk!s}").json()

    msgspec.convert(answer, InquiryAnswer)
    assert answer["inquiry"]["state"] == "answered"
    assert [(each["way"], each["state"]) for each in answer["letters"]] == [("copy", "sent")]
    assert [(each["sender"], each["text"]) for each in answer["replies"]] == [
        ("Ann of 8x8", "Fixed.")
    ]
    assert answer["blocking"] == []


@pytest.mark.parametrize("reference", ["INQ-0", "INQ-x", "9" * 15, "9" * 16, "..", "INQ-1\x00"])
def test_what_is_no_inquiry_is_not_there(caller: Client, reference: str) -> None:
    assert caller.get(f"{ADDRESS}/{reference}").status_code == 404


def test_pages_follow_each_other(caller: Client, agent: User) -> None:
    inquiries = [inquiry_of(agent, UUID(int=number)) for number in range(1, 6)]
    seen, cursor = [], ""
    while True:
        answer = caller.get(ADDRESS, {"limit": 2, "cursor": cursor}).json()
        msgspec.convert(answer, InquiriesAnswer)
        seen += [each["reference"] for each in answer["inquiries"]]
        cursor = answer["next"]
        if not cursor:
            break

    assert seen == [each.reference for each in reversed(inquiries)]


def test_filters_narrow(caller: Client, agent: User, lead: User) -> None:
    first, second = inquiry_of(agent, FIRST), inquiry_of(lead, SECOND)
    sending.send(second, Way.COPY, lead)
    Inquiry.objects.filter(pk=first.pk).update(ticket="4711")

    assert references(caller, state="sent,answered") == [second.reference]
    assert references(caller, author="agent") == [first.reference]
    assert references(caller, ticket="4711", kind="api_error") == [first.reference]
    assert references(caller, record=str(SECOND)) == [second.reference]
    assert references(caller, record=str(SECOND), state="draft") == []


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"kind": ""},
        {"record": "x"},
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"cursor": "forged"},
        {"colour": "red"},
        {"author": "a\x00"},
    ],
)
def test_a_filter_that_is_not_understood_is_refused(caller: Client, query: dict[str, str]) -> None:
    response = caller.get(ADDRESS, query)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_a_scope_opens_its_own_calls(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    reader = machine("reader", ["inquiries:read", "records:read"])
    writer = machine("writer", ["inquiries:write", "events:write"])

    assert started(reader, agent, FIRST).status_code == 403
    assert added(reader, inquiry.reference, agent, SECOND).status_code == 403
    assert writer.get(ADDRESS).status_code == 403
    assert writer.get(f"{ADDRESS}/{inquiry.reference}").status_code == 403
    assert Client().get(ADDRESS).status_code == 401


def test_a_token_of_sub_accounts_sees_what_is_wholly_its_own(agent: User) -> None:
    caller = machine(sub_accounts=[OWN])
    own = inquiry_of(agent, FIRST, sub_account=OWN)
    foreign = inquiry_of(agent, SECOND, sub_account=FOREIGN)

    assert references(caller) == [own.reference]
    unknown = caller.get(f"{ADDRESS}/INQ-999").json()["detail"]
    told = caller.get(f"{ADDRESS}/{foreign.reference}").json()["detail"]
    assert told == unknown.replace("INQ-999", foreign.reference)
    assert added(caller, foreign.reference, agent, FIRST).status_code == 404


def test_what_a_token_may_not_read_counts_as_not_held(agent: User) -> None:
    save_errors(error(1, sub_account=FOREIGN))

    (row,) = started(machine(sub_accounts=[OWN]), agent, FIRST).json()["evidence"]

    assert (row["held"], row["code"], row["sub_account"]) == (False, None, None)


def test_nobody_is_given_what_they_may_not_see(caller: Client, agent: User) -> None:
    save_errors(error(1, sub_account=FOREIGN))
    team = Team.objects.create(name="Philippines", sub_accounts=[OWN])
    other = User.objects.create_user("lena", role=Role.AGENT, team=team)
    inquiry = inquiry_of(agent, SECOND, sub_account=OWN)

    assert started(caller, other, FIRST).status_code == 400
    assert added(caller, inquiry.reference, other, FIRST).status_code == 400
    assert Inquiry.objects.get() == inquiry
    assert Evidence.objects.get().record_id == SECOND
    assert Notice.objects.count() == 0


def test_the_same_call_again_tells_no_token_what_people_added(agent: User) -> None:
    caller = machine(sub_accounts=[OWN])
    save_errors(error(1, sub_account=OWN), error(2, sub_account=FOREIGN))
    reference = started(caller, agent, FIRST).json()["inquiry"]["reference"]
    services.add(Inquiry.objects.get(), [Wanted(Named.ERROR, SECOND)], agent)

    again = started(caller, agent, FIRST)

    assert again.status_code == 409
    assert reference in again.json()["detail"]
    assert FOREIGN not in again.text


@many_writers
@pytest.mark.django_db(transaction=True)
def test_the_same_call_at_the_same_moment_starts_one(agent: User) -> None:
    save_errors(error(1))
    _, secret = issue_token(name="watcher", scopes=RIGHTS)

    def call() -> int:
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        status: int = started(client, agent, FIRST).status_code
        return status

    answers = together(*[call] * 4)

    assert sorted(answers) == [200, 200, 200, 201]
    assert (Inquiry.objects.count(), Notice.objects.count()) == (1, 1)


def test_one_piece_is_one_piece(caller: Client, agent: User) -> None:
    save_errors(error(1))
    started(caller, agent, FIRST)

    assert Inquiry.objects.get().history.get().detail == "API error, 1 piece of evidence"
