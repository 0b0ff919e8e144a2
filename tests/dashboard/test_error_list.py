"""The table of errors."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import Team, User
from support_portal.comments.services import add_comment
from tests.conftest import ClientFor
from tests.dashboard.reading import chips, empty, errors, ids, links, notes, page, rows
from tests.dashboard.rows import ERROR_ID, NOON, error, save_errors

# PostgreSQL is told how long reading may take, inside the transaction of the test.
TIMEOUT = 4 if connection.vendor == "postgresql" else 0


@pytest.fixture(autouse=True)
def _no_names_left_over() -> None:
    cache.clear()


def test_a_row_says_when_which_what_whose_and_where(agent: User, agent_client: Client) -> None:
    save_errors(error(repeats=2))
    add_comment(kind="error", key=str(ERROR_ID), author=agent, body="hello")

    response = agent_client.get("/errors/")

    assert rows(response) == [
        [
            "20 Nov 12:00:00.00",
            "1cc1eda1 …d35a",
            "API 1300",
            "Not found Object wasn't found or is already expired",
            "Our request",
            "northwind_ph_hq",
            "PH",
            "3× came 3 times 1 1 comment",
        ]
    ]
    assert ids(response) == [str(ERROR_ID)]
    assert links(response, "1cc1eda1") == [f"/errors/{ERROR_ID}/"]


def test_newest_come_first_and_pages_lead_to_each_other(agent_client: Client) -> None:
    save_errors(*(error(n) for n in range(1, 61)))

    first = agent_client.get("/errors/?per_page=25")
    second = agent_client.get(links(first, "Older")[0])
    third = agent_client.get(links(second, "Older")[0])
    back = agent_client.get(links(third, "Newer")[0])

    assert ids(first) + ids(second) + ids(third) == [str(UUID(int=n)) for n in range(1, 61)]
    assert ids(back) == ids(second)
    assert (links(first, "Newer"), links(third, "Older")) == ([], [])
    assert links(third, "Newest") == ["/errors/?per_page=25"]


def test_the_oldest_are_one_link_away(agent_client: Client) -> None:
    save_errors(*(error(n) for n in range(1, 61)))

    response = agent_client.get(links(agent_client.get("/errors/"), "Oldest")[0])

    assert ids(response) == [str(UUID(int=n)) for n in range(11, 61)]


@pytest.mark.parametrize(
    ("sort", "first", "aria"),
    [
        ("-time", 1, "descending"),
        ("time", 3, "ascending"),
        ("code", 2, "ascending"),
        ("-code", 3, "descending"),
    ],
)
def test_the_head_sorts_and_says_so(agent_client: Client, sort: str, first: int, aria: str) -> None:
    save_errors(error(1, code=1300), error(2, code=1002), error(3, code=2000))

    response = agent_client.get(f"/errors/?sort={sort}")

    assert ids(response)[0] == str(UUID(int=first))
    assert page(response).count(f'aria-sort="{aria}"') == 1


@pytest.mark.parametrize(
    "sort", ["message", "-error_id", "time,code", "__class__", "-", "\x00", "x" * 10_000]
)
def test_a_sort_that_no_index_serves_is_the_usual_one(agent_client: Client, sort: str) -> None:
    save_errors(error(2), error(1))

    response = agent_client.get("/errors/", {"sort": [sort, "code"][:1]})

    assert ids(response) == [str(UUID(int=1)), str(UUID(int=2))]


def test_several_sorts_are_no_error(agent_client: Client) -> None:
    save_errors(error(1), error(2))

    assert agent_client.get("/errors/?sort=-code&sort=time").status_code == 200


FILTERED = [
    ("code=1300", [1]),
    ("code=1300,+1002", [1, 2]),
    ("code=1300 1002;1002", [1, 2]),
    ("code=7777", []),
    ("sub_account=northwind_sg_retail", [2]),
    ("sub_account=northwind_sg_retail&sub_account=northwind_ph_hq", [1, 2, 3]),
    ("channel=viber", [3]),
    ("country=sg", [2]),
    ("country=SG,PH", [1, 2, 3]),
    ("table=api_error", [1, 2]),
    ("table=none", [3]),
    ("from=2026-11-20T11:59:58Z", [1, 2]),
    ("to=2026-11-20T11:59:58Z", [3]),
    ("from=2026-11-20T19:59:58%2B08:00&to=2026-11-20T11:59:59Z", [2]),
    ("from=2026-11-20T19:59:58%2B08:00&to=2026-11-20T11:59:58Z", []),
    ("code=1000..1300", [1, 2]),
    ("not_code=1300", [2, 3]),
    ("not_code=1000..1100,987654", [1]),
    ("not_channel=viber&country=PH", [1]),
    ("table=api_error&table=none", [1, 2, 3]),
    ("not_table=none", [1, 2]),
    ("whose=our_request", [1, 2]),
    ("whose=unknown", [3]),
    ("whose=us&whose=unknown", [1, 2, 3]),
    ("not_whose=operator", [1, 2, 3]),
    ("not_whose=unknown&not_whose=us", []),
    ("http=4xx", [2]),
    ("http=404,500", [2]),
    ("not_http=4xx", [1, 3]),
    ("group=0", [1, 2, 3]),
    ("not_group=0", []),
    ("code=1300&country=SG", []),
]


@pytest.mark.parametrize(("query", "expected"), FILTERED)
def test_filters(agent_client: Client, query: str, expected: list[int]) -> None:
    save_errors(
        error(1),
        error(2, code=1002, sub_account="northwind_sg_retail", country="SG", http_status=404),
        error(3, code=987_654, channel="viber"),
    )

    since = "" if "from=" in query else "&from=all"
    response = agent_client.get(f"/errors/?{query}{since}", follow=True)

    assert ids(response) == [str(UUID(int=n)) for n in expected]


def test_chosen_filters_are_chips_that_can_be_taken_away(agent_client: Client) -> None:
    save_errors(error(1))

    response = agent_client.get(
        "/errors/?code=1300,1002&country=PH&sort=code&from=2026-11-20T10:00:00Z"
    )

    assert chips(response) == [
        "From 20 Nov 2026, 10:00", "Code 1002", "Code 1300", "Country PH",
    ]  # fmt: skip
    assert (
        'href="/errors/?from=2026-11-20T10%3A00%3A00Z&amp;code=1002&amp;country=PH&amp;sort=code"'
        in page(response)
    )
    assert links(response, "Clear")[0] == "/errors/?sort=code"


WRONG = [
    ({"code": "1e1000000"}, "“1e1000000” is not a code. Write whole numbers, for example 1300, 1002."),
    ({"code": "9" * 400}, "“99999999999999999999999999999…” is not a code. Write whole numbers, for example 1300, 1002."),
    ({"code": "x" * 10_000}, "That is too long. Up to 500 characters are read."),
    ({"code": " ".join(map(str, range(60)))}, "That is too many. Up to 50 are read."),
    ({"code": "1300\x00"}, "Null characters are not allowed."),
    ({"country": "Philippines"}, "“Philippines” is not a country. Write two letters, for example PH, SG."),
    ({"sub_account": "\x00"}, "This cannot be looked for: it is too long or holds a character of no word."),
    ({"channel": "x" * 10_000}, "This cannot be looked for: it is too long or holds a character of no word."),
    ({"not_channel": "\x00"}, "This cannot be looked for: it is too long or holds a character of no word."),
    ({"code": "1399..1300"}, "“1399..1300” ends before it begins."),
    ({"http": "teapot"}, "“teapot” is not an HTTP status. Write for example 404, 4xx."),
    ({"whose": "mine"}, "“mine” is no answer to whose. There are: our_request, our_account, recipient, operator, channel, platform, unknown, nobody, us, ours, account, 8x8."),
    ({"group": "x"}, "“x” is not a group. Groups are chosen on the page of an error."),
    ({"table": "nonsense"}, "“nonsense” is no code table. There are: api_error, api_error_undocumented, none."),
    ({"from": "yesterday"}, "“yesterday” is not a time. Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z."),
    ({"from": "1999-12-31T00:00:00Z"}, "“1999-12-31T00:00:00Z” is not a time. Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z."),
    ({"to": "2026-11-23T25:00:00Z"}, "“2026-11-23T25:00:00Z” is not a time. Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z."),
    ({"from": "2026-11-23T00:00:00Z", "to": "2026-11-22T00:00:00Z"}, "“To” is before “From”."),
    ({"last": "3h"}, "“3h” is no range up to now. There are: 1h, 24h, 7d, 30d, 90d."),
    ({"operator": "Example Mobile"}, "“operator” is no filter of this list."),
    ({"not_state": "sent"}, "“not_state” is no filter of this list."),
    ({"subaccount": "northwind_ph_hq"}, "“subaccount” is no filter of this list."),
]  # fmt: skip


@pytest.mark.parametrize(("query", "said"), WRONG)
def test_wrong_input_is_said_beside_its_field_and_nothing_is_lost(
    agent_client: Client, query: dict[str, str], said: str
) -> None:
    save_errors(error(1))

    response = agent_client.get("/errors/", query | {"channel": query.get("channel", "viber")})

    assert response.status_code == 200
    assert errors(response) == [said]
    assert notes(response) == [
        "A filter was not understood, so nothing is shown. Mend the marked field, or clear the filters."
    ]
    assert ids(response) == []
    assert 'value="viber"' in page(response)


@pytest.mark.parametrize(
    "query", ["page=-1", "page=x", "per_page=1000000", "per_page=1e9", "per_page=" + "9" * 5000, "nonsense=1", "%00=%00", "cursor=x&page=7"]
)  # fmt: skip
def test_other_parameters_do_no_harm(agent_client: Client, query: str) -> None:
    save_errors(*(error(n) for n in range(1, 121)))

    response = agent_client.get(f"/errors/?{query}")

    assert response.status_code == 200
    assert len(ids(response)) in (50, 100)


def test_a_stale_cursor_shows_the_first_page_and_says_so(agent_client: Client) -> None:
    save_errors(*(error(n) for n in range(1, 61)))
    older = links(agent_client.get("/errors/"), "Older")[0]

    response = agent_client.get(older + "&sort=code")

    assert ids(response)[0] == str(UUID(int=60))
    assert notes(response) == [
        "The link to that page no longer fits this order. These are the first rows."
    ]


def test_relative_ranges_become_absolute_so_that_a_link_stays_true(agent_client: Client) -> None:
    response = agent_client.get("/errors/?last=24h&code=1300&country=")

    address = response.headers["Location"]
    shown = agent_client.get(address)

    assert response.status_code == 302
    assert address.startswith("/errors/?code=1300&from=20")
    assert "last" not in address
    assert "country" not in address
    assert shown.status_code == 200
    assert 'aria-current="true">24 h</a>' in page(shown)


def test_times_typed_in_ones_own_zone_become_absolute(agent: User, agent_client: Client) -> None:
    agent.time_zone = "Asia/Manila"
    agent.save()

    response = agent_client.get("/errors/?from=2026-11-20T20:00")
    shown = agent_client.get(response.headers["Location"])

    assert response.headers["Location"] == "/errors/?from=2026-11-20T12%3A00%3A00Z"
    assert 'value="2026-11-20T20:00:00"' in page(shown)
    assert chips(shown) == ["From 20 Nov 2026, 20:00"]


def test_others_sub_accounts_are_neither_shown_nor_found(client_for: ClientFor, db: None) -> None:
    team = Team.objects.create(name="Singapore", sub_accounts=["northwind_sg_retail"])
    reader = User.objects.create_user("reader", role="agent", team=team)
    save_errors(error(1), error(2, sub_account="northwind_sg_retail"), error(3, sub_account=""))
    client = client_for(reader)

    everything = client.get("/errors/")
    others = client.get("/errors/?sub_account=northwind_ph_hq")

    assert ids(everything) == [str(UUID(int=2)), str(UUID(int=3))]
    assert ids(others) == []
    assert "northwind_ph_hq" not in page(everything)


def test_a_team_pages_through_its_sub_accounts_in_one_order(
    client_for: ClientFor, db: None
) -> None:
    names = ["northwind_ph_hq", "northwind_sg_retail", ""]
    team = Team.objects.create(name="Asia", sub_accounts=names[:2])
    reader = User.objects.create_user("reader", role="agent", team=team)
    save_errors(*(error(n, sub_account=[*names, "others"][n % 4]) for n in range(1, 81)))
    client = client_for(reader)

    first = client.get("/errors/?per_page=25")
    second = client.get(links(first, "Older")[0])
    third = client.get(links(second, "Older")[0])

    expected = [str(UUID(int=n)) for n in range(1, 81) if n % 4 < 3]
    assert ids(first) + ids(second) + ids(third) == expected


def test_no_rows_name_the_next_step(agent_client: Client) -> None:
    assert empty(agent_client.get("/errors/")) == ["No errors yet"]
    assert empty(agent_client.get("/errors/?code=1300")) == ["No error fits these filters"]


def test_foreign_text_stays_text(agent_client: Client) -> None:
    save_errors(error(message="<img src=x onerror=alert(4)>\u202e", sub_account='"><script>'))

    html = page(agent_client.get("/errors/"))

    assert '<bdi class="muted" title="&lt;img src=x onerror=alert(4)&gt;\u202e">' in html
    assert "<img" not in html
    assert '"><script>' not in html


def test_an_unknown_code_is_drawn_as_unknown(agent_client: Client) -> None:
    save_errors(error(code=987_654, message=""))

    response = agent_client.get("/errors/")

    assert rows(response)[0][2:5] == ["API 987654", "not in the tables", "Not known"]
    assert links(response, "API 987654") == ["/codes/api_error/987654/"]
    assert 'data-v="unknown"' in page(response)


def test_htmx_gets_the_fragment_and_everybody_else_the_page(agent_client: Client) -> None:
    save_errors(error())

    part = agent_client.get("/errors/", headers={"HX-Request": "true"})
    restored = agent_client.get(
        "/errors/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )

    assert page(part).startswith('<div class="stack" data-gap="l" id="browse">')
    assert page(restored).startswith("<!doctype html>")
    assert (ids(part), "HX-Request" in part.headers["Vary"]) == ([str(ERROR_ID)], True)


@pytest.mark.parametrize("number", [1, 50])
def test_a_page_costs_the_same_queries_for_any_number_of_rows(
    agent: User,
    agent_client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    save_errors(*(error(n, occurred_at=NOON - timedelta(minutes=n)) for n in range(1, number + 1)))
    for n in range(1, number + 1):
        add_comment(kind="error", key=str(UUID(int=n)), author=agent, body="hello")
    agent_client.get("/errors/")

    # session, person, views, rows, comments, inquiries, what the team says, all around the page
    with django_assert_num_queries(8 + TIMEOUT):
        response = agent_client.get("/errors/")

    assert len(ids(response)) == number
