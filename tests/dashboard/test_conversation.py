"""Comments on the pages: answering, editing, taking back, following; foreign ones; who may what."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Role, Team, User
from support_portal.comments.models import Comment, Following
from support_portal.comments.services import add_comment, say, take_back
from support_portal.dashboard.comment_text import Piece, blocks
from support_portal.inquiries.services import start
from support_portal.insights.models import Incident
from support_portal.lookup import subjects
from support_portal.notices.models import Notice
from tests.conftest import ClientFor
from tests.dashboard.reading import errors, links, notes, page, words
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, UMID, a_receipt, an_error, sent

ERROR = f"/errors/{ERROR_ID}/"
CODE = "/codes/api_error/1300/"
HTMX = {"HX-Request": "true"}
BY_ONE = {"subAccountId": "northwind_a"}


@pytest.fixture(autouse=True)
def _records(db: None) -> None:
    sent(an_error(**BY_ONE), a_receipt(message=BY_ONE))


@pytest.fixture
def elsewhere() -> User:
    """Return an agent of a team that sees another sub-account."""
    team = Team.objects.create(name="Elsewhere", sub_accounts=["northwind_b"])
    return User.objects.create_user("elsewhere", role=Role.AGENT, team=team)


def on_error(person: User, body: str, **more: Any) -> Comment:
    found = subjects.find("error", ERROR_ID, person)
    assert found
    return say(found, body, person, **more)


def an_incident() -> str:
    incident = Incident.objects.create(
        kind="error", code=1300, sub_account="northwind_a",
        began_at=timezone.now(), over_at=timezone.now(),
    )  # fmt: skip
    return f"/incidents/{incident.id}/"


def an_inquiry(author: User) -> str:
    return f"/inquiries/{start(author, []).pk}/"


def test_every_kind_of_record_is_talked_about(agent: User, agent_client: Client) -> None:
    for address in (ERROR, f"/messages/{UMID}/", CODE, an_incident(), an_inquiry(agent)):
        response = agent_client.post(address + "comments/", {"body": f"on {address}"})
        assert (response.status_code, response["Location"]) == (302, address + "#comments")
        assert f"on {address}" in words(page(agent_client.get(address)))
        refused = agent_client.post(address + "comments/", {"body": " "})
        assert (refused.status_code, errors(refused)) == (422, ["Write something first."])
    assert Comment.objects.count() == 5


def test_a_megabyte_is_refused_and_stays_in_the_box(agent_client: Client) -> None:
    body = "x" * 2**20

    response = agent_client.post(CODE + "comments/", {"body": body})

    assert (response.status_code, body in page(response)) == (422, True)
    assert errors(response) == [
        "That is 1,048,576 characters. A comment holds 10,000; split it in two."
    ]


def test_the_form_of_a_page_sent_twice_says_it_once(agent_client: Client) -> None:
    (form,) = re.findall(r'name="form" value="(\w+)"', page(agent_client.get(ERROR)))
    for _ in range(2):
        agent_client.post(ERROR + "comments/", {"body": "hello", "form": form})

    assert Comment.objects.count() == 1


def test_reply_quotes_the_comment_and_leads_to_it(
    agent: User, lead: User, agent_client: Client
) -> None:
    first = on_error(lead, "first line\nsecond <b>")
    (href,) = links(agent_client.get(ERROR), "Reply")

    form = page(agent_client.get(href.partition("#")[0]))
    assert "&gt; lead wrote:\n&gt; first line\n&gt; second &lt;b&gt;" in form
    assert f'name="reply_to" value="{first.pk}"' in form
    quoted = agent_client.get(f"/comments/{first.pk}/quote")
    assert (quoted["Content-Type"], quoted.content.decode()) == (
        "text/plain; charset=utf-8",
        "> lead wrote:\n> first line\n> second <b>\n\n",
    )

    body = quoted.content.decode() + "so it is"
    agent_client.post(ERROR + "comments/", {"body": body, "reply_to": first.pk})
    shown = agent_client.get(ERROR)
    assert links(shown, "answers") == [f"#comment-{first.pk}"]
    assert '<blockquote class="quoted"><p dir="auto">lead wrote:' in page(shown)
    assert Notice.objects.of(lead).get().title.startswith("agent answered you on errorId")


def test_only_a_comment_of_the_thread_is_answered(agent: User, agent_client: Client) -> None:
    other = add_comment(kind="code", key="api_error/1300", body="elsewhere")

    agent_client.post(ERROR + "comments/", {"body": "hello", "reply_to": other.pk})

    assert Comment.objects.latest("id").reply_to is None


def test_one_edits_ones_own_and_what_it_said_stays_readable(
    agent: User, agent_client: Client
) -> None:
    comment = on_error(agent, f"one {HOSTILE}")
    address = f"/comments/{comment.pk}/"
    assert links(agent_client.get(ERROR), "Edit") == [address + "edit"]
    assert SHOWN in page(agent_client.get(address + "edit"))

    saved = agent_client.post(address + "edit", {"body": "two", "base": 1})
    shown = agent_client.get(address)

    assert saved["Location"] == f"{ERROR}#comment-{comment.pk}"
    assert "edited" in words(page(agent_client.get(ERROR)))
    assert (HOSTILE in page(shown), SHOWN in page(shown)) == (False, True)


def test_of_two_edits_the_later_one_sees_what_changed_and_loses_nothing(
    agent: User, agent_client: Client
) -> None:
    address = f"/comments/{on_error(agent, 'one').pk}/edit"
    agent_client.post(address, {"body": "from the quicker", "base": 1})

    slower = agent_client.post(address, {"body": "from the slower", "base": 1})
    assert (slower.status_code, "from the quicker" in notes(slower)[0]) == (409, True)
    assert "from the slower</textarea>" in page(slower)
    assert 'name="base" value="2"' in page(slower)

    agent_client.post(address, {"body": "from the slower", "base": 2})
    assert Comment.objects.get().body == "from the slower"


def test_an_edit_of_what_was_removed_meanwhile_says_so_and_keeps_the_text(
    agent: User, lead: User, agent_client: Client
) -> None:
    comment = on_error(agent, "one")
    take_back(comment, lead, why="no passwords here")

    response = agent_client.post(f"/comments/{comment.pk}/edit", {"body": "mine", "base": 1})

    assert (response.status_code, "no passwords here" in notes(response)[0]) == (409, True)
    assert "mine</textarea>" in page(response)
    assert agent_client.get(f"/comments/{comment.pk}/edit").status_code == 302


@pytest.mark.parametrize(
    "form", [{"body": "", "base": 1}, {"body": "x"}, {"body": "x", "base": "a"}]
)
def test_a_bad_edit_is_refused(form: dict[str, Any], agent: User, agent_client: Client) -> None:
    address = f"/comments/{on_error(agent, 'one').pk}/edit"

    assert agent_client.post(address, form).status_code == 422
    assert Comment.objects.get().body == "one"


def test_what_its_author_deletes_leaves_a_line(agent: User, agent_client: Client) -> None:
    comment = on_error(agent, "my secret")

    assert "Delete your comment?" in words(
        page(agent_client.get(f"/comments/{comment.pk}/take-back"))
    )
    agent_client.post(f"/comments/{comment.pk}/take-back")

    html = page(agent_client.get(ERROR))
    assert ("Deleted by its author" in words(html), "my secret" in html) == (True, False)
    assert "1 comment" not in page(agent_client.get("/errors/?from=all"))


def test_a_lead_removes_with_a_reason(agent: User, lead: User, client_for: ClientFor) -> None:
    comment = on_error(agent, "their secret")
    client, address = client_for(lead), f"/comments/{comment.pk}/take-back"

    refused = client.post(address, {"why": " "})
    assert (refused.status_code, "Say why." in page(refused)) == (422, True)
    client.post(address, {"why": HOSTILE})

    html = page(client.get(ERROR))
    assert (f"Removed by lead: {SHOWN}" in html, "their secret" in html) == (True, False)


def test_others_neither_edit_nor_remove(agent: User, viewer: User, client_for: ClientFor) -> None:
    comment = on_error(agent, "one")
    colleague = User.objects.create_user("colleague", role=Role.AGENT, team=agent.team)

    for person, path in ((colleague, "edit"), (colleague, "take-back"), (viewer, "take-back")):
        form = {"body": "two", "base": 1, "why": "because"}
        assert client_for(person).post(f"/comments/{comment.pk}/{path}", form).status_code == 403
    assert Comment.objects.get().body == "one"


def test_a_comment_on_what_one_may_not_see_is_not_there(
    agent: User, elsewhere: User, client_for: ClientFor
) -> None:
    comment = on_error(agent, "one")
    client = client_for(elsewhere)
    named = {"kind": "error", "key": ERROR_ID, "follow": "yes"}

    for path in ("", "quote", "edit", "take-back"):
        assert client.get(f"/comments/{comment.pk}/{path}").status_code == 404
    assert client.post("/comments/follow", named).status_code == 404
    assert client.get("/comments/people", named).status_code == 404
    assert not Following.objects.filter(user=elsewhere).exists()


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"kind": "error", "key": "x\x00"},
        {"kind": "group", "key": "1"},
        {"kind": "inquiry", "key": "9" * 30},
        {"kind": "inquiry", "key": "٣"},
        {"kind": "code", "key": "api_error/"},
        {"kind": "code", "key": "api_error/" + "9" * 5000},
        {"kind": HOSTILE, "key": HOSTILE},
    ],
)
def test_what_is_no_record_is_not_followed(named: dict[str, str], agent_client: Client) -> None:
    assert agent_client.post("/comments/follow", named).status_code == 404


def test_colleagues_are_offered_who_may_see_the_record(
    elsewhere: User, lead: User, agent_client: Client
) -> None:
    def offered(beginning: str) -> list[str]:
        asked = {"kind": "error", "key": ERROR_ID, "q": beginning}
        found = json.loads(agent_client.get("/comments/people", asked).content)
        return [each["name"] for each in found["people"]]

    assert (offered("le"), offered("else"), offered("\x00")) == (["lead"], [], ["agent", "lead"])


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_thread_is_followed_and_let_go(headers: dict[str, str], agent_client: Client) -> None:
    named = {"kind": "error", "key": ERROR_ID}
    agent_client.post("/comments/follow", named | {"follow": "yes"}, headers=headers)
    assert "Unsubscribe" in page(agent_client.get(ERROR))

    agent_client.post("/comments/follow", named | {"follow": "no"}, headers=headers)
    assert "Unsubscribe" not in page(agent_client.get(ERROR))


def test_writing_follows_the_thread(agent_client: Client) -> None:
    agent_client.post(ERROR + "comments/", {"body": "hello"})

    assert "Unsubscribe" in page(agent_client.get(ERROR))


def test_who_is_called_stands_out_and_is_escaped(
    agent: User, lead: User, agent_client: Client
) -> None:
    on_error(agent, f"@lead. @nobody {HOSTILE}")

    html = page(agent_client.get(ERROR))

    assert '<strong class="called">@lead</strong>. @nobody' in html
    assert HOSTILE not in html


def test_an_imported_comment_says_whose_words_they_are_not(agent_client: Client) -> None:
    add_comment(kind="error", key=ERROR_ID, body="it fails", author_name="Jo", source="Desk 12")

    text = words(page(agent_client.get(ERROR)))

    assert "Imported, not written by a colleague" in text
    assert "Desk 12" in text


def test_hostile_words_are_text_in_bell_title_and_lists(
    agent: User, lead: User, client_for: ClientFor
) -> None:
    User.objects.filter(pk=agent.pk).update(first_name=HOSTILE)
    comment = on_error(User.objects.get(pk=agent.pk), f"@lead {HOSTILE}")
    client = client_for(lead)

    for address in (
        "/notices/",
        ERROR,
        f"/comments/{comment.pk}/",
        f"/comments/{comment.pk}/take-back",
    ):
        html = page(client.get(address))
        assert (HOSTILE in html, SHOWN in html) == (False, True)


def test_blocks_part_what_is_quoted_and_call_nobody_in_it() -> None:
    found = blocks("> @ana said\n>  x\nyes @ana!", ["ana"])

    assert [(block.quoted, block.paragraphs) for block in found] == [
        (True, (((Piece("@ana said"),), (Piece(" x"),)),)),
        (False, (((Piece("yes "), Piece("@ana", called=True), Piece("!")),),)),
    ]


@pytest.mark.parametrize(("when", "kept"), [("daily", "daily"), ("x", "at_once"), ("", "at_once")])
def test_a_person_chooses_when_words_of_colleagues_are_mailed(
    when: str, kept: str, agent: User, agent_client: Client
) -> None:
    response = agent_client.post("/notices/talk-mail", {"when": when})

    agent.refresh_from_db()
    assert (response["Location"], agent.talk_mail) == ("/notices/", kept)
