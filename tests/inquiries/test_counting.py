"""How much it is, as letters say it: from the counts, of what the author may see, and nothing made up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.inquiries import sending, services
from support_portal.inquiries.counting import counts_of
from support_portal.inquiries.letter_of import whole
from support_portal.inquiries.letters.counts import Counts, Part, excluded, told
from support_portal.inquiries.models import Inquiry, Way
from support_portal.inquiries.selectors import letters_of
from support_portal.insights import usual
from support_portal.insights.models import Incident
from support_portal.writing import plain
from tests.conftest import ClientFor
from tests.dashboard.reading import page
from tests.dashboard.rows import NOON
from tests.inquiries.rows import FIRST, inquiry_of
from tests.insights import counted

OWN, FOREIGN, SPARED = "northwind_ph_hq", "northwind_sg", "northwind_id"
BASE = Counts("request", "code 1300", NOON, NOON + timedelta(hours=1), NOON, 5, scope=("*",))


@pytest.fixture(autouse=True)
def _soon_after_noon() -> Iterator[None]:
    usual.kept.forget()
    with time_machine.travel(NOON + timedelta(minutes=10), tick=False):
        yield


def count_a_storm(minutes: int = 10) -> None:
    """Count errors in PH and SG, and messages everywhere, for some minutes up to noon."""
    rows: list[Any] = []
    for ago in range(minutes):
        at = NOON - timedelta(minutes=ago)
        rows += [
            counted.error(at, 6, sub_account=OWN, country="PH", channel="sms"),
            counted.error(at, 2, sub_account=FOREIGN, country="SG", channel="sms"),
            *(
                counted.message(at, 20, sub_account=name, country=country, channel=channel)
                for name, country, channel in (
                    (OWN, "PH", "sms"), (FOREIGN, "SG", "sms"), (SPARED, "ID", "whatsapp")
                )
            ),
        ]  # fmt: skip
    for week in (1, 2, 3):
        before = NOON - timedelta(weeks=week)
        rows.append(counted.message(before, 1200, sub_account=OWN, country="PH"))
        rows.append(counted.error(before, 12, sub_account=OWN, country="PH"))
    with transaction.atomic():
        counted.count(rows)


def letter(inquiry: Inquiry) -> str:
    return plain(whole(inquiry).document)


def test_a_letter_says_how_many_where_and_what_is_spared(agent: User) -> None:
    count_a_storm()
    inquiry = inquiry_of(agent, FIRST, country="PH")
    counts = counts_of(inquiry)
    assert counts is not None

    assert (counts.number, counts.messages, counts.goes_on) == (80, 400, True)
    text = letter(inquiry)
    assert "we counted 80 requests that were answered with code 1300, and it goes on." in text
    assert "so 17 % of what they sent was refused." in text
    assert (
        "It is in 2 of 3 sub-accounts: northwind_ph_hq (60) and northwind_sg (20);"
        " in 2 of 3 countries: PH (60) and SG (20)." in text
    )
    assert "show it: the sub-account northwind_id; the country ID." in text
    assert inquiry.ruled_out == (
        "Other channels: whatsapp had traffic at that time and none of these."
    )
    assert letter(inquiry) == text  # counted once, and not with every look


def test_an_incident_tells_when_it_began(agent: User) -> None:
    count_a_storm(minutes=100)
    began = NOON - timedelta(minutes=99)
    Incident.objects.create(kind="error", code=1300, began_at=began, over_at=NOON)

    counts = counts_of(inquiry_of(agent, FIRST))

    assert counts is not None
    assert (counts.begin, counts.number, counts.cut) == (began, 800, False)


def test_nothing_is_said_where_nothing_was_counted(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    assert inquiry.counts == {}
    assert "we counted" not in letter(inquiry)
    count_a_storm()
    services.save(inquiry, {"kind": "wrong_charge"}, agent, base=1)
    inquiry.refresh_from_db()
    services.refresh(inquiry, agent)

    assert services.start(agent, []).counts == {}
    assert "we counted" not in letter(Inquiry.objects.get(pk=inquiry.pk))


def test_what_was_typed_stays_when_it_is_counted_anew(agent: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    services.save(inquiry, {"ruled_out": "Our own change."}, agent, base=1)
    count_a_storm()
    services.follow(Inquiry.objects.get(pk=inquiry.pk), agent)

    inquiry.refresh_from_db()
    assert inquiry.ruled_out == "Our own change."
    assert inquiry.counts["number"] == 80


def test_nobody_learns_of_the_sub_accounts_of_others(agent: User, client_for: ClientFor) -> None:
    count_a_storm()
    inquiry = inquiry_of(agent, FIRST)
    team = Team.objects.create(name="Own", sub_accounts=[OWN])
    person = User.objects.create_user("sam", role=Role.AGENT, team=team)
    client: Client = client_for(person)
    address = f"/inquiries/{inquiry.pk}/"

    for read in (address, f"{address}letter/text/", f"{address}letter/markdown/"):
        text = page(client.get(read, headers={"Accept": "text/plain"}))
        assert (OWN in text, FOREIGN in text, SPARED in text) == (True, False, False)
    sending.send(inquiry, Way.COPY, agent)
    assert FOREIGN not in page(client.get(address))
    assert [len(letters_of(inquiry, each)) for each in (agent, person)] == [1, 0]

    own = services.start(person, [])
    mine = inquiry_of(person, FIRST.__class__(int=7))
    assert mine.counts["number"] == 60
    assert own.counts == {}
    Inquiry.objects.filter(pk=mine.pk).update(counts=inquiry.counts)
    assert "60 requests" in sending.send(mine, Way.COPY, person).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": 1}, "1 request that was answered with code 1300."),
        ({"exact": False}, "at least 5 requests"),
        ({"cut": True}, "From 2026-11-20 12:00 UTC or earlier to 2026-11-20 13:00 UTC"),
        ({"cut": True, "goes_on": True}, "Since at least 2026-11-20 12:00 UTC"),
        ({"goes_on": True}, "and it goes on."),
        ({}, "We have nothing to compare that with. How much else was sent"),
        ({"usual": 0.1}, "Usually there is none at these hours of the week."),
        ({"usual": 2.0, "weeks": 4}, "That is 2.5 times what is usual"),
        ({"usual": 5.0, "weeks": 4}, "At these hours of the week 5 are usual."),
        ({"thing": "message", "messages": 2}, "They are 100 % of the 2 messages"),
        ({"thing": "message", "messages": 99_000}, "They are 0.1 % of the 99,000 messages"),
        ({"scope": ("north",)}, "by then, for the sub-accounts that we look after."),
    ],
)
def test_bounds_are_said(changes: dict[str, Any], said: str) -> None:
    assert said in " ".join(told(replace(BASE, **changes)))


def test_long_lists_are_cut_and_nothing_is_said_of_nothing() -> None:
    parts = {"country": Part(tuple((f"C{n}", 1) for n in range(9)), (), 9)}
    assert "in 9 countries: C0 (1), C1 (1)" in " ".join(told(replace(BASE, parts=parts)))
    assert " and 3 more." in " ".join(told(replace(BASE, parts=parts)))
    assert list(told(replace(BASE, number=0))) == []
    assert excluded(replace(BASE, number=0, traffic=1.0)) == []
    assert excluded(replace(BASE, traffic=1.0)) == [
        "A campaign of ours: we sent about as much as usual."
    ]
