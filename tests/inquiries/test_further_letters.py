"""Letters that add evidence to one that has left: only what is new, in the same thread, checked and frozen."""

import email
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.env import Zendesk
from support_portal.inquiries import mailing, sending, services, tracking
from support_portal.inquiries.gate import Blocked
from support_portal.inquiries.models import Evidence, Inquiry, Letter, Passage, Way
from support_portal.inquiries.posting import post_next
from support_portal.inquiries.sending import NotPossible
from tests.conftest import ClientFor
from tests.dashboard.reading import notes, page
from tests.dashboard.rows import NOON, error, save_errors
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.inquiries.rows import FIRST, SECOND, inquiry_of, wanted
from tests.inquiries.smtp_server import Server, running

THIRD = UUID(int=3)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON + timedelta(hours=1), tick=False) as traveller:
        yield traveller


@pytest.fixture
def inquiry(agent: User, clock: Any) -> Inquiry:
    """An inquiry that was sent about FIRST and has SECOND beside its letter."""
    found = inquiry_of(agent, FIRST)
    sending.send(found, Way.COPY, agent)
    add(found, agent, SECOND, clock)
    return held(found)


def add(inquiry: Inquiry, agent: User, record: UUID, clock: Any) -> None:
    clock.shift(timedelta(minutes=1))
    save_errors(error(record.int))
    services.add_open(inquiry, wanted(record), agent)
    clock.shift(timedelta(minutes=1))


