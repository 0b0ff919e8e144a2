"""Letters by SMTP: exactly once, or it is said that nobody can know."""

import email
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.inquiries import posting, sending
from support_portal.inquiries.models import Inquiry, Letter, Passage, Way
from support_portal.inquiries.posting import ATTEMPTS, CLAIM, post_next
from support_portal.inquiries.sending import NotPossible
from support_portal.inquiries.tasks import post
from tests.dashboard.rows import NOON
from tests.inquiries.rows import FIRST, inquiry_of
from tests.inquiries.smtp_server import Server, running


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> Iterator[None]:
    settings.MAIL_ON = True
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.3
    settings.EMAIL_HOST_USER, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "", False, False
    settings.INQUIRY_SENDER = "Jürgen <support@northwind.example>"
    settings.INQUIRY_ENVELOPE = "support@northwind.example"
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def letter(agent: User) -> Letter:
    return sending.send(inquiry_of(agent, FIRST), Way.SMTP, agent)


def sent_to(server: Server, settings: Any, **later: timedelta) -> bool:
    """Let the worker look once while the server listens."""
    with running(server):
        settings.EMAIL_PORT = server.port
        return post_next(timezone.now() + timedelta(**later))


def stands(letter: Letter) -> tuple[str, int, str]:
    letter.refresh_from_db()
    return letter.state, letter.attempts, letter.problem


def last_said(letter: Letter) -> str:
    return letter.inquiry.history.order_by("-id")[0].what


def test_a_letter_is_handed_over_once(letter: Letter, settings: Any) -> None:
    server = Server()

    assert sent_to(server, settings)
    assert not sent_to(server, settings, days=1)

    assert stands(letter) == ("sent", 1, "")
    assert [line for line in server.said if line.startswith(("mail", "rcpt"))] == [
        "mail FROM:<support@northwind.example>",
        "rcpt TO:<cpaas-support@8x8.com>",
    ]
    (content,) = server.taken
    mail = email.message_from_bytes(content, policy=policy.default)
    assert mail["Message-ID"] == letter.message_id
    assert mail["From"] == "Jürgen <support@northwind.example>"
    assert last_said(letter) == "mail sent"


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        (Server(greeting="421 too busy"), "The mail server cannot be talked to: 421 too busy"),
        (Server(greeting=""), "The mail server cannot be talked to: "),
        (Server(greeting=None), "The mail server cannot be talked to: "),
        (Server(mail="451 later"), "451 later"),
        (Server(rcpt="450 grey list"), "450 grey list"),
        (Server(rcpt=""), "The mail server broke off before it got the letter: "),
        (Server(data=None), "The mail server broke off before it got the letter: "),
        (Server(data="250 what"), "250 what"),
        (Server(end="452 disk full"), "452 disk full"),
    ],
)
def test_what_was_certainly_not_taken_is_tried_again(
    server: Server, problem: str, letter: Letter, settings: Any
) -> None:
    assert sent_to(server, settings)

    state, attempts, said = stands(letter)
    assert (state, attempts) == ("waiting", 1)
    assert said.startswith(problem)
    assert not post_next(timezone.now() + timedelta(seconds=59))
    assert sent_to(Server(), settings, seconds=60)
    assert stands(letter) == ("sent", 2, "")


def test_a_server_that_is_not_there_is_tried_until_it_is_given_up(
    letter: Letter, settings: Any
) -> None:
    with running(Server()) as server:
        settings.EMAIL_PORT = server.port

    for day in range(1, ATTEMPTS + 1):
        assert post_next(timezone.now() + timedelta(days=day))

    state, attempts, problem = stands(letter)
    assert (state, attempts) == ("failed", ATTEMPTS)
    assert problem.startswith("The mail server cannot be talked to: ")
    assert not post_next(timezone.now() + timedelta(days=99))


