"""Comments for machines: read as they were typed, said once, on every kind of record, and never as a colleague."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.test import Client

from support_portal.accounts.models import User
from support_portal.accounts.services import issue_token
from support_portal.api.comments import CommentAnswer, CommentsAnswer
from support_portal.comments import services
from support_portal.comments.models import Comment
from support_portal.inquiries import services as inquiries
from support_portal.lookup.subjects import anywhere
from support_portal.notices.models import Notice
from support_portal.notices.subjects import Subject
from tests.dashboard.reading import page
from tests.dashboard.rows import ERROR_ID, NOON, UMID, error, message, save_errors, save_messages
from tests.dashboard.test_incidents import an_incident
from tests.together import many_writers, together

ADDRESS = "/api/v1/comments"
RIGHTS = ["comments:read", "comments:write"]
FOREIGN = "northwind_id_lastmile"
HOSTILE = '<script>alert(1)</script> & "it\'s" \u202e @agent http://x.test/?a=1&b=2'


def machine(name: str = "watcher", scopes: list[str] = RIGHTS, **values: Any) -> Client:
    _, secret = issue_token(name=name, scopes=scopes, **values)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def caller(db: None) -> Client:
    return machine()


def said(caller: Client, about: dict[str, str], call: str = "one", **values: Any) -> Any:
    body = about | {"author": "Desk bot", "body": "Seen."} | values
    return caller.post(ADDRESS, body, "application/json", headers={"Idempotency-Key": call})


@pytest.fixture
def records(agent: User) -> dict[str, str]:
    """Return the key of a record of every kind."""
    save_errors(error())
    save_messages(message(umid=UMID))
    incident = an_incident(began_at=NOON - timedelta(hours=1))
    return {
        "error": str(ERROR_ID),
        "message": str(UMID),
        "incident": str(incident.id),
        "code": "api_error/1300",
        "inquiry": str(inquiries.start(agent, []).pk),
    }


AN_ERROR = {"kind": "error", "key": str(ERROR_ID)}


@pytest.mark.parametrize("kind", ["error", "message", "incident", "code", "inquiry"])
def test_every_kind_of_record_is_commented_and_read(
    caller: Client, records: dict[str, str], kind: str
) -> None:
    about = {"kind": kind, "key": records[kind]}

    response = said(caller, about, body=HOSTILE)
    answer = caller.get(ADDRESS, about).json()

    assert response.status_code == 201
    msgspec.convert(response.json(), CommentAnswer)
    msgspec.convert(answer, CommentsAnswer)
    assert answer["comments"] == [response.json()["comment"]]
    (comment,) = answer["comments"]
    assert (comment["body"], comment["author"], comment["foreign"]) == (HOSTILE, "Desk bot", True)
    assert (comment["source"], comment["mentions"]) == ("the token watcher", [])


@pytest.mark.parametrize(
    "text",
    ["&lt;b&gt;", "<b>", "a\x00b", "\\u0041", "\u2028\u202e", "😀", " 東京\r\n x "],
)
def test_texts_come_back_as_they_were_kept(caller: Client, text: str) -> None:
    save_errors(error())

    assert said(caller, AN_ERROR, body=text).json()["comment"]["body"] == services.checked(text)


def test_what_colleagues_say_is_read_and_foreign_words_are_marked_on_the_page(
    caller: Client, agent: User, agent_client: Client
) -> None:
    save_errors(error())
    about = subject()
    mine = services.say(about, "@agent look", agent)
    gone = services.say(about, "secret", agent)
    services.take_back(gone, agent)
    said(caller, AN_ERROR, body=HOSTILE, reply_to=mine.pk)

    foreign, taken, own = caller.get(ADDRESS, AN_ERROR).json()["comments"]
    assert (own["author"], own["foreign"], own["mentions"]) == ("agent", False, ["agent"])
    assert (taken["body"], taken["gone_at"] is None) == ("", False)
    assert foreign["reply_to"] == mine.pk
    html = page(agent_client.get(f"/errors/{ERROR_ID}/"))
    assert "the token watcher" in html
    assert "<script>alert(1)" not in html


def subject() -> Subject:
    found = anywhere("error", str(ERROR_ID))
    assert found is not None
    return found


def test_who_follows_is_told_and_nobody_is_called(caller: Client, agent: User, lead: User) -> None:
    save_errors(error())
    services.telling.follow(subject(), agent, wanted=True)

    said(caller, AN_ERROR, body="@lead look")

    assert [each.user for each in Notice.objects.all()] == [agent]


def test_the_same_call_again_says_nothing_more(caller: Client, agent: User) -> None:
    save_errors(error())
    services.telling.follow(subject(), agent, wanted=True)
    first, again = said(caller, AN_ERROR), said(caller, AN_ERROR)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (Comment.objects.count(), Notice.objects.count()) == (1, 1)
    assert said(caller, AN_ERROR, body="Else.").status_code == 422
    assert said(caller, AN_ERROR, author="Else").status_code == 422
    assert said(caller, AN_ERROR, call="two").status_code == 201
    assert said(machine("other"), AN_ERROR).status_code == 201


def test_a_call_whose_comment_was_taken_back_says_nothing_again(caller: Client, lead: User) -> None:
    save_errors(error())
    said(caller, AN_ERROR)
    services.take_back(Comment.objects.get(), lead, why="no")

    again = said(caller, AN_ERROR)

    assert (again.status_code, again.json()["comment"]["body"]) == (200, "")


def test_a_call_is_answered_again_when_what_it_answers_was_taken_back(
    caller: Client, agent: User
) -> None:
    save_errors(error())
    asked = services.say(subject(), "Seen?", agent)
    first = said(caller, AN_ERROR, reply_to=asked.pk)
    services.take_back(asked, agent)

    again = said(caller, AN_ERROR, reply_to=asked.pk)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert said(caller, AN_ERROR, call="two", reply_to=asked.pk).status_code == 400
    assert said(caller, AN_ERROR).status_code == 422
    assert Comment.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"key": str(UUID(int=9))}, 404),
        ({"key": "nonsense"}, 404),
        ({"kind": "group", "key": "1"}, 400),
        ({"kind": "code", "key": "api_error/x"}, 404),
        ({"body": " \n"}, 400),
        ({"body": "x" * 10_001}, 400),
        ({"author": ""}, 400),
        ({"author": "  "}, 400),
        ({"author": "a\x00b"}, 400),
        ({"author": "x" * 151}, 400),
        ({"reply_to": 4}, 400),
        ({"reply_to": 2**70}, 400),
        ({"body": 4}, 400),
    ],
)
def test_what_cannot_be_said_is_refused(
    caller: Client, values: dict[str, Any], status: int
) -> None:
    save_errors(error())

    response = said(caller, AN_ERROR, **values)

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert Comment.objects.count() == 0


def test_a_call_needs_a_name_of_its_own(caller: Client) -> None:
    save_errors(error())

    assert said(caller, AN_ERROR, call="two words").status_code == 400


def test_a_token_learns_and_says_nothing_of_what_it_may_not_read(agent: User) -> None:
    save_errors(error(sub_account=FOREIGN))
    services.say(subject(), "ours", agent)
    narrow = machine(sub_accounts=["northwind_ph_hq"])

    assert narrow.get(ADDRESS, AN_ERROR).status_code == 404
    assert said(narrow, AN_ERROR).status_code == 404
    assert machine("wide").get(ADDRESS, AN_ERROR).status_code == 200


def test_reading_and_saying_are_rights_of_their_own(db: None) -> None:
    save_errors(error())
    reader, writer = machine("r", RIGHTS[:1]), machine("w", RIGHTS[1:])

    assert (reader.get(ADDRESS, AN_ERROR).status_code, said(reader, AN_ERROR).status_code) == (
        200,
        403,
    )
    assert (writer.get(ADDRESS, AN_ERROR).status_code, said(writer, AN_ERROR).status_code) == (
        403,
        201,
    )
    assert Client().get(ADDRESS, AN_ERROR).status_code == 401


def test_pages_hold_every_comment_once(caller: Client, agent: User) -> None:
    save_errors(error())
    for number in range(5):
        services.say(subject(), f"{number}", agent)

    got: list[str] = []
    cursor = ""
    while cursor is not None:
        answer = caller.get(ADDRESS, AN_ERROR | {"limit": "2", "cursor": cursor}).json()
        got += [each["body"] for each in answer["comments"]]
        cursor = answer["next"]

    assert got == ["4", "3", "2", "1", "0"]
    for wrong in ({"limit": "0"}, {"cursor": "x"}, {"page": "2"}):
        assert caller.get(ADDRESS, AN_ERROR | wrong).status_code == 400


@many_writers
@pytest.mark.django_db(transaction=True)
def test_the_same_call_at_the_same_moment_says_it_once(agent: User) -> None:
    save_errors(error())
    _, secret = issue_token(name="watcher", scopes=RIGHTS)

    def call() -> int:
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        status: int = said(client, AN_ERROR).status_code
        return status

    answers = together(*[call] * 4)

    assert sorted(answers) == [200, 200, 200, 201]
    assert Comment.objects.count() == 1
