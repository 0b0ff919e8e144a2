"""Mails that come: told whose they are, kept once, and fetched from a server that misbehaves."""

import threading
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Role, Team, User
from support_portal.core import env
from support_portal.core.env import Inbox
from support_portal.inquiries import sending, services, tracking
from support_portal.inquiries.models import Inquiry, Letter, Mail, Mailbox, Reply, State, Way
from support_portal.inquiries.replies import polling, reading
from support_portal.inquiries.replies.receiving import receive, whole
from support_portal.inquiries.tasks import fetch
from support_portal.notices.models import Notice
from tests.conftest import ClientFor
from tests.inquiries.replies.imap_server import Server, running
from tests.inquiries.replies.test_reading import mail
from tests.inquiries.rows import FIRST, SECOND, inquiry_of

FROM_8X8 = "Ann <ann@8x8.com>"


@pytest.fixture
def letter(agent: User) -> Letter:
    return sending.send(inquiry_of(agent, FIRST), Way.EML, agent)


def answer_to(letter: Letter, text: str = "Fixed.\n", number: int = 1, **headers: str) -> bytes:
    told = {"Message_ID": f"<{number}@8x8.example>", "In_Reply_To": letter.message_id}
    return mail(text, **told | headers).as_bytes()


def came(raw: bytes) -> Mail | None:
    return receive(whole(raw))


def state(letter: Letter) -> str:
    return Inquiry.objects.get(pk=letter.inquiry_id).state


def test_an_answer_to_our_letter_is_kept_with_it_and_told(letter: Letter, agent: User) -> None:
    kept = came(answer_to(letter, From="Somebody <else@nowhere.example>"))

    assert kept is not None
    assert kept.inquiry == letter.inquiry
    assert state(letter) == State.ANSWERED
    reply = Reply.objects.get()
    assert (reply.text, reply.mail) == ("Fixed.", kept)
    notice = Notice.objects.get(user=agent)
    assert (
        notice.title == f"{letter.inquiry.reference}: answered by Somebody <else@nowhere.example>"
    )
    assert notice.link == f"/inquiries/{letter.inquiry_id}/"


@pytest.mark.parametrize(
    ("sender", "sure"),
    [
        (FROM_8X8, True),
        ("x@cpaas.8x8.com", True),
        ("ann@8x8.com.evil.example", False),
        ("ann@not8x8.com", False),
        ("ann@8x8.com <x@evil.example>", False),
        ("", False),
    ],
)
def test_our_reference_counts_from_where_letters_go(
    letter: Letter, sender: str, sure: bool
) -> None:
    raw = mail(Subject=f"Re: [{letter.inquiry.reference}] ours").as_bytes()
    kept = came(raw.replace(b"Ann <ann@8x8.example>", sender.encode()))

    assert kept is not None
    assert (kept.inquiry == letter.inquiry, kept.proposed) == (sure, letter.inquiry)
    assert (state(letter) == State.ANSWERED) is sure


def test_the_ticket_number_is_learnt_and_then_known(letter: Letter) -> None:
    came(answer_to(letter, "Your request (4711001) has been received.", From=FROM_8X8))
    assert Inquiry.objects.get().ticket == "4711001"

    later = came(
        mail(From=FROM_8X8, Subject="[Ticket #4711001] Update", Message_ID="<2@x>").as_bytes()
    )
    assert later is not None
    assert later.inquiry == letter.inquiry
    other = came(mail(From=FROM_8X8, Subject="Ticket 4711002", Message_ID="<3@x>").as_bytes())
    assert other is not None
    assert (other.inquiry, other.proposed) == (None, None)


def test_a_form_that_was_open_does_not_take_out_a_ticket_that_was_learnt(
    letter: Letter, agent: User
) -> None:
    base = Inquiry.objects.get().version
    head = {"From": FROM_8X8, "Auto_Submitted": "auto-replied"}
    came(answer_to(letter, "Your request (4711001) has been received.", **head))

    with pytest.raises(services.Overtaken):
        tracking.track(letter.inquiry, {"ticket": ""}, agent, base=base)
    assert Inquiry.objects.get().ticket == "4711001"


def test_no_stranger_teaches_a_ticket_number(letter: Letter) -> None:
    came(answer_to(letter, "ticket 666001"))

    assert Inquiry.objects.get().ticket == ""


def test_the_same_mail_is_kept_once(letter: Letter) -> None:
    assert came(answer_to(letter)) is not None
    assert came(answer_to(letter, "the same Message-ID")) is None
    assert came(answer_to(letter, number=2)) is not None
    assert (Mail.objects.count(), Reply.objects.count()) == (2, 2)


