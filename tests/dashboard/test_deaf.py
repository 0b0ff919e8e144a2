"""Time in which we did not hear, on the pages of records, in the shell and where nothing is held."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from support_portal.accounts.models import Team, User
from support_portal.dashboard import deaf
from support_portal.ingest.listening.models import DeafInterval, DeafKind, Role, SignOfLife
from support_portal.ingest.listening.services import name_interval, note_deaf
from tests.conftest import ClientFor
from tests.dashboard.parts import part, said
from tests.dashboard.reading import notes, page, words
from tests.dashboard.rows import ERROR_ID, NOON, UMID, error, save_errors
from tests.dashboard.sending import HOSTILE, SHOWN, a_receipt, sent

RAIL = r'<li class="deaf".*?</li>'
SENT_AT = datetime.fromisoformat("2026-07-20T08:14:04.31+00:00")
MESSAGE = "/messages/9f4b5bb0-a414-4aed-8e6d-000000000001/"
pytestmark = pytest.mark.django_db


def down(began: datetime, minutes: float = 7) -> DeafInterval:
    return note_deaf(DeafKind.DOWN, began, began + timedelta(minutes=minutes))


def silence(sub_account: str, began: datetime) -> DeafInterval:
    return DeafInterval.objects.create(
        kind=DeafKind.SILENT, sub_account=sub_account, sources="hook", began_at=began, expected=48
    )


def test_a_message_that_waits_for_a_receipt_shows_when_one_may_have_been_missed(
    agent_client: Client,
) -> None:
    sent(a_receipt())
    lost = down(SENT_AT + timedelta(minutes=3))
    down(SENT_AT - timedelta(hours=1))
    down(SENT_AT + timedelta(days=3))

    html = page(agent_client.get(MESSAGE))

    assert html.count('<li class="deaf"') == 1
    assert said(html, RAIL).startswith("We did not listen 7 min What to do What 8x8 first tried")
    assert f'href="/intake/deaf/{lost.id}/"' in part(html, RAIL)


def test_a_message_that_arrived_shows_only_what_was_missed_on_its_way(agent_client: Client) -> None:
    arrived = {"detail": "delivered_to_recipient", "timestamp": "2026-07-20T08:15:00Z"}
    sent(a_receipt(), a_receipt(state="delivered", **arrived))
    down(SENT_AT + timedelta(minutes=30))

    html = page(agent_client.get(MESSAGE))

    assert part(html, RAIL) == ""


def test_a_short_interval_says_that_nothing_is_lost(agent_client: Client) -> None:
    sent(a_receipt())
    down(SENT_AT + timedelta(minutes=1), minutes=1)

    html = page(agent_client.get(MESSAGE))

    assert "nothing is lost, only late." in said(html, RAIL)


def test_only_the_silence_of_its_own_sub_account_stands_beside_a_message(
    agent_client: Client,
) -> None:
    sent(a_receipt())
    silence("northwind_parcel", SENT_AT + timedelta(minutes=1))
    silence("another", SENT_AT + timedelta(minutes=1))

    html = page(agent_client.get(MESSAGE))

    assert html.count('<li class="deaf"') == 1
    assert "At least 48 items usually come in such a time, and none did." in said(html, RAIL)


def test_what_somebody_wrote_about_it_is_shown_as_typed(agent_client: Client) -> None:
    sent(a_receipt())
    lost = down(SENT_AT + timedelta(minutes=3))
    name_interval(lost, note=HOSTILE, by="lead", now=timezone.now())

    html = page(agent_client.get(MESSAGE))

    assert HOSTILE not in html
    assert SHOWN in part(html, RAIL)


def test_an_error_that_came_late_shows_why(agent_client: Client) -> None:
    save_errors(error(occurred_at=NOON - timedelta(hours=1)))
    down(NOON - timedelta(minutes=30))

    html = page(agent_client.get(f"/errors/{ERROR_ID}/"))

    assert said(html, RAIL).startswith("We did not listen 7 min")


def test_an_error_that_came_at_once_shows_nothing(agent_client: Client) -> None:
    save_errors(error())
    down(NOON + timedelta(minutes=30))

    assert part(page(agent_client.get(f"/errors/{ERROR_ID}/")), RAIL) == ""


@pytest.mark.parametrize(("minutes", "shown"), [(3, True), (-3, False), (8, False)])
def test_what_is_not_held_may_have_come_while_we_did_not_listen(
    agent_client: Client, minutes: int, shown: bool
) -> None:
    down(NOON)
    at = NOON + timedelta(minutes=minutes)

    html = page(agent_client.get("/lookup", {"q": f"umid {UMID} at {at:%Y-%m-%dT%H:%M:%SZ}"}))

    why = said(html, r'aria-labelledby="why".*?</section>')
    assert ("We did not listen, 20 Nov" in why or "We did not listen, 12:00:00" in why) == shown


def shell(client: Client) -> list[str]:
    return notes(client.get("/codes/"))


def test_the_shell_says_that_sub_accounts_are_silent_while_we_listen(
    agent_client: Client, client_for: ClientFor
) -> None:
    now = timezone.now()
    SignOfLife.objects.create(role=Role.WEB, name="one", began_at=now, seen_at=now)
    before = shell(agent_client)
    silence("a", now)
    one = shell(agent_client)
    silence("b", now)
    team = Team.objects.create(name="Island desk", sub_accounts=["b"])
    other = client_for(User.objects.create_user("reader", team=team))

    assert (before, one, shell(agent_client), shell(other)) == (
        [],
        ["A sub-account is silent. What is not here may still have been sent."],
        ["2 sub-accounts are silent. What is not here may still have been sent."],
        ["A sub-account is silent. What is not here may still have been sent."],
    )


def test_the_shell_says_that_nothing_can_be_kept(agent_client: Client) -> None:
    long_ago = timezone.now() - timedelta(minutes=5)
    SignOfLife.objects.create(role=Role.WEB, name="one", began_at=long_ago, seen_at=long_ago)

    assert shell(agent_client)[0].startswith("Nothing can be kept since ")
    assert words(page(agent_client.get("/intake/"))).count("Nothing can be kept since ") == 1


def test_where_no_process_ever_gave_a_sign_the_shell_says_nothing(agent_client: Client) -> None:
    silence("a", timezone.now())

    assert shell(agent_client) == []


def test_times_are_told_with_the_day_where_it_is_another() -> None:
    began = NOON.replace(hour=23, minute=59)

    assert deaf.until(began, began + timedelta(minutes=3)).endswith("23:59:00 to 21 Nov, 00:02:00")
    assert deaf.until(timezone.now().replace(hour=0, minute=0, second=1), None) == "since 00:00:01"