@pytest.mark.parametrize("server", [Server(rcpt="550 no such user"), Server(end="554 spam")])
def test_what_is_refused_for_good_is_not_tried_again(
    server: Server, letter: Letter, settings: Any, agent: User
) -> None:
    sent_to(server, settings)
    assert stands(letter)[:2] == ("failed", 1)
    assert last_said(letter) == "mail failed"

    sending.again(letter, agent)
    sent_to(Server(), settings)
    assert stands(letter) == ("sent", 1, "")


@pytest.mark.parametrize("end", ["", None], ids=["drops", "stalls"])
def test_a_letter_that_was_handed_over_without_a_word_is_not_sent_twice(
    end: str | None, letter: Letter, settings: Any, agent: User
) -> None:
    server = Server(end=end)
    sent_to(server, settings)

    assert len(server.taken) == 1
    state, attempts, problem = stands(letter)
    assert (state, attempts) == ("unknown", 1)
    assert problem.startswith("The mail server got the letter and did not say whether it took it")
    assert not post_next(timezone.now() + timedelta(days=1))
    sending.confirm(letter, agent)
    assert stands(letter)[0] == "sent"
    with pytest.raises(NotPossible):
        sending.again(letter, agent)


def test_who_sends_it_again_knowingly_sends_the_same_message_id(
    letter: Letter, settings: Any, agent: User
) -> None:
    first, second = Server(end=""), Server()
    sent_to(first, settings)
    sending.again(letter, agent)
    sent_to(second, settings)

    assert first.taken == second.taken
    assert stands(letter)[0] == "sent"


def test_a_worker_that_dies_before_the_letter_was_handed_over_is_followed_by_another(
    letter: Letter, settings: Any
) -> None:
    posting._claim(timezone.now())

    assert not post_next(timezone.now() + CLAIM - timedelta(seconds=1))
    sent_to(Server(), settings, seconds=CLAIM.total_seconds())
    assert stands(letter) == ("sent", 2, "")


def test_a_worker_that_dies_while_handing_over_leaves_it_to_a_person(letter: Letter) -> None:
    claimed = posting._claim(timezone.now())
    assert claimed is not None
    posting._passes(claimed, Passage.HANDING)

    assert not post_next(timezone.now() + CLAIM)

    assert stands(letter)[:2] == ("unknown", 1)
    assert last_said(letter) == "mail unknown"


def test_a_worker_that_was_overtaken_hands_nothing_over(letter: Letter, settings: Any) -> None:
    slow = posting._claim(timezone.now())
    assert slow is not None
    assert posting._claim(timezone.now() + CLAIM) is not None
    server = Server()
    with running(server):
        settings.EMAIL_PORT = server.port
        with pytest.raises(posting.NotTaken, match="Another worker"):
            posting.hand_over(slow, lambda: posting._passes(slow, Passage.HANDING))

    assert server.taken == []


def test_a_database_that_dies_after_the_yes_makes_no_second_letter(
    letter: Letter, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise RuntimeError("gone")

    server = Server()
    with monkeypatch.context() as patch:
        patch.setattr(posting, "_ends", dies)
        with pytest.raises(RuntimeError):
            sent_to(server, settings)
    assert not post_next(timezone.now() + CLAIM)

    assert len(server.taken) == 1
    assert stands(letter)[0] == "unknown"


def test_the_task_sends_all_that_is_due(letter: Letter, settings: Any) -> None:
    with running(Server()) as server:
        settings.EMAIL_PORT = server.port
        post()

    assert stands(letter)[0] == "sent"


def test_a_letter_that_waits_may_become_a_draft_again(letter: Letter, agent: User) -> None:
    sending.withdraw(letter, agent)

    assert stands(letter)[0] == "withdrawn"
    assert Inquiry.objects.get().is_draft
    assert not post_next(timezone.now() + timedelta(days=1))
    with pytest.raises(NotPossible):
        sending.withdraw(letter, agent)


def test_without_a_mail_server_none_is_promised(agent: User, settings: Any) -> None:
    settings.MAIL_ON = False

    with pytest.raises(NotPossible, match="No mail server"):
        sending.send(inquiry_of(agent, FIRST), Way.SMTP, agent)
    assert Letter.objects.count() == 0
