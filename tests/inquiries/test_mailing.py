"""Frozen letters as mails: what a mail parser makes of them, and nothing else."""

import email
import json
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from support_portal.accounts.models import User
from support_portal.core.text import kept
from support_portal.inquiries import gate, mailing, sending, services
from support_portal.inquiries.letter_of import samples_of
from support_portal.inquiries.models import Inquiry, Letter, Passage, Way
from tests.dashboard.hostile import HOSTILE
from tests.dashboard.rows import NOON
from tests.inquiries.rows import FIRST, SECOND, inquiry_of

HEADERS = ["From", "To", "Subject", "Date", "Message-ID"]


@pytest.fixture(autouse=True)
def _soon_after_noon(settings: Any) -> Iterator[None]:
    settings.INQUIRY_SENDER = "support@northwind.example"
    with time_machine.travel(NOON + timedelta(hours=1)):
        yield


def parsed(letter: Letter) -> EmailMessage:
    found = email.message_from_bytes(mailing.eml(letter), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_an_eml_opens_with_its_text_and_two_files(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST, SECOND)
    inquiry = services.save(inquiry, {"body": "Grüße aus 東京 – naïve\n.\nlast"}, agent, base=1)
    letter = sending.send(inquiry, Way.EML, agent)

    mail = parsed(letter)
    body = mail.get_body(("plain",))
    files = {part.get_filename(): part for part in mail.iter_attachments()}

    assert mail["Subject"] == f"[{inquiry.reference}] {inquiry.subject}"
    assert (mail["To"], mail["From"]) == ("cpaas-support@8x8.com", "support@northwind.example")
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == letter.text
    assert "Grüße aus 東京 – naïve\n.\nlast" in letter.text
    assert list(files) == ["evidence.csv", "evidence.ndjson"]
    assert files["evidence.csv"].get_content().splitlines()[0].startswith("errorId,umid,")
    lines = files["evidence.ndjson"].get_content().decode().splitlines()
    assert [json.loads(line)["errorId"] for line in lines] == [str(FIRST), str(SECOND)]
    assert not mail.defects


def test_the_same_letter_is_the_same_bytes_for_ever(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    letter = sending.send(inquiry, Way.EML, agent)
    before = mailing.eml(letter)
    Inquiry.objects.update(subject="else")
    inquiry.evidence.update(text="else")

    again = Letter.objects.get()
    assert mailing.eml(again) == before
    assert sending.checksum(again) == again.checksum
    again.text += "x"
    assert sending.checksum(again) != again.checksum


def test_a_second_letter_answers_the_first(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    first = sending.send(inquiry, Way.EML, agent)
    sending.withdraw(first, agent)
    second = sending.send(inquiry, Way.EML, agent)

    assert parsed(second)["In-Reply-To"] == first.message_id
    assert parsed(second)["References"] == first.message_id
    assert parsed(first)["References"] is None
    assert first.message_id != second.message_id


@given(HOSTILE | st.text(st.characters(exclude_categories=["Cs"])), HOSTILE.map(kept))
def test_no_text_makes_a_header_or_a_part(subject: str, text: str) -> None:
    letter = Letter(
        way=Way.EML,
        state=Passage.SENT,
        frozen_at=NOON,
        sender="support@northwind.example",
        to="cpaas-support@8x8.com",
        subject=sending.on_one_line(f"[INQ-1] {subject}\r\nBcc: x@evil.test", 250),
        text=text,
        csv=text,
        ndjson=text,
        message_id="<inq-1.1@northwind.example>",
        checksum="0" * 64,
    )

    mail = parsed(letter)

    assert [name for name in mail if name in HEADERS] == HEADERS
    assert "Bcc" not in mail
    assert len(list(mail.iter_attachments())) == 2


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?=0D=0ABcc:_x@evil.test?=",
        "late: =?utf-8?b?DQpCY2M6IHhAZXZpbC50ZXN0?= since noon",
        "ü =?utf-8?q?=0D=0ABcc:_x@evil.test?=",
        "\u65e5\u672c " * 60,
        "é" * 240,
        "a " * 120,
        "\U0001d54f" * 200,
    ],
)
def test_a_subject_arrives_as_it_was_typed(subject: str) -> None:
    letter = Letter(
        way=Way.EML,
        state=Passage.SENT,
        frozen_at=NOON,
        sender="support@northwind.example",
        to="cpaas-support@8x8.com",
        subject=sending.on_one_line(f"[INQ-1] {subject}", 250),
        text="Hello\n",
        message_id="<inq-1.1@northwind.example>",
        checksum="0" * 64,
    )
    head = mailing.eml(letter).partition(b"\r\n\r\n")[0]

    assert b"Bcc" not in head
    assert parsed(letter)["Subject"] == letter.subject
    assert [name for name in parsed(letter) if name in HEADERS] == HEADERS


def test_a_link_to_the_mail_program_is_short_and_whole(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    inquiry = services.save(inquiry, {"question": "Why? & how\n" + "é" * 3000}, agent, base=1)
    letter = sending.send(inquiry, Way.MAILTO, agent)

    link = mailing.mailto(letter)
    parts = urlsplit(link)

    assert len(link) <= mailing.LONGEST_LINK
    assert (parts.scheme, parts.path) == ("mailto", "cpaas-support@8x8.com")
    assert parse_qs(parts.query)["subject"] == [letter.subject]
    assert parse_qs(parts.query)["body"][0].startswith("Why? & how")


def test_what_may_not_leave_is_not_frozen(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    inquiry = services.save(inquiry, {"body": "to +63 917 123 4567"}, agent, base=1)

    with pytest.raises(gate.Blocked):
        sending.send(inquiry, Way.EML, agent)
    assert Letter.objects.count() == 0
    (finding,) = gate.judge(inquiry, samples_of(inquiry)).blocking
    gate.set_aside(inquiry, finding.mark, "ours", agent)
    assert "+63 917 123 4567" in sending.send(inquiry, Way.EML, agent).text


def test_only_addresses_of_the_settings_get_letters(agent: User, settings: Any) -> None:
    inquiry = inquiry_of(agent, FIRST)
    settings.INQUIRY_RECIPIENTS = ["else@8x8.example"]

    (finding,) = gate.judge(inquiry, samples_of(inquiry)).blocking
    assert not gate.set_aside(inquiry, finding.mark, "they moved", agent)
    with pytest.raises(gate.Blocked, match="It may not go to this address"):
        sending.send(inquiry, Way.EML, agent)


def test_a_letter_is_frozen_once(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    sending.send(inquiry, Way.EML, agent)

    with pytest.raises(services.NotADraft):
        sending.send(inquiry, Way.EML, agent)