def test_a_mail_of_another_sender_under_the_same_id_keeps_none_out(letter: Letter) -> None:
    came(answer_to(letter, "mine", From="Mallory <mallory@elsewhere.example>"))

    assert came(answer_to(letter, "the answer")) is not None
    assert Mail.objects.count() == 2


@pytest.mark.parametrize(
    "head", [b"Message-ID: <a\xe9@8x8.example>", b"Message-ID: <a\x00b@x.example>"]
)
def test_an_id_that_no_database_takes_loses_no_answer(letter: Letter, head: bytes) -> None:
    told = f"In-Reply-To: {letter.message_id}\nReferences: ".encode() + b"<\xff\x00gone@x.example>"
    kept = came(b"\n".join([b"From: ann@8x8.com", head, told, b"", b"Fixed."]))

    assert kept is not None
    assert (kept.inquiry, kept.text, kept.whole) == (letter.inquiry, "Fixed.", True)


def test_a_letter_of_ours_that_comes_round_is_no_answer(letter: Letter) -> None:
    assert came(mail(Message_ID=letter.message_id).as_bytes()) is None
    assert (Mail.objects.count(), state(letter)) == (0, State.SENT)


def test_an_absence_note_is_kept_and_answers_nothing(letter: Letter) -> None:
    came(answer_to(letter, Auto_Submitted="auto-replied"))

    assert (Reply.objects.count(), state(letter)) == (1, State.SENT)
    assert Inquiry.objects.get().answered_at is None


def test_whoever_may_not_see_the_inquiry_any_more_is_not_told(letter: Letter, agent: User) -> None:
    agent.team = Team.objects.create(name="Elsewhere", sub_accounts=["else"])
    agent.save()
    letter.inquiry.evidence.update(sub_account="northwind_ph_hq")

    came(answer_to(letter))

    assert (Reply.objects.count(), Notice.objects.count()) == (1, 0)


def test_whoever_pastes_an_answer_is_not_told_of_it(
    letter: Letter, agent: User, lead: User
) -> None:
    tracking.answer(letter.inquiry, "Fixed.", agent)
    assert Notice.objects.count() == 0
    tracking.answer(letter.inquiry, "Again.", lead)
    assert Notice.objects.get().user == agent


# -- from a mailbox ------------------------------------------------------------------------------


def look(server: Server, seconds: float = 5.0, **inbox: Any) -> int:
    """Look once while the server listens; the next look finds no claim of this one."""
    with running(server):
        told = {"host": "127.0.0.1", "port": server.port, "user": "support", "tls": False}
        chosen = Inbox(**{**told, "password": "a word", **inbox})
        return polling.look(chosen, timezone.now(), seconds)


def box() -> Mailbox:
    """Return the mailbox; each look of a test has a port of its own, so the name is made the same."""
    return Mailbox.objects.latest("last_uid")


@pytest.fixture(autouse=True)
def _one_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Inbox, "name", "support@example/INBOX")


def test_new_mails_are_fetched_once(letter: Letter) -> None:
    server = Server({3: answer_to(letter), 9: answer_to(letter, number=2)})

    assert look(server) == 2
    assert look(server) == 0
    server.mails[12] = answer_to(letter, number=3)
    assert look(server) == 1
    assert (box().last_uid, box().problem, Mail.objects.count()) == (12, "", 3)
    searches = [each for each in server.said if "SEARCH" in each]
    assert "SINCE" in searches[0]
    assert searches[1:] == ["UID SEARCH UID 10:*"] * 2
    assert all("EXAMINE" in each or "SELECT" not in each for each in server.said)


def test_a_mailbox_that_was_made_anew_brings_nothing_twice(letter: Letter) -> None:
    server = Server({3: answer_to(letter)})
    look(server)
    server.validity, server.mails = 8, {1: answer_to(letter), 2: answer_to(letter, number=2)}

    assert look(server) == 1
    assert (box().validity, box().last_uid) == (8, 2)


@pytest.mark.parametrize(
    "at", ["LOGIN", "EXAMINE", "SEARCH", "FETCH 9 (RFC822.SIZE)", "FETCH 9 (BODY"]
)
@pytest.mark.parametrize("how", ["breaks", "stalls"])
def test_a_server_that_breaks_off_or_stalls_loses_nothing(
    letter: Letter, at: str, how: str
) -> None:
    server = Server({3: answer_to(letter), 9: answer_to(letter, number=2)})
    setattr(server, how, at)

    first = look(server, seconds=0.5)
    assert box().problem
    assert box().busy_until is None
    setattr(server, how, "")

    assert first + look(server) == 2
    assert (box().problem, Mail.objects.count()) == ("", 2)


