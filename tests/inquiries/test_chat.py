"""The team's chat is told how inquiries stand, and hinders none of them."""

import json
from typing import Any

import pytest
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core import webhooks
from support_portal.core.calls import ATTEMPTS, CallState
from support_portal.inquiries import chat, sending, tracking
from support_portal.inquiries.models import ChatCall, Inquiry, State, Way
from support_portal.inquiries.tasks import call_chat
from tests.conftest import ClientFor
from tests.inquiries.rows import FIRST, inquiry_of

ADDRESS = "https://hooks.example.com/services/1"


@pytest.fixture(autouse=True)
def _chat(settings: Any) -> None:
    settings.INQUIRY_CHAT, settings.ADDRESS = ADDRESS, "https://portal.example.com"
    settings.WEBHOOK_HOSTS = ["hooks.example.com"]


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, str]]:
    """Return what is posted, each with its address and secret."""
    made: list[tuple[str, Any, str]] = []

    def post(address: str, body: bytes, secret: str) -> int:
        made.append((address, json.loads(body), secret))
        return 200

    monkeypatch.setattr(webhooks, "post", post)
    return made


def texts() -> list[str]:
    return [each.body["text"] for each in ChatCall.objects.order_by("id")]


def solved(inquiry: Inquiry, person: User) -> None:
    now = Inquiry.objects.get(pk=inquiry.pk)
    said = {"state": State.SOLVED, "cause": "a secret cause"}
    tracking.track(now, said, person, base=now.version)


def test_each_change_of_state_is_told_once(agent: User, posted: list[tuple[str, Any, str]]) -> None:
    inquiry = inquiry_of(agent, FIRST)
    sending.send(inquiry, Way.COPY, agent)
    tracking.answer(inquiry, "Fixed.", agent)
    tracking.answer(inquiry, "Really.", agent)
    solved(inquiry, agent)

    link = f"<https://portal.example.com/inquiries/{inquiry.pk}/|{inquiry.reference}>"
    assert texts() == [
        f"{link} was sent to 8x8 by agent",
        f"{link} was answered by 8x8",
        f"{link} was solved by agent",
    ]
    assert "secret" not in "".join(texts())
    call_chat()
    call_chat()
    assert [each[0] for each in posted] == [ADDRESS] * 3
    assert {each[2] for each in posted} == {chat.secret()}
    assert not ChatCall.objects.exclude(state=CallState.DONE).exists()


def test_a_draft_that_comes_back_is_told(agent: User) -> None:
    letter = sending.send(inquiry_of(agent, FIRST), Way.COPY, agent)
    sending.withdraw(letter, agent)

    assert texts()[-1].endswith("is a draft again, by agent")


def test_names_are_no_links_and_call_nobody(agent: User) -> None:
    agent.first_name, agent.last_name = "<!channel>", "<https://evil.test|A&B>\n@here"
    agent.save()
    sending.send(inquiry_of(agent, FIRST), Way.COPY, agent)

    (text,) = texts()
    told = text.partition("|INQ-")[2].partition(">")[2]
    assert "&lt;!channel&gt; &lt;https://evil.test|A&amp;B&gt; @here" in told
    assert not {"<", ">", "\n"} & set(told)


def test_without_a_chat_nothing_is_left(agent: User, settings: Any) -> None:
    settings.INQUIRY_CHAT = ""
    sending.send(inquiry_of(agent, FIRST), Way.COPY, agent)

    assert texts() == []


def test_what_did_not_happen_is_not_told(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    inquiry = inquiry_of(agent, FIRST)
    monkeypatch.setattr("support_portal.inquiries.sending.following.tell", die)
    with pytest.raises(KeyboardInterrupt):
        sending.send(inquiry, Way.COPY, agent)

    assert texts() == []


@pytest.mark.parametrize(
    ("error", "tries"),
    [(webhooks.Unanswered("It answered 500."), ATTEMPTS), (webhooks.Refused("Not named."), 1)],
)
def test_a_chat_that_fails_is_shown_to_leads_and_hinders_nothing(
    agent: User,
    lead: User,
    client_for: ClientFor,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    tries: int,
) -> None:
    def post(*_: object) -> int:
        raise error

    monkeypatch.setattr(webhooks, "post", post)
    sending.send(inquiry_of(agent, FIRST), Way.COPY, agent)

    for _ in range(ATTEMPTS):
        chat.call_all(max(timezone.now(), ChatCall.objects.get().due_at), 60)

    call = ChatCall.objects.get()
    assert (call.state, call.attempts, Inquiry.objects.get().state) == (
        CallState.FAILED,
        tries,
        State.SENT,
    )
    assert str(error) in client_for(lead).get("/inquiries/").content.decode()
    assert str(error) not in client_for(agent).get("/inquiries/").content.decode()


def test_the_secret_is_shown_to_administrators(
    lead: User, administrator: User, client_for: ClientFor
) -> None:
    shown = [
        chat.secret() in client_for(each).get("/inquiries/").content.decode()
        for each in (lead, administrator)
    ]

    assert shown == [False, True]
