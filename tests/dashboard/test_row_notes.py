"""What rows of lists say beside their record: inquiries that have it, and how those that are alike stand."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import Role, Team, User
from support_portal.comments.services import add_comment
from support_portal.inquiries import services as inquiries
from support_portal.inquiries.freezing import Named
from support_portal.inquiries.models import Inquiry
from support_portal.inquiries.models import State as InquiryState
from support_portal.teamwork.models import Kind, Standing, State
from tests.conftest import ClientFor
from tests.dashboard.reading import ids, links, page, rows
from tests.dashboard.rows import error, message, save_errors, save_messages
from tests.dashboard.sending import HOSTILE, SHOWN
from tests.dashboard.test_error_list import TIMEOUT
from tests.inquiries.rows import FIRST, SECOND, inquiry_of, wanted

GROUP = 7
NOTES = "/errors/?columns=error_id,notes"
QUERIES = 10 + TIMEOUT
pytestmark = pytest.mark.django_db


def notes(client: Client, address: str = NOTES) -> list[str]:
    return [row[-1] for row in rows(client.get(address))]


def standing(state: State, group: int = GROUP, **values: Any) -> Standing:
    return Standing.objects.create(kind=Kind.GROUP, key=str(group), state=state, **values)


def test_a_row_names_the_inquiry_that_has_it(agent: User, agent_client: Client) -> None:
    inquiry = inquiry_of(agent, FIRST)
    save_errors(error(2))

    assert notes(agent_client) == [inquiry.reference, ""]
    assert links(agent_client.get(NOTES), "INQ-") == [f"/inquiries/{inquiry.pk}/"]
    assert f'title="in inquiry {inquiry.reference}, draft"' in page(agent_client.get(NOTES))


def test_of_several_inquiries_the_newest_is_named(agent: User, agent_client: Client) -> None:
    inquiry_of(agent, FIRST)
    newest = inquiries.start(agent, wanted(FIRST))

    assert notes(agent_client) == [f"{newest.reference}+"]
    assert f"in inquiry {newest.reference}, draft and 1 more" in page(agent_client.get(NOTES))


def test_messages_name_their_inquiries_too(agent: User, agent_client: Client) -> None:
    save_messages(message(1), message(2))
    inquiry = inquiries.start(agent, wanted(SECOND, name=Named.MESSAGE))

    assert notes(agent_client, "/messages/?columns=umid,notes") == ["", inquiry.reference]


def test_a_draft_that_came_to_nothing_is_not_named(agent: User, agent_client: Client) -> None:
    inquiry_of(agent, FIRST)
    Inquiry.objects.update(state=InquiryState.CLOSED)

    assert notes(agent_client) == [""]


def test_an_inquiry_is_named_to_those_who_may_see_all_of_it(
    agent: User, client_for: ClientFor
) -> None:
    save_errors(error(1, sub_account="northwind_a"), error(2, sub_account="northwind_b"))
    inquiries.start(agent, wanted(FIRST, SECOND))
    own = inquiries.start(agent, wanted(FIRST))
    team = Team.objects.create(name="A", sub_accounts=["northwind_a"])
    reader = client_for(User.objects.create_user("a", role=Role.AGENT, team=team))

    assert notes(reader) == [own.reference]


@pytest.mark.parametrize(
    ("state", "values", "said"),
    [
        (State.WATCHING, {}, "Watching those that are alike: Watching"),
        (State.WAITING, {}, "Waiting those that are alike: Waiting for 8x8"),
        (State.SOLVED, {}, "Solved those that are alike: Solved"),
        (State.OPEN, {}, ""),
        (
            State.OPEN,
            {"came_back_at": timezone.now()},
            "Came back those that are alike: Open, came back",
        ),
        (State.MUTED, {"muted_until": timezone.now() - timedelta(days=1)}, ""),
    ],
)
def test_a_row_says_how_those_that_are_alike_stand(
    state: State, values: dict[str, Any], said: str, agent_client: Client
) -> None:
    save_errors(error(1, group_id=GROUP), error(2, group_id=GROUP), error(3, group_id=8), error(4))
    standing(state, **values)

    assert notes(agent_client) == [said, said, "", ""]


def test_a_mute_says_until_when_and_whose_it_is(agent: User, agent_client: Client) -> None:
    agent.first_name, agent.last_name = HOSTILE, "Cruz"
    agent.save()
    save_errors(error(1, group_id=GROUP), error(2, group_id=8))
    standing(State.MUTED, muted_until=timezone.now() + timedelta(days=1))
    standing(State.OPEN, 8, assignee=agent)

    muted, owned = notes(agent_client)

    assert muted.startswith("Muted those that are alike: Muted until ")
    assert owned == f"<img those that are alike: Open, {HOSTILE} Cruz"
    html = page(agent_client.get(NOTES))
    assert (SHOWN in html, HOSTILE in html) == (True, False)


def test_a_long_name_does_not_widen_the_list(agent: User, agent_client: Client) -> None:
    agent.first_name = "x" * 150
    agent.save()
    save_errors(error(1, group_id=GROUP))
    standing(State.OPEN, assignee=agent)

    assert f'<bdi class="clip" aria-hidden="true">{agent.first_name}</bdi>' in page(
        agent_client.get(NOTES)
    )


@pytest.mark.parametrize("number", [1, 50])
def test_any_number_of_rows_takes_the_same_queries(
    number: int,
    agent: User,
    agent_client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    numbers = range(1, number + 1)
    inquiry_of(agent, *(UUID(int=n) for n in numbers))
    for n in numbers:
        type(error()).objects.filter(pk=UUID(int=n)).update(group_id=n)
        standing(State.SOLVED, n, assignee=agent)
        add_comment(kind="error", key=str(UUID(int=n)), author=agent, body="hello")
    agent_client.get(NOTES)

    # session, person, views, rows, comments, evidence, inquiries, groups, what the team says, around the page
    with django_assert_num_queries(QUERIES):
        response = agent_client.get(NOTES)

    assert len(ids(response)) == number


def test_what_is_not_shown_is_not_asked_for(
    agent: User, agent_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    inquiry_of(agent, FIRST)
    agent_client.get("/errors/?columns=error_id")

    with django_assert_num_queries(QUERIES - 4):
        agent_client.get("/errors/?columns=error_id")