def test_a_wrong_password_is_said(letter: Letter) -> None:
    assert look(Server({3: answer_to(letter)}), password="another") == 0
    assert "wrong password" in box().problem


@pytest.mark.parametrize("wrong", [{"lie": 2 * 10**9}, {"flood": True}])
def test_a_server_that_lies_about_lengths_costs_a_bounded_memory(
    letter: Letter, wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support_portal.inquiries.replies.mailbox.LONGEST_ANSWER", 100_000)
    long = answer_to(letter, "x" * 70 + "\n") + b"y" * 200_000

    assert look(Server({3: long}, **wrong)) == 0
    assert "more than was asked for" in box().problem
    assert Mail.objects.count() == 0


def test_of_a_mail_that_is_too_large_the_headers_are_kept(letter: Letter) -> None:
    server = Server({3: answer_to(letter), 4: answer_to(letter, number=2)}, {3: 100 * 2**20})

    assert look(server) == 2
    large = Mail.objects.order_by("id")[0]
    assert (large.whole, large.inquiry, large.text) == (False, letter.inquiry, "")
    assert "UID FETCH 3 (BODY.PEEK[])" not in server.said
    assert "too large" in Reply.objects.order_by("id")[0].text


def test_a_mail_over_which_every_look_ends_does_not_hold_up_the_others(letter: Letter) -> None:
    server = Server({3: answer_to(letter), 4: answer_to(letter, number=2)}, breaks="FETCH 3")

    for _ in range(polling.TRIES_OF_HEADERS):
        assert look(server) == 0
    assert look(server) == 2
    lost = Mail.objects.get(inquiry=None)
    assert "cannot be fetched" in lost.subject
    assert (box().last_uid, box().tries) == (4, 0)


def test_a_mail_that_is_gone_is_passed_over(letter: Letter) -> None:
    server = Server({3: answer_to(letter), 4: answer_to(letter, number=2)})
    server.mails[3] = server.mails.pop(3)
    original = server._fetched
    server._fetched = lambda uid, what: iter(()) if uid == 3 else original(uid, what)  # type: ignore[method-assign]

    assert look(server) == 1
    assert box().last_uid == 4


def test_one_reader_at_a_time(letter: Letter) -> None:
    Mailbox.objects.create(
        name="support@example/INBOX", busy_until=timezone.now() + timedelta(minutes=1)
    )
    server = Server({3: answer_to(letter)})

    assert look(server) == 0
    Mailbox.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    assert look(server) == 1


def test_looks_beside_the_worker_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, goes_on = threading.Semaphore(0), threading.Event()

    def wait(*_: object) -> int:
        begun.release()
        goes_on.wait(10)
        return 0

    monkeypatch.setattr(polling, "look", wait)
    monkeypatch.setattr(polling, "close_old_connections", lambda: None)
    fetch()
    assert begun.acquire(timeout=10)
    fetch()
    goes_on.set()
    with polling._looking:  # let go of when the look is over
        assert not begun.acquire(blocking=False)
    fetch()
    assert begun.acquire(timeout=10)
    with polling._looking:
        pass


@pytest.mark.parametrize(
    "url",
    [
        "imap://u:secret@mail.example/",
        "https://u:secret@mail.example/",
        "imaps://mail.example/",
        "x",
    ],
)
def test_a_mailbox_that_is_not_understood_stops_the_start_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_8X8_INBOX", url)

    with pytest.raises(ImproperlyConfigured) as error:
        env.inbox("PORTAL_8X8_INBOX")
    assert "secret" not in str(error.value)


def test_a_mailbox_is_read_from_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_8X8_INBOX", "imap://ann%40x:p%2Fw@mail.example/Support/8x8?tls=yes")

    found = env.inbox("PORTAL_8X8_INBOX")

    assert (found.host, found.port, found.user, found.password, found.folder) == (
        "mail.example",
        143,
        "ann@x",
        "p/w",
        "Support/8x8",
    )
    assert (found.tls, found.starttls) == (False, True)
    assert "p/w" not in repr(found)


# -- on pages ------------------------------------------------------------------------------------


def uploaded(client: Client, letter: Letter, raw: bytes) -> Any:
    file = SimpleUploadedFile("answer.eml", raw, "message/rfc822")
    return client.post(f"/inquiries/{letter.inquiry_id}/mail", {"mail": file}, follow=True)


def page(response: Any) -> str:
    text: str = response.content.decode()
    return text


HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)>"


