"""The table of messages."""

from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import Team, User
from tests.conftest import ClientFor
from tests.dashboard.reading import chips, empty, ids, links, page, rows
from tests.dashboard.rows import UMID, message, save_messages

# PostgreSQL is told how long reading may take, inside the transaction of the test.
TIMEOUT = 4 if connection.vendor == "postgresql" else 0


@pytest.fixture(autouse=True)
def _no_names_left_over() -> None:
    cache.clear()


def test_a_row_says_state_code_whose_channel_and_recipient(agent_client: Client) -> None:
    save_messages(
        message(
            state="undelivered",
            detail="rejected_by_operator",
            error_code=43,
            error_context="sms_receipt",
            error_registry="sms_dlr",
            channel="sms",
            channels=2,
        )
    )

    response = agent_client.get("/messages/")

    assert rows(response) == [
        [
            "20 Nov 12:00:00.00",
            "46d27247 …cb0c",
            "Undelivered",
            "SMS 43",
            "Spam filter",
            "The operator",
            "sms of 2",
            "northwind_ph_hq",
            "PH +63•••••4567",
            "",
        ]
    ]
    assert links(response, "46d27247") == [f"/messages/{UMID}/"]


@pytest.mark.parametrize(
    ("state", "detail", "word"),
    [
        ("queued", "", "Queued"),
        ("sent", "", "Sent"),
        ("delivered", "delivered_to_operator", "To operator"),
        ("delivered", "delivered_to_recipient", "Delivered"),
        ("read", "", "Read"),
        ("failed", "", "Failed"),
        ("teleported", "", "teleported"),
    ],
)
def test_states_have_words_and_unknown_ones_are_shown_as_they_came(
    agent_client: Client, state: str, detail: str, word: str
) -> None:
    save_messages(message(state=state, detail=detail))

    assert rows(agent_client.get("/messages/"))[0][2] == word


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=rejected", [2]),
        ("state=rejected&state=delivered", [1, 2]),
        ("code=15", [2]),
        ("code=10..20", [2]),
        ("not_code=15", [1, 3]),
        ("not_code=1..20000", [1]),
        ("whose=unknown", [3]),
        ("not_whose=unknown", [1, 2]),
        ("not_table=sms_dlr", [1, 3]),
        ("table=none&table=sms_dlr", [2, 3]),
        ("text=absent", []),
        ("not_text=absent", [1, 2, 3]),
        ("operator=Example+Mobile", []),
        ("not_operator=Example+Mobile", [1, 2, 3]),
        ("table=sms_dlr", [2]),
        ("table=none", [3]),
        ("channel=sms&channel=viber", [2, 3]),
        ("country=GB", [3]),
        ("from=2026-11-20T11:59:58Z", [1, 2]),
        ("sort=state", [1, 2, 3]),
        ("sort=-channel", [1, 3, 2]),
        ("sort=sub_account", [3, 2, 1]),
        ("sort=code", [1, 2, 3]),
    ],
)
def test_filters_and_sorts(agent_client: Client, query: str, expected: list[int]) -> None:
    save_messages(
        message(1, state="delivered"),
        message(2, state="rejected", channel="sms", error_code=15, error_registry="sms_dlr"),
        message(3, state="undelivered", channel="viber", error_code=9_999, country="GB"),
    )

    since = "" if "from=" in query else "&from=all"
    response = agent_client.get(f"/messages/?{query}{since}")

    assert ids(response) == [str(UUID(int=n)) for n in expected]


def test_a_state_that_no_list_knows_can_be_looked_for(agent_client: Client) -> None:
    save_messages(message(1, state="teleported"), message(2))

    response = agent_client.get("/messages/?state=teleported")

    assert ids(response) == [str(UUID(int=1))]
    assert chips(response) == ["State teleported"]


def test_pages_lead_to_each_other_in_any_order(agent_client: Client) -> None:
    save_messages(*(message(n, state=("sent", "read")[n % 2]) for n in range(1, 61)))

    first = agent_client.get("/messages/?sort=state&per_page=25")
    second = agent_client.get(links(first, "Older")[0])
    third = agent_client.get(links(second, "Older")[0])

    expected = [*range(59, 0, -2), *range(60, 0, -2)]
    assert ids(first) + ids(second) + ids(third) == [str(UUID(int=n)) for n in expected]


def test_others_sub_accounts_are_not_shown(client_for: ClientFor, db: None) -> None:
    team = Team.objects.create(name="Singapore", sub_accounts=["northwind_sg_retail"])
    reader = User.objects.create_user("reader", role="agent", team=team)
    save_messages(message(1), message(2, sub_account="northwind_sg_retail"))

    assert ids(client_for(reader).get("/messages/")) == [str(UUID(int=2))]


def test_no_rows_name_the_next_step(agent_client: Client) -> None:
    assert empty(agent_client.get("/messages/")) == ["No messages yet"]
    assert empty(agent_client.get("/messages/?state=read")) == ["No message fits these filters"]


def test_a_code_from_a_receipt_of_an_unknown_kind_is_read_without_its_place(
    agent_client: Client,
) -> None:
    save_messages(message(state="failed", error_code=987_654, error_context="nonsense"))

    response = agent_client.get("/messages/")

    assert rows(response)[0][3:6] == ["Code 987654", "not in the tables", "Not known"]
    assert "<bdi>whatsapp</bdi>" in page(response)


@pytest.mark.parametrize("number", [1, 50])
def test_a_page_costs_the_same_queries_for_any_number_of_rows(
    agent_client: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    save_messages(*(message(n) for n in range(1, number + 1)))
    agent_client.get("/messages/")

    # session, person, views, rows, comments, inquiries, all around the page
    with django_assert_num_queries(7 + TIMEOUT):
        response = agent_client.get("/messages/")

    assert len(ids(response)) == number
