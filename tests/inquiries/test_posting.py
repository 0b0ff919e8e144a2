"""Letters by SMTP: exactly once, or it is said that nobody can know."""

import email
import ssl
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.inquiries import posting, sending, tracking
from support_portal.inquiries.models import Inquiry, Letter, State, Way
from support_portal.inquiries.posting import ATTEMPTS, CLAIM, post_next
from support_portal.inquiries.sending import NotPossible
from support_portal.inquiries.tasks import post
from support_portal.inquiries.ways import smtp
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


def a_certificate_of_nobody(folder: Path) -> ssl.SSLContext:
    """Return what a server speaks TLS with when nobody vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOON - timedelta(days=1))
        .not_valid_after(NOON + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


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
        (Server(end="421 closing"), "421 closing"),
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


def test_no_letter_goes_to_a_server_that_nobody_vouches_for(
    letter: Letter, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_USE_SSL = True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "a password"
    with running(Server(), a_certificate_of_nobody(tmp_path)) as server:
        settings.EMAIL_PORT = server.port
        assert post_next(timezone.now())

    assert (server.said, server.taken) == ([], [])
    assert "certificate verify failed" in stands(letter)[2]


def test_a_letter_that_waits_goes_to_nobody_who_was_taken_out_of_the_settings(
    letter: Letter, settings: Any
) -> None:
    settings.INQUIRY_RECIPIENTS = ["else@8x8.example"]
    server = Server()
    sent_to(server, settings)

    assert server.said == []
    assert stands(letter) == ("failed", 1, "No letter may go to cpaas-support@8x8.com any more.")


def test_a_letter_that_was_changed_since_it_was_frozen_stays_here(
    letter: Letter, settings: Any
) -> None:
    Letter.objects.update(text="else")
    server = Server()
    sent_to(server, settings)

    assert server.said == []
    assert stands(letter) == ("failed", 1, "It was changed after it was frozen.")


def test_an_answer_that_says_nothing_leaves_it_to_a_person(letter: Letter, settings: Any) -> None:
    sent_to(Server(end="what was that"), settings)

    assert stands(letter)[0] == "unknown"


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
    posting._passes(claimed, timezone.now())

    assert not post_next(timezone.now() + CLAIM)

    assert stands(letter)[:2] == ("unknown", 1)
    assert last_said(letter) == "mail unknown"


def test_a_letter_that_every_worker_dies_of_is_given_up(
    letter: Letter, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: Letter) -> None:
        raise ValueError("no mail can be made of it")

    monkeypatch.setattr(smtp, "message", breaks)
    server = Server()
    for number in range(ATTEMPTS):
        with pytest.raises(ValueError, match="no mail"):
            sent_to(server, settings, seconds=number * CLAIM.total_seconds())
        assert stands(letter)[:2] == ("trying", number + 1)

    assert not sent_to(server, settings, seconds=ATTEMPTS * CLAIM.total_seconds())
    assert stands(letter)[:2] == ("failed", ATTEMPTS)
    assert server.talks == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_a_letter_that_is_taken_back_at_that_moment_is_not_claimed(letter: Letter) -> None:
    with CaptureQueriesContext(connection) as asked:
        posting._claim(timezone.now())

    (read,) = [each["sql"] for each in asked if "ORDER BY" in each["sql"]]
    assert read.endswith("FOR UPDATE")


def test_a_letter_whose_inquiry_went_on_is_not_sent_again(
    letter: Letter, settings: Any, agent: User
) -> None:
    sent_to(Server(rcpt="550 no such user"), settings)
    inquiry = Inquiry.objects.get()
    said = {"state": State.DRAFT, "ticket": "", "due_on": None, "cause": "", "fix": ""}
    tracking.track(inquiry, said, agent, base=inquiry.version)
    with pytest.raises(NotPossible, match="went on"):
        sending.again(letter, agent)
    later = sending.send(Inquiry.objects.get(), Way.EML, agent)

    for act in (sending.again, sending.withdraw):
        with pytest.raises(NotPossible, match="later letter"):
            act(letter, agent)
    sending.withdraw(later, agent)
    assert stands(letter)[0] == "failed"


def test_a_worker_that_was_overtaken_hands_nothing_over(letter: Letter, settings: Any) -> None:
    slow = posting._claim(timezone.now())
    assert slow is not None
    assert posting._claim(timezone.now() + CLAIM) is not None
    server = Server()
    with running(server):
        settings.EMAIL_PORT = server.port
        with pytest.raises(posting.NotTaken, match="Another worker"):
            posting.hand_over(slow, partial(posting._passes, slow, timezone.now()))

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
