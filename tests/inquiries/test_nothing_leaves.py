"""No whole number, key, code or text of a message leaves by any way, from any field, unless a person let it pass."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from support_portal.accounts.models import Role, Team, User
from support_portal.accounts.services import issue_token
from support_portal.core.env import Zendesk
from support_portal.inquiries import gate
from support_portal.inquiries.checking import OF_SAMPLES
from support_portal.inquiries.files import as_csv, as_ndjson
from support_portal.inquiries.gate import judge
from support_portal.inquiries.leaks import plainly
from support_portal.inquiries.letter_of import samples_of, whole
from support_portal.inquiries.mending import MENDS
from support_portal.inquiries.models import Evidence, Inquiry, Letter, Override
from support_portal.writing import markdown, plain
from tests.dashboard.rows import NOON
from tests.inquiries.rows import FIRST, inquiry_of
from tests.inquiries.test_leaks import BODIES, CODES, KEYS, numbers

TYPED = ("subject", "question", "body", "ruled_out", "expectation")
FIELDS = [*TYPED, *OF_SAMPLES]
LEAKS = {
    "number": ("+63_917_123_4567", "9171234567"),
    "encoded": ("to=%2B63917%20123%204567", "9171234567"),
    "key": ("Bearer: Zk38xqWv90aa", "Zk38xqWv90aa"),
    "aws": ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    "code": ("code is 482 913", "482913"),
    "body": ('{"text":"Dear Ana, your parcel waits"}', "DearAna,yourparcelwaits"),
}
SHORT = {"country": 2, "recipient": 40, "channel": 40, "state": 40, "detail": 40}
READS = ("letter/text/", "letter/markdown/", "evidence.csv", "evidence.ndjson")
WAYS = ("copy", "eml", "mailto", "zendesk")
SITE = Zendesk("https://8x8.zendesk.com", "support@northwind.example", "token")


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    with time_machine.travel(NOON + timedelta(hours=1)), override_settings(ZENDESK=SITE):
        yield


def put(inquiry: Inquiry, field: str, text: str) -> None:
    """Put a text into a field as no form and no intake would let it."""
    if field in TYPED:
        Inquiry.objects.filter(pk=inquiry.pk).update(**{field: text})
    else:
        Evidence.objects.filter(inquiry=inquiry).update(**{field: text})


def bare(text: str) -> str:
    """Return a text without what may stand between the signs of a leak."""
    return re.sub(r"[\s_.\-+%\\]|%20|\\u0020", "", plainly(text))


def left(client: Client, machine: Client, inquiry: Inquiry) -> str:
    """Return all that any way lets out."""
    got: list[str] = []
    for read in READS:
        response = client.get(f"/inquiries/{inquiry.pk}/{read}", headers={"Accept": "text/plain"})
        got.append(response.content.decode() if response.status_code == 200 else "")
    for way in WAYS:
        client.post(f"/inquiries/{inquiry.pk}/send", {"way": way})
        sent = Letter.objects.all()
        got += [each.text + each.csv + each.ndjson + each.subject + each.form for each in sent]
        Letter.objects.all().delete()
        Inquiry.objects.filter(pk=inquiry.pk).update(state="draft")
    got.append(machine.get(f"/api/v1/inquiries/{inquiry.reference}").content.decode())
    got.append(machine.get("/api/v1/inquiries").content.decode())
    return "\n".join(got)


@pytest.fixture
def machine(db: None) -> Client:
    _, secret = issue_token(name="watcher", scopes=["inquiries:read"])
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("field", [each for each in FIELDS if each != "country"])
@pytest.mark.parametrize("kind", LEAKS)
def test_no_way_lets_it_out_of_any_field(
    kind: str, field: str, agent: User, agent_client: Client, machine: Client
) -> None:
    text, secret = LEAKS[kind]
    inquiry = inquiry_of(agent, FIRST)
    put(inquiry, field, text[: SHORT.get(field, 200)])

    assert secret not in bare(left(agent_client, machine, inquiry))
    assert Letter.objects.count() == 0


@pytest.mark.parametrize("field", [each for each in FIELDS if each != "country"])
def test_what_a_person_let_pass_leaves_and_is_recorded(
    field: str, agent: User, agent_client: Client, machine: Client
) -> None:
    text, secret = LEAKS["number"]
    inquiry = inquiry_of(agent, FIRST)
    put(inquiry, field, text)
    inquiry.refresh_from_db()
    for each in judge(inquiry, samples_of(inquiry)).blocking:
        assert gate.set_aside(inquiry, each.mark, "8x8 asked for the whole number", agent)

    assert secret in bare(left(agent_client, machine, inquiry))
    assert [(each.who, each.reason) for each in Override.objects.all()] == [
        ("agent", "8x8 asked for the whole number")
    ]
    assert inquiry.history.filter(what="set a check aside").count() == 1


def test_the_name_of_who_signs_leaves_no_number_either(
    agent: User, agent_client: Client, machine: Client
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    User.objects.filter(pk=agent.pk).update(first_name="+63_917_123_4567")

    assert "9171234567" not in bare(left(agent_client, machine, inquiry))


class Fuzz(TestCase):
    """Any leak in any field blocks, and what was mended has none left in any form."""

    def setUp(self) -> None:
        team = Team.objects.create(name="All", all_sub_accounts=True)
        self.agent = User.objects.create_user("ana", role=Role.AGENT, team=team)
        self.inquiry = inquiry_of(self.agent, FIRST)

    @settings(max_examples=60)
    @given(
        st.sampled_from(
            ["subject", "question", "body", "ruled_out", "text", "endpoint", "meaning"]
        ),
        numbers() | KEYS | CODES | BODIES,
    )
    def test_it_blocks_and_can_be_mended(self, field: str, leak: str) -> None:
        put(self.inquiry, field, f"See {leak}"[:200])
        self.inquiry.refresh_from_db()
        assert judge(self.inquiry, samples_of(self.inquiry)).leaks

        MENDS["clean"](self.inquiry, self.agent)

        self.inquiry.refresh_from_db()
        samples = samples_of(self.inquiry)
        assert not judge(self.inquiry, samples).leaks
        letter = whole(self.inquiry, samples).document
        forms: list[Callable[[Any], str]] = [plain, markdown]
        said = [*(form(letter) for form in forms), as_csv(samples), as_ndjson(samples)]
        digits = re.sub(r"\D", "", plainly(leak))
        if len(digits) > 8:
            assert not any(digits in re.sub(r"[\s_.\-]", "", each) for each in said)