def held(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.get(pk=inquiry.pk)


def ids(letter: Letter) -> list[str]:
    return [json.loads(line)["errorId"] for line in letter.ndjson.splitlines()]


def address(inquiry: Inquiry, rest: str = "further-letter") -> str:
    return f"/inquiries/{inquiry.pk}/{rest}"


def test_only_what_is_new_leaves_in_the_same_thread(inquiry: Inquiry, agent: User) -> None:
    Inquiry.objects.update(ticket="#40112")
    first = inquiry.letters.get()
    letter = sending.send_further(held(inquiry), Way.EML, agent, "It goes on.\nGrüße")

    mail = email.message_from_bytes(mailing.eml(letter), policy=policy.default)
    assert ids(letter) == [str(SECOND)]
    assert str(FIRST) not in letter.text + letter.csv
    assert letter.text.startswith(
        f"Hello,\n\nhere is further evidence for {inquiry.reference} (your ticket #40112), about which"
        " we wrote to you on "
    )
    assert "It goes on.\nGrüße" in letter.text
    assert mail["Subject"] == f"Re: [{inquiry.reference}] [#40112] {inquiry.subject}"
    assert mail["In-Reply-To"] == mail["References"] == first.message_id
    assert letter.message_id != first.message_id
    assert sending.checksum(letter) == letter.checksum
    assert inquiry.history.order_by("-id").first().what == "sent further evidence"  # type: ignore[union-attr]


def test_each_letter_has_what_came_since_the_one_before(
    inquiry: Inquiry, agent: User, clock: Any
) -> None:
    second = sending.send_further(inquiry, Way.COPY, agent)
    with pytest.raises(NotPossible, match="Nothing was added"):
        sending.send_further(inquiry, Way.COPY, agent)
    add(inquiry, agent, THIRD, clock)
    third = sending.send_further(inquiry, Way.MAILTO, agent)

    assert ids(third) == [str(THIRD)]
    assert third.references.split() == [
        inquiry.letters.earliest("id").message_id,
        second.message_id,
    ]
    assert f"here is further evidence for {inquiry.reference}" in third.text
    assert mailing.mailto(third).startswith("mailto:cpaas-support@8x8.com?subject=Re%3A%20%5BINQ-")


def test_it_keeps_the_state_and_the_clocks_of_its_inquiry(inquiry: Inquiry, agent: User) -> None:
    tracking.answer(inquiry, "We look.", agent)
    before = held(inquiry)
    sending.send_further(inquiry, Way.COPY, agent)

    after = held(inquiry)
    assert (after.state, after.sent_at, after.due_at) == ("answered", before.sent_at, before.due_at)


@pytest.mark.parametrize("state", ["solved", "closed"])
def test_nothing_follows_what_is_over(inquiry: Inquiry, agent: User, state: str) -> None:
    Inquiry.objects.update(state=state)

    with pytest.raises(services.NotOpen):
        sending.send_further(inquiry, Way.COPY, agent)


def test_nothing_follows_a_draft_nor_what_is_not_known_to_have_left(
    inquiry: Inquiry, agent: User
) -> None:
    for state in (Passage.WAITING, Passage.UNKNOWN):
        Letter.objects.update(state=state)
        with pytest.raises(NotPossible, match="has not left"):
            sending.send_further(inquiry, Way.COPY, agent)
    with pytest.raises(NotPossible, match="has not left"):
        sending.send_further(inquiry_of(agent, THIRD), Way.COPY, agent)


def test_what_is_taken_back_is_evidence_that_8x8_was_not_told_of(
    inquiry: Inquiry, agent: User
) -> None:
    letter = sending.send_further(inquiry, Way.COPY, agent)
    with pytest.raises(services.NotADraft):
        services.remove(inquiry, [SECOND], agent)

    sending.withdraw(letter, agent)

    assert held(inquiry).state == "sent"
    assert services.untold(held(inquiry)).get().record_id == SECOND
    again = sending.send_further(inquiry, Way.COPY, agent)
    assert again.references == inquiry.letters.earliest("id").message_id
    sending.withdraw(again, agent)
    assert services.remove(inquiry, [SECOND], agent) == 1
    sending.withdraw(inquiry.letters.earliest("id"), agent)
    assert held(inquiry).state == "draft"


def test_a_first_letter_stays_while_another_follows_it(inquiry: Inquiry, agent: User) -> None:
    sending.send_further(inquiry, Way.COPY, agent)

    with pytest.raises(NotPossible, match="A later letter"):
        sending.withdraw(inquiry.letters.earliest("id"), agent)


def test_it_is_handed_to_the_mail_server_as_the_first_was(
    inquiry: Inquiry, agent: User, settings: Any
) -> None:
    settings.MAIL_ON, settings.INQUIRY_SENDER = True, "support@northwind.example"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 0.3
    letter = sending.send_further(inquiry, Way.SMTP, agent)
    assert letter.state == "waiting"

    with running(Server()) as server:
        settings.EMAIL_PORT = server.port
        assert post_next(timezone.now())

    (taken,) = server.taken
    assert f"In-Reply-To: {letter.references}" in str(taken)
    assert held(inquiry).letters.get(pk=letter.pk).state == "sent"


def test_its_page_shows_it_and_sends_it(inquiry: Inquiry, agent_client: Client) -> None:
    assert f'href="{address(inquiry)}"' in page(agent_client.get(address(inquiry, "")))
    html = page(agent_client.post(address(inquiry), {"body": HOSTILE}))
    assert (SHOWN in html, HOSTILE in html) == (True, False)
    assert inquiry.letters.count() == 1

    response = agent_client.post(address(inquiry), {"body": HOSTILE, "way": "eml"}, follow=True)

    letter = inquiry.letters.latest("id")
    assert response.redirect_chain == [(address(inquiry, "#sent"), 302)]
    assert letter.words == HOSTILE
    assert HOSTILE not in page(response)
    copied = agent_client.get(address(inquiry, "letter/text/"), headers={"Accept": "text/plain"})
    assert copied.content.decode() == f"{letter.subject}\n\n{letter.text}"
    marked = page(agent_client.get(address(inquiry, "letter/markdown/")))
    assert (str(SECOND) in marked, str(FIRST) in marked) == (True, False)
    assert agent_client.get(address(inquiry, "evidence.csv")).content.decode() == letter.csv
    assert agent_client.get(address(inquiry), follow=True).redirect_chain[0][0] == address(
        inquiry, ""
    )


@pytest.mark.parametrize("way", Way.values)
def test_nothing_leaks_by_any_way_unless_a_person_lets_it_pass(
    inquiry: Inquiry, agent: User, agent_client: Client, settings: Any, way: str
) -> None:
    settings.MAIL_ON = True
    settings.ZENDESK = Zendesk("https://8x8.zendesk.com", "support@northwind.example", "token")
    words = "Call +63 917 123 4567"
    post = {"body": words, "way": way}
    response = agent_client.post(address(inquiry), post)
    assert response.status_code == 422
    assert "A whole phone number" in notes(response)[0]
    assert words in page(response)
    with pytest.raises(Blocked):
        sending.send_further(inquiry, Way(way), agent, words)

    (finding,) = response.context["verdict"].blocking
    aside = {"body": words, "mark": finding.mark, "reason": "It is their own."}
    assert words in page(agent_client.post(address(inquiry), aside))
    assert agent_client.post(address(inquiry), post).status_code == 302
    assert inquiry.overrides.get().who == services.person_name(agent)


def test_a_ticket_that_is_a_phone_number_stays_here(inquiry: Inquiry, agent: User) -> None:
    Inquiry.objects.update(ticket="+639171234567")

    with pytest.raises(Blocked, match="A whole phone number"):
        sending.send_further(held(inquiry), Way.COPY, agent)


def test_its_evidence_is_mended_on_its_page(
    inquiry: Inquiry, agent: User, agent_client: Client, clock: Any
) -> None:
    clock.shift(timedelta(minutes=1))
    services.add_open(inquiry, wanted(THIRD), agent)
    said = {"record": str(THIRD), "at": "2026-11-20 12:00:05", "further": ""}
    assert "no time" in page(agent_client.get(address(inquiry)))

    response = agent_client.post(address(inquiry, "tell"), said, follow=True)
    assert response.redirect_chain == [(address(inquiry), 302)]
    assert Evidence.objects.get(record_id=THIRD).at is not None
    post = {"record": str(THIRD), "further": ""}
    agent_client.post(address(inquiry, "remove"), post)
    assert [each.record_id for each in inquiry.evidence.order_by("id")] == [FIRST, SECOND]
    told = agent_client.post(address(inquiry, "tell"), said | {"record": str(FIRST)}, follow=True)
    assert any("It has been sent" in each for each in notes(told))


def test_its_checks_change_nothing_of_the_letter_that_has_left(
    inquiry: Inquiry, agent: User, agent_client: Client, clock: Any
) -> None:
    clock.shift(timedelta(minutes=1))
    services.add_open(inquiry, wanted(THIRD), agent)
    asked = {"body": "Call +63 917 123 4567"}

    html = page(agent_client.post(address(inquiry), asked))

    checks = html[html.index('id="checks"') :]
    forms = re.findall(r'<form[^>]* method="post".*?</form>', checks, re.DOTALL)
    told = [form for form in forms if 'name="further"' in form]
    aside = [form for form in forms if f'name="body" value="{asked["body"]}"' in form]
    ours = [*told, *aside]
    assert [f'action="{address(inquiry, where)}"' in told[n] for n, where in enumerate(("tell", "remove"))] == [True, True]  # fmt: skip
    assert all("action=" not in form for form in aside)
    assert len(aside) == 2
    assert [form for form in forms if form not in ours] == []
    assert "Change your words, or remove the evidence that holds it." in checks


def test_viewers_send_nothing_further(
    inquiry: Inquiry, viewer: User, client_for: ClientFor
) -> None:
    client = client_for(viewer)

    assert client.get(address(inquiry)).status_code == 403
    assert address(inquiry) not in page(client.get(address(inquiry, "")))