def test_an_uploaded_mail_is_shown_as_text_and_its_files_are_saved(
    letter: Letter, agent_client: Client
) -> None:
    made = mail(f"{HOSTILE}\n\nOn Mon, Ann <a@x> wrote:\n> {HOSTILE}\n", Subject=HOSTILE)
    made.add_attachment(HOSTILE.encode(), maintype="image", subtype="png", filename="..\\a/b.html")

    html = page(uploaded(agent_client, letter, made.as_bytes()))

    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)" in html
    kept = Mail.objects.get()
    response = agent_client.get(f"/inquiries/{letter.inquiry_id}/mail/{kept.pk}/0")
    assert response.content == HOSTILE.encode()
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == 'attachment; filename=".._a_b.html"'
    assert agent_client.get(f"/inquiries/{letter.inquiry_id}/mail/{kept.pk}/1").status_code == 404


def test_a_mail_is_uploaded_once(letter: Letter, agent: User, agent_client: Client) -> None:
    uploaded(agent_client, letter, answer_to(letter))
    again = page(uploaded(agent_client, letter, answer_to(letter)))

    assert f"kept with {letter.inquiry.reference} already" in again
    assert Reply.objects.count() == 1
    assert state(letter) == State.ANSWERED


@pytest.mark.parametrize("content", [b"", b"x" * 101])
def test_what_is_no_mail_or_too_large_is_refused(
    letter: Letter, agent_client: Client, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support_portal.dashboard.tracking.LARGEST", 100)

    assert uploaded(agent_client, letter, content).status_code == 422
    assert Mail.objects.count() == 0


def test_a_person_sorts_what_nobody_knows(letter: Letter, agent_client: Client) -> None:
    raw = mail(Subject=f"[{letter.inquiry.reference}] from home", Message_ID="<1@x>").as_bytes()
    kept = came(raw)
    other = came(mail(HOSTILE, Message_ID="<2@x>").as_bytes())
    assert kept is not None
    assert other is not None

    html = page(agent_client.get("/inquiries/mails/"))
    assert f'value="{letter.inquiry.reference}"' in html
    assert "<script>alert" not in html
    assert "Answers to sort" in page(agent_client.get("/inquiries/"))
    wrong = agent_client.post(
        f"/inquiries/mails/{kept.pk}/assign", {"inquiry": "INQ-999"}, follow=True
    )
    assert "Write the number" in page(wrong)
    agent_client.post(f"/inquiries/mails/{kept.pk}/assign", {"inquiry": letter.inquiry.reference})
    agent_client.post(f"/inquiries/mails/{kept.pk}/assign", {"inquiry": letter.inquiry.reference})
    agent_client.post(f"/inquiries/mails/{other.pk}/discard")

    assert (Reply.objects.get().mail, state(letter)) == (kept, State.ANSWERED)
    assert "Nothing to sort" in page(agent_client.get("/inquiries/mails/"))


def test_mails_of_any_sub_account_are_for_those_who_see_all(
    letter: Letter, viewer: User, client_for: ClientFor
) -> None:
    team = Team.objects.create(name="Philippines", sub_accounts=["northwind_ph_hq"])
    other = User.objects.create_user("lena", role=Role.AGENT, team=team)
    kept = came(mail().as_bytes())
    assert kept is not None

    for person in (other, viewer):
        client = client_for(person)
        assert client.get("/inquiries/mails/").status_code == 403
        address = f"/inquiries/mails/{kept.pk}"
        assert client.post(f"{address}/assign", {"inquiry": "1"}).status_code == 403
        assert client.post(f"{address}/discard").status_code == 403
        assert "Answers to sort" not in page(client.get("/inquiries/"))


def test_files_are_for_those_who_see_the_inquiry(
    agent: User, letter: Letter, client_for: ClientFor
) -> None:
    letter.inquiry.evidence.update(sub_account="northwind_id_lastmile")
    made = mail(Message_ID="<1@x>", In_Reply_To=letter.message_id)
    made.add_attachment(b"x", maintype="text", subtype="csv", filename="a.csv")
    kept = came(made.as_bytes())
    assert kept is not None
    other = sending.send(inquiry_of(agent, SECOND), Way.EML, agent)
    team = Team.objects.create(name="Philippines", sub_accounts=["northwind_ph_hq"])
    client = client_for(User.objects.create_user("lena", role=Role.AGENT, team=team))

    for number in (letter.inquiry_id, other.inquiry_id):
        assert client.get(f"/inquiries/{number}/mail/{kept.pk}/0").status_code == 404
    assert uploaded(client, letter, b"x").status_code == 404


def test_a_mail_is_kept_sealed(letter: Letter) -> None:
    kept = came(answer_to(letter, "our secret words"))

    assert kept is not None
    assert b"our secret words" not in bytes(kept.body)
    assert len(reading.read(b"").text) == 0


FAILED = "mx.northwind.example; spf=softfail smtp.mailfrom=8x8.com; dkim=none; dmarc=fail"


def test_a_mail_whose_sender_is_not_proven_answers_only_what_it_cannot_guess(
    letter: Letter, agent_client: Client
) -> None:
    guessed = {"From": FROM_8X8, "Subject": f"Re: {letter.inquiry.reference}"}
    forged = came(mail("Pay here.", **guessed, Authentication_Results=FAILED).as_bytes())
    assert forged is not None
    assert (forged.inquiry, forged.proposed) == (None, letter.inquiry)

    came(answer_to(letter, From=FROM_8X8, Authentication_Results=FAILED))
    said = page(agent_client.get(f"/inquiries/{letter.inquiry_id}/"))
    assert "The mail server says that its sender may be forged: dmarc, spf failed." in said
    assert "none of the domains" not in said


@pytest.mark.parametrize(
    ("proofs", "failed"),
    [
        ("mx; dmarc=pass; spf=fail", ()),
        ("mx; spf=pass; dkim=pass", ()),
        ("mx; DKIM = Fail (bad signature)", ("dkim",)),
        ("mx; x-spf=fail", ("spf",)),
        (
            "spf=fail smtp.mailfrom=8x8.com;dmarc=none",
            ("spf",),
        ),  # some servers do not say who they are
        ("mx; dkim/1=fail; spf=pass", ("dkim",)),
        ("mx; dmarc=fail; spf=fail smtp.mailfrom=dmarc=pass@evil.example", ("dmarc", "spf")),
        ("mx; spf=fail smtp.mailfrom=dmarc=pass@evil.example", ("spf",)),
        ('mx; spf=fail smtp.mailfrom="; dmarc=pass;"@evil.example', ("spf",)),
        ("mx; spf=fail (of a@b; dmarc=pass; by us)", ("spf",)),
        ('mx; spf=fail smtp.mailfrom="\\"; dmarc=pass;"@evil.example', ("spf",)),
        ("mx; dkim=fail header.d=a; dkim=pass header.d=b", ("dkim",)),
        ("", ()),
    ],
)
def test_proofs_of_a_sender_are_read(proofs: str, failed: tuple[str, ...]) -> None:
    assert reading.read(mail(Authentication_Results=proofs).as_bytes()).failed == failed


def test_proofs_that_came_along_with_a_mail_count_for_nothing() -> None:
    lines = (b"Authentication-Results: mx; dmarc=fail", b"Authentication-Results: mx; dmarc=pass")

    assert reading.read(b"\r\n".join([*lines, b"From: a@8x8.com", b"", b"x"])).failed == ("dmarc",)


STRANGE = "Its sender is at none of the domains that letters go to."


@pytest.mark.parametrize(
    "sender",
    ["Ann <ann@8x8.com.evil.example>", "=?utf-8?q?ann=408x8.com_=28?= <x@evil.example>"],
)
def test_an_answer_of_a_stranger_says_so(letter: Letter, agent_client: Client, sender: str) -> None:
    came(f"From: {sender}\n".encode() + answer_to(letter))

    assert STRANGE in page(agent_client.get(f"/inquiries/{letter.inquiry_id}/"))


def test_a_long_name_makes_no_stranger(letter: Letter, agent_client: Client) -> None:
    came(answer_to(letter, From=f"{'Ann ' * 70}<ann@8x8.com>"))

    assert STRANGE not in page(agent_client.get(f"/inquiries/{letter.inquiry_id}/"))


def test_mails_that_were_here_keep_the_address_that_was_read(letter: Letter) -> None:
    came(answer_to(letter, From=FROM_8X8))
    Mail.objects.update(address="")

    migration = import_module("support_portal.inquiries.migrations.0019_address_of_mails")
    migration.of_senders(apps, None)

    assert Mail.objects.get().address == "ann@8x8.com"
