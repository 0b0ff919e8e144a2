"""What earlier inquiries came to, on the pages of codes and of errors that are alike, and as a note."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.events.models import ErrorGroup
from support_portal.inquiries import sending, tracking
from support_portal.inquiries.models import Inquiry, Way
from support_portal.knowledge.models import Note
from support_portal.knowledge.services import about, write_note
from tests.conftest import ClientFor
from tests.dashboard.parts import said
from tests.dashboard.reading import page
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.inquiries.rows import inquiry_of

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CODE = "/codes/api_error/1300/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def solved(
    author: User, number: int, hours: int | None = None, outcome: dict[str, str] | None = None,
    **values: Any,
) -> Inquiry:  # fmt: skip
    """Return an inquiry that is over, answered after so many hours."""
    inquiry = inquiry_of(author, UUID(int=number), **values)
    sending.send(inquiry, Way.COPY, author)
    if hours is not None:
        Inquiry.objects.filter(pk=inquiry.pk).update(answered_at=MONDAY + timedelta(hours=hours))
    said = {"state": "solved", "cause_kind": "route"} | (outcome or {})
    inquiry.refresh_from_db()
    return tracking.track(inquiry, said, author, base=inquiry.version)


def memory(client: Client, address: str = CODE) -> str:
    return said(page(client.get(address)), r'id="memory">.*?(<p.*?</p>)').replace(" ,", ",")


def test_the_page_of_a_code_tells_how_many_came_to_what(agent: User, agent_client: Client) -> None:
    assert memory(agent_client) == ""
    for number, hours in enumerate((1, 5, 6), start=1):
        solved(agent, number, hours)
    last = solved(agent, 4, 24, {"cause_kind": "operator", "fix": f"Route back {HOSTILE}"})
    inquiry_of(agent, UUID(int=5))  # open ones are not memory

    html = page(agent_client.get(CODE))

    assert memory(agent_client) == (
        "4 earlier, 3 × Route change at 8x8, 1 × Operator outage, median answer 5 h 30 min"
        f" (business hours), last {last.reference}"
    )
    assert (f"Route back {SHOWN}" in html, HOSTILE in html) == (True, False)
    assert memory(agent_client, "/codes/api_error/1002/") == ""


def test_words_typed_before_there_was_a_list_count_as_they_are(
    agent: User, agent_client: Client
) -> None:
    old = solved(agent, 1)
    Inquiry.objects.filter(pk=old.pk).update(
        cause_kind="", cause=" Their\n filter ", answered_at=None
    )

    assert memory(agent_client) == f"1 earlier, 1 × Their filter, last {old.reference}"


def test_what_was_closed_without_sending_is_no_memory(agent: User, agent_client: Client) -> None:
    draft = inquiry_of(agent, UUID(int=1))
    tracking.track(draft, {"state": "closed"}, agent, base=1)

    assert memory(agent_client) == ""


def test_errors_that_are_alike_remember_their_own(agent: User, agent_client: Client) -> None:
    for group_id in (4, 5):
        ErrorGroup.objects.create(group_id=group_id, code=1300, version=1)
        solved(agent, group_id, 1, group_id=group_id)

    assert memory(agent_client, "/errors/groups/4/").startswith("1 earlier, 1 × Route change")
    assert memory(agent_client).startswith("2 earlier, 2 × Route change")


def test_a_memory_is_of_what_the_reader_may_see(agent: User, client_for: ClientFor) -> None:
    solved(agent, 1, sub_account="north")
    team = Team.objects.create(name="South", sub_accounts=["south"])
    other = client_for(User.objects.create_user("sam", role=Role.AGENT, team=team))

    assert memory(other) == ""
    offered = other.get(f"{CODE}note?inquiry={Inquiry.objects.get().pk}")
    assert "Route change" not in page(offered)


@pytest.mark.parametrize("many", [1, 8])
def test_a_memory_of_any_length_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, many + 1):
        solved(agent, number, 1)
    agent_client.get(CODE)

    with django_assert_max_num_queries(22):
        agent_client.get(CODE)


def note_text(client: Client, inquiry: Inquiry) -> str:
    html = page(client.get(f"{CODE}note?inquiry={inquiry.pk}"))
    found = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', html, re.DOTALL)
    return found[1] if found else ""


def test_an_outcome_is_offered_as_a_note_and_edited_before_it_is_kept(
    agent: User, agent_client: Client
) -> None:
    said = {"ticket": "4711", "cause": "Call +12025550101 says.", "fix": "Route back"}
    inquiry = solved(agent, 1, outcome=said)
    offer = f"{CODE}note?inquiry={inquiry.pk}"
    assert f'href="{offer}"' in page(agent_client.get(f"/inquiries/{inquiry.pk}/"))

    text = note_text(agent_client, inquiry)

    assert text == (
        f"{inquiry.reference}, 8x8&#x27;s ticket 4711, 2026-11-23: Route change at 8x8\n"
        "Call +1••••••0101 says.\nFix: Route back"
    )
    assert not Note.objects.exists()
    form = {"text": "My words.", "base": "0", "reason": "", "operator": "", "country": ""}
    assert agent_client.post(offer, form).status_code == 302
    assert Note.objects.get().text == "My words."


def test_an_outcome_stands_under_the_note_that_is_there_and_once(
    agent: User, agent_client: Client
) -> None:
    inquiry = solved(agent, 1)
    write_note(about("api_error", 1300), "Known.", base=0, author=agent)

    text = note_text(agent_client, inquiry)

    assert text == f"Known.\n\n{inquiry.reference}, 2026-11-23: Route change at 8x8"
    html = page(agent_client.get(f"{CODE}note?inquiry={inquiry.pk}"))
    assert f">\nWhat {inquiry.reference} came to</textarea>" in html
    write_note(about("api_error", 1300), text, base=1, author=agent, reason="so")
    assert note_text(agent_client, inquiry) == text


@pytest.mark.parametrize("query", ["inquiry=x", "inquiry=999", f"inquiry={'9' * 40}", ""])
def test_an_address_that_offers_nothing_is_the_plain_form(query: str, agent_client: Client) -> None:
    response = agent_client.get(f"{CODE}note?{query}")

    assert response.status_code == 200
    assert "What the inquiry came to" not in page(response)


def test_what_is_open_or_came_to_nothing_known_is_not_offered(
    agent: User, agent_client: Client
) -> None:
    inquiry = inquiry_of(agent, UUID(int=1))
    sending.send(inquiry, Way.COPY, agent)
    Inquiry.objects.filter(pk=inquiry.pk).update(cause="Known already")
    assert "note?inquiry" not in page(agent_client.get(f"/inquiries/{inquiry.pk}/"))

    Inquiry.objects.filter(pk=inquiry.pk).update(cause="", state="closed")
    assert "note?inquiry" not in page(agent_client.get(f"/inquiries/{inquiry.pk}/"))


def test_viewers_are_offered_no_note(agent: User, viewer: User, client_for: ClientFor) -> None:
    inquiry = solved(agent, 1)

    assert "note?inquiry" not in page(client_for(viewer).get(f"/inquiries/{inquiry.pk}/"))
