"""Notices by mail, handed to a real SMTP server on this machine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from support_portal.accounts.models import User
from support_portal.notices import mail, services
from support_portal.notices.models import Notice
from support_portal.notices.services import tell
from support_portal.notices.tasks import send_mail
from tests.notices.mailbox import Mailbox, listening
from tests.notices.told import news
from tests.processes import free_port

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """Return a mail server that the settings name."""
    with listening() as box:
        settings.MAIL_ON = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_PORT = box.port
        settings.EMAIL_HOST = "127.0.0.1"
        settings.DEFAULT_FROM_EMAIL = "portal@example.com"
        settings.ADDRESS = "https://portal.example.com"
        yield box


@pytest.fixture
def ana(agent: User) -> User:
    """Return an agent with a mail address."""
    agent.email = "ana@example.com"
    agent.save()
    return agent


def due() -> list[datetime | None]:
    return list(Notice.objects.order_by("id").values_list("mail_due_at", flat=True))


def test_a_notice_is_mailed_once(mailbox: Mailbox, ana: User) -> None:
    tell([news(ana, "errorId 1 has arrived")], NOW)
    notice = Notice.objects.get()

    assert [mail.send_next(NOW), mail.send_next(NOW)] == [True, False]

    (got,) = mailbox.mails
    assert (mailbox.recipients, got["From"], got["To"], got["Subject"]) == (
        ["ana@example.com"],
        "portal@example.com",
        "ana@example.com",
        "errorId 1 has arrived",
    )
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content().replace("\r\n", "\n") == (
        f"errorId 1 has arrived\nhttps://portal.example.com/notices/{notice.id}/\n\n"
        "You asked the Support Portal for this."
        " Switch it off at https://portal.example.com/notices/\n"
    )


def test_what_is_due_for_one_person_comes_in_one_mail(
    mailbox: Mailbox, ana: User, lead: User
) -> None:
    lead.email = "lee@example.com"
    lead.save()
    tell([news(ana, f"News {number}", once=f"news {number}") for number in range(60)], NOW)
    tell([news(lead)], NOW + MINUTE)

    sent = [mail.send_next(NOW + MINUTE) for _ in range(4)]

    assert sent == [True, True, True, False]
    assert [(got["To"], got["Subject"]) for got in mailbox.mails] == [
        ("ana@example.com", "News 0 (and 49 more)"),
        ("ana@example.com", "News 50 (and 9 more)"),
        ("lee@example.com", "It has arrived"),
    ]


@pytest.mark.parametrize(
    "title",
    [
        "a\r\nBcc: eve@example.com",
        "a\nTo: eve@example.com\n\nbody",
        "a\x0bb\u2028Cc: e@example.com",
    ],
)
def test_no_title_adds_a_header(mailbox: Mailbox, ana: User, title: str) -> None:
    tell([news(ana, title)], NOW)

    mail.send_next(NOW)

    (got,) = mailbox.mails
    assert (mailbox.recipients, got["Bcc"], got["Cc"], got["To"]) == (
        ["ana@example.com"],
        None,
        None,
        "ana@example.com",
    )
    assert "eve@example.com" not in str(got["Subject"]) or got["Subject"].startswith("a ")


def test_a_title_longer_than_a_line_and_in_another_script_arrives_whole(
    mailbox: Mailbox, ana: User
) -> None:
    title = "clientMessageId " + "لم يصل شيء " * 8

    tell([news(ana, title)], NOW)
    mail.send_next(NOW)

    assert mailbox.mails[0]["Subject"].strip() == title.strip()  # folding adds a blank


def test_an_address_that_is_none_is_given_up_without_a_crash(mailbox: Mailbox, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(email="ana@example.com\r\nBcc: eve@example.com")
    tell([news(ana)], NOW)

    for attempt in range(mail.ATTEMPTS):
        mail.send_next(NOW + attempt * timedelta(days=1))

    assert (mailbox.recipients, due()) == ([], [None])


def test_a_refused_mail_is_tried_again_later_and_then_given_up(mailbox: Mailbox, ana: User) -> None:
    mailbox.refusals = [b"450 the mailbox is busy"] * mail.ATTEMPTS
    tell([news(ana)], NOW)
    tries = []

    while (moment := due()[0]) is not None:
        tries.append((moment - NOW) / MINUTE)
        mail.send_next(moment)

    assert tries == [0, 1, 3, 7, 15, 31, 63]
    notice = Notice.objects.get()
    assert (notice.mailed_at, "the mailbox is busy" in notice.mail_problem) == (None, True)


def test_a_mail_that_was_refused_once_goes_the_second_time(mailbox: Mailbox, ana: User) -> None:
    mailbox.refusals = [b"450 the mailbox is busy"]
    tell([news(ana)], NOW)

    sent = [mail.send_next(NOW), mail.send_next(NOW), mail.send_next(NOW + MINUTE)]

    notice = Notice.objects.get()
    assert (sent, len(mailbox.mails), notice.mail_problem) == ([False, False, True], 1, "")


def test_a_server_that_is_away_lets_everybody_wait(
    mailbox: Mailbox, ana: User, lead: User, settings: Settings
) -> None:
    settings.EMAIL_PORT = free_port()
    lead.email = "lee@example.com"
    lead.save()
    tell([news(ana), news(lead)], NOW)

    assert mail.send_next(NOW) is False

    assert due() == [NOW + MINUTE, NOW + MINUTE]


def test_a_worker_that_dies_while_sending_leaves_it_to_the_next_attempt(
    mailbox: Mailbox, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell([news(ana)], NOW)
    with monkeypatch.context() as patched:
        patched.setattr(mail, "_message", _die)
        with pytest.raises(KeyboardInterrupt):
            mail.send_next(NOW)

    assert [mail.send_next(NOW), mail.send_next(NOW + MINUTE)] == [False, True]


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_was_switched_off_meanwhile_is_not_sent(mailbox: Mailbox, ana: User) -> None:
    tell([news(ana)], NOW)
    services.choose_mail(ana, wanted=False)

    assert (mail.send_next(NOW), mailbox.raw) == (False, [])


def test_the_task_sends_until_nothing_is_due(mailbox: Mailbox, ana: User, lead: User) -> None:
    lead.email = "lee@example.com"
    lead.save()
    tell([news(ana), news(lead)], NOW)

    send_mail()

    assert sorted(mailbox.recipients) == ["ana@example.com", "lee@example.com"]


def test_a_mail_says_that_more_come_in_another(mailbox: Mailbox, ana: User) -> None:
    tell(
        [news(ana, f"News {number}", once=f"{number}") for number in range(mail.MOST_IN_ONE + 2)],
        NOW,
    )
    first = mail._claim(NOW)
    assert "2 more come in another mail." in mail._message(first, mail._left(first, NOW)).body

    last = mail._claim(NOW)
    assert "another mail" not in mail._message(last, mail._left(last, NOW)).body
