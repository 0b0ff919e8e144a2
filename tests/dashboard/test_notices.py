"""The bell, the list of notices, and mail on or off."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from support_portal.accounts.models import User
from support_portal.ingest.limits import gate
from support_portal.notices.models import Notice
from support_portal.notices.services import tell
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, notes, page, rows, words
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.notices.told import news, told

ADDRESS = "/notices/"


def bell(client: Client) -> str:
    """Return what the bell of a page says."""
    return re.findall(r'id="bell"[^>]*aria-label="(.*?)"', page(client.get("/codes/")))[0]


def unread_ids(person: User) -> list[object]:
    return [notice.once for notice in Notice.objects.of(person).unread()]


@pytest.mark.parametrize(
    ("many", "said"),
    [(0, "Notices"), (1, "Notices, 1 unread"), (120, "Notices, 99+ unread")],
)
def test_every_page_says_how_much_is_unread(
    agent: User, agent_client: Client, many: int, said: str
) -> None:
    told(agent, many)

    assert bell(agent_client) == said


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/errors/",
        "/notices/",
        "/watches/",
        "/lookup?q=good+morning",
        "/lookup?q=1300",
        "/lookup?q=errorId+9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa",
        "/lookup?q=clientMessageId:+a-1+clientMessageId:+a-2",
    ],
)
def test_the_bell_is_the_same_on_every_page(
    agent: User, agent_client: Client, address: str
) -> None:
    told(agent, 3)

    assert 'aria-label="Notices, 3 unread"' in page(agent_client.get(address))


def test_the_bell_alone_is_given_to_htmx(agent: User, agent_client: Client) -> None:
    told(agent, 2)

    html = page(agent_client.get("/notices/bell"))

    assert (html.startswith('<a class="btn bell"'), words(html)) == (True, "2")


@pytest.mark.parametrize(
    ("number", "shown", "status"), [(0, "", 204), (0, "1", 200), (2, "2", 204), (120, "99+", 204)]
)
def test_a_bell_that_shows_what_is_true_is_not_drawn_anew(
    agent: User, agent_client: Client, number: int, shown: str, status: int
) -> None:
    told(agent, number)

    assert agent_client.get("/notices/bell", {"shown": shown}).status_code == status


def test_a_bell_asks_with_the_number_it_shows(agent: User, agent_client: Client) -> None:
    told(agent, 120)

    assert 'hx-get="/notices/bell?shown=99%2B"' in page(agent_client.get("/codes/"))


def test_notices_are_listed_newest_first_and_lead_through_their_own_address(
    agent: User, lead: User, agent_client: Client
) -> None:
    told(lead, 1)
    first, second = told(agent, 2)

    response = agent_client.get(ADDRESS)

    assert [row[1] for row in rows(response)] == ["News 1 (unread)", "News 0 (unread)"]
    assert f'href="/notices/{second.id}/"' in page(response)
    assert first.link not in page(response)


def test_following_a_notice_marks_it_as_read(agent: User, agent_client: Client) -> None:
    first, _ = told(agent, 2)

    response = agent_client.get(f"/notices/{first.id}/")

    assert (response.status_code, response["Location"]) == (302, first.link)
    assert unread_ids(agent) == ["news 1"]
    assert bell(agent_client) == "Notices, 1 unread"


def test_nobody_follows_or_marks_the_notice_of_another(
    agent: User, lead: User, client_for: ClientFor
) -> None:
    (notice,) = told(agent, 1)
    client = client_for(lead)

    assert client.get(f"/notices/{notice.id}/").status_code == 404
    client.post(f"/notices/{notice.id}/read")
    assert unread_ids(agent) == ["news 0"]


def test_one_is_marked_as_read_and_unread(agent: User, agent_client: Client) -> None:
    (notice,) = told(agent, 1)

    agent_client.post(f"/notices/{notice.id}/read", {"read": "yes"})
    assert unread_ids(agent) == []
    agent_client.post(f"/notices/{notice.id}/read", {"read": "no"})
    assert unread_ids(agent) == ["news 0"]


def test_all_that_was_shown_is_marked_and_can_be_unmarked(
    agent: User, agent_client: Client
) -> None:
    told(agent, 3)
    html = page(agent_client.get(ADDRESS))
    until = re.findall(r'name="until" value="(.*?)"', html)[0]
    tell([news(agent, once="later")])

    marked = agent_client.post("/notices/read-all", {"until": until}, follow=True)
    assert notes(marked) == ["3 notices are marked as read."]
    assert unread_ids(agent) == ["later"]

    moment = re.findall(r'name="moment" value="(.*?)"', page(marked))[0]
    undone = agent_client.post("/notices/unread", {"moment": moment}, follow=True)
    assert notes(undone) == ["3 notices are unread again."]
    assert len(unread_ids(agent)) == 4


@pytest.mark.parametrize("text", ["", "x", "9" * 5000, "2026-11-27", "<script>"])
def test_what_no_form_sends_changes_nothing(agent: User, agent_client: Client, text: str) -> None:
    told(agent, 1)

    for response in (
        agent_client.post("/notices/read-all", {"until": text}),
        agent_client.post("/notices/unread", {"moment": text}),
        agent_client.get(ADDRESS, {"undo": text, "cursor": text, "show": text}),
    ):
        assert response.status_code in (200, 302)

    assert unread_ids(agent) == ["news 0"]


def test_what_is_unread_is_listed_alone(agent: User, agent_client: Client) -> None:
    first, _ = told(agent, 2)
    agent_client.get(f"/notices/{first.id}/")

    assert [row[1] for row in rows(agent_client.get(f"{ADDRESS}?show=unread"))] == [
        "News 1 (unread)"
    ]


def test_nothing_unread_and_nothing_at_all_are_said_apart(agent_client: Client) -> None:
    assert empty(agent_client.get(ADDRESS)) == ["No notices yet"]
    assert empty(agent_client.get(f"{ADDRESS}?show=unread")) == ["Nothing unread"]


def test_a_hostile_title_is_shown_as_text(agent: User, agent_client: Client) -> None:
    tell([news(agent, f"{HOSTILE} \u202e has arrived")])

    html = page(agent_client.get(ADDRESS))

    assert (SHOWN in html, HOSTILE in html) == (True, False)
    assert f"<bdi>{SHOWN}" in html


@pytest.mark.parametrize("many", [1, 60])
def test_any_number_of_notices_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    told(agent, many)
    gate.forget()  # else the second decides whether the limits are asked for

    with django_assert_num_queries(5):
        agent_client.get(f"{ADDRESS}?per_page=100")


@pytest.mark.parametrize(
    ("on", "email", "wanted", "said"),
    [
        (False, "ana@example.com", True, "Mail is not set up on this portal"),
        (True, "", True, "Your account has no mail address."),
        (True, "ana@example.com", True, "Every notice goes to ana@example.com as well."),
        (True, "ana@example.com", False, "Notices are not mailed to ana@example.com ."),
    ],
)
def test_the_page_says_whether_notices_are_mailed(
    agent: User, agent_client: Client, settings: Settings, on: bool, email: str, wanted: bool, said: str
) -> None:  # fmt: skip
    settings.MAIL_ON = on
    User.objects.filter(pk=agent.pk).update(email=email, mail_notices=wanted)

    assert said in words(page(agent_client.get(ADDRESS)))


def test_mail_is_switched_off_and_on(agent: User, agent_client: Client) -> None:
    for word, wanted in (("off", False), ("on", True)):
        agent_client.post("/notices/mail", {"mail": word})
        agent.refresh_from_db()
        assert agent.mail_notices is wanted


@pytest.mark.parametrize("path", ["", "bell"])
def test_notices_need_a_person(client: Client, db: None, path: str) -> None:
    assert client.get(ADDRESS + path)["Location"].startswith("/accounts/login/")
