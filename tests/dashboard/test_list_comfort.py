"""Columns, ticked rows, jumping to a time, and what is new."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.dashboard import taken
from support_portal.dashboard.views import listing
from support_portal.insights import rebuilding
from tests.dashboard.reading import errors, ids, links, notes, page, rows, words
from tests.dashboard.rows import NOON, UMID, error, message, save_errors, save_messages
from tests.events.arrived import NUMBER, an_error, record

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_names_left_over() -> None:
    cache.clear()


def heads(response):
    found = re.findall(
        r'<th scope="col"(?! class="check").*?>(.*?)</th>', page(response), re.DOTALL
    )
    return [words(one) for one in found]


def test_columns_are_chosen_and_ordered_by_the_address(agent_client: Client) -> None:
    save_errors(error(http_status=404, method="GET", path="/api/v1/messages", umid=UMID))

    response = agent_client.get("/errors/?columns=code,time,http,endpoint,umid")

    body = re.search(r"<tbody>(.*?)</tbody>", page(response), re.DOTALL)
    assert body is not None
    cells = re.findall(r'<td(?! class="check").*?>(.*?)</td>', body[1], re.DOTALL)
    assert [words(cell) for cell in cells] == [
        "API 1300", "20 Nov 12:00:00.00", "404", "GET /api/v1/messages", "46d27247 …cb0c",
    ]  # fmt: skip


def test_columns_are_remembered_until_the_usual_ones_are_asked_for(agent_client: Client) -> None:
    save_errors(error())
    agent_client.get("/errors/?columns=code,time")

    remembered = len(rows(agent_client.get("/errors/"))[0])
    messages_too = agent_client.session.get("columns.message")
    usual = len(rows(agent_client.get("/errors/?columns=usual"))[0])
    later = len(rows(agent_client.get("/errors/"))[0])

    assert (remembered, messages_too, usual, later) == (2, None, 8, 8)


@pytest.mark.parametrize(
    ("columns", "shown", "said"),
    [
        ("nonsense", 8, ["There is no column “nonsense”."]),
        ("code,__class__", 1, ["There is no column “__class__”."]),
        ("code,code,code", 1, []),
        ("x" * 10_000, 8, ["There is no column “" + "x" * 29 + "…”."]),
    ],
)
def test_unknown_columns_are_said_and_the_rest_works(
    agent_client: Client, columns: str, shown: int, said: list[str]
) -> None:
    save_errors(error())

    response = agent_client.get("/errors/", {"columns": columns})

    assert (len(rows(response)[0]), errors(response)) == (shown, said)


def test_every_column_of_both_tables_draws_in_the_same_queries(
    agent_client: Client, django_assert_max_num_queries
) -> None:
    save_errors(*(error(n, umid=UMID, http_status=429) for n in range(1, 51)))
    save_messages(*(message(n) for n in range(1, 51)))
    for place, names in {
        "errors": "time,error_id,code,meaning,whose,sub_account,country,notes,channel,recipient,http,endpoint,umid,received",
        "messages": "time,umid,state,code,meaning,whose,channel,sub_account,recipient,notes,country,operator,first",
    }.items():
        agent_client.get(f"/{place}/?columns={names}")
        with django_assert_max_num_queries(16):
            response = agent_client.get(f"/{place}/?columns={names}")
        assert len(rows(response)[0]) == names.count(",") + 1


@pytest.mark.parametrize("sort", ["code", "-sub_account", "time"])
def test_a_sort_by_a_hidden_column_costs_no_query_a_row(
    agent_client: Client, sort: str, django_assert_max_num_queries
) -> None:
    save_errors(*(error(n) for n in range(1, 61)))
    agent_client.get("/errors/?columns=whose")

    with django_assert_max_num_queries(16):
        agent_client.get(f"/errors/?columns=whose&sort={sort}")


def test_moving_a_column_is_a_link(agent_client: Client) -> None:
    save_errors(error())

    response = agent_client.get("/errors/?columns=time,code&code=1300")

    assert (
        '<a href="/errors/?code=1300&amp;columns=code%2Ctime" data-column="Code earlier"'
        in page(response)
    )
    assert "/errors/?code=1300&columns=time%2Ccode%2Cchannel" in links(response, "Show Channel")


@pytest.mark.parametrize(
    ("sort", "expected"), [("", [31, 32]), ("time", [30, 29]), ("code", [31, 32])]
)
def test_a_time_is_jumped_to(agent_client: Client, sort: str, expected: list[int]) -> None:
    save_errors(*(error(n) for n in range(1, 61)))

    response = agent_client.get(
        f"/errors/?at=2026-11-20T11:59:29.5Z&sort={sort}&code=1300", follow=True
    )

    assert ids(response)[:2] == [str(UUID(int=n)) for n in expected]
    assert "at=" not in response.redirect_chain[-1][0]
    assert "code=1300" in response.redirect_chain[-1][0]


@pytest.mark.parametrize("at", ["yesterday", "x" * 10_000, "1999-01-01T00:00"])
def test_what_is_no_time_is_said_beside_the_field(agent_client: Client, at: str) -> None:
    save_errors(error())

    response = agent_client.get("/errors/", {"at": at})

    assert response.status_code == 200
    assert errors(response)[0].endswith("Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z.")
    assert len(rows(response)) == 1


def asked(response):
    found = re.search(r'data-newer="([^"]*)"', page(response))
    return found[1].replace("&amp;", "&") if found else ""


def test_new_rows_are_counted_under_the_filter_and_do_not_move(agent_client: Client) -> None:
    save_errors(*(error(n) for n in range(10, 20)))
    address = asked(agent_client.get("/errors/?code=1300"))

    before = agent_client.get(address).json()
    save_errors(error(1), error(2), error(3, code=9), error(50))
    after = agent_client.get(address).json()

    assert (before, after) == ({"new": 0}, {"new": 2})


def test_new_rows_are_counted_up_to_a_hundred(agent_client: Client) -> None:
    save_messages(message(500))
    address = asked(agent_client.get("/messages/"))
    save_messages(*(message(n) for n in range(1, 151)))

    assert agent_client.get(address).json() == {"new": 100}


def test_only_the_newest_page_asks_for_new_rows(agent_client: Client) -> None:
    save_errors(*(error(n) for n in range(1, 61)))
    first = agent_client.get("/errors/?per_page=25")

    assert asked(first)
    assert not asked(agent_client.get(links(first, "Older")[0]))
    assert not asked(agent_client.get("/errors/?sort=code"))
    assert not asked(agent_client.get("/errors/?to=2026-11-20T12:00:00Z"))


def test_a_range_up_to_now_goes_on(agent_client: Client, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    save_errors(error(60))
    response = agent_client.get("/errors/?last=24h", follow=True)
    save_errors(error(1, occurred_at=NOON))

    assert agent_client.get(asked(response)).json() == {"new": 1}
    assert "/errors/?last=24h" in links(response, "new")


def test_what_is_new_of_the_rare_is_looked_for_where_it_can_be(agent_client: Client, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    began = NOON - timedelta(days=20)
    record(
        an_error(destination=NUMBER, occurred_at=began),
        an_error(error_id=UMID, occurred_at=NOON),
    )
    rebuilding.caught_up()
    address = asked(agent_client.get("/errors/?country=US&from=all"))

    with CaptureQueriesContext(connection) as queries:
        before = agent_client.get(address).json()
        asked_for = [each["sql"] for each in queries]
    record(
        an_error(error_id=UUID(int=1), destination=NUMBER, occurred_at=NOON - HOUR),
        an_error(error_id=UUID(int=2), destination=NUMBER, occurred_at=NOON + HOUR),
    )
    after = agent_client.get(address).json()

    reading = [sql for sql in asked_for if 'FROM "events_errorevent"' in sql]
    to_come, then = f"{NOON + timedelta(days=1):%Y-%m-%d %H}", f"{began + HOUR:%Y-%m-%d %H}"
    assert (before, after) == ({"new": 0}, {"new": 2})
    assert [(to_come in sql, then in sql) for sql in reading] == [(False, True), (True, False)]


@pytest.mark.parametrize("since", ["", "x", "x" * 5_000])
def test_a_forged_place_has_nothing_new(agent_client: Client, since: str) -> None:
    save_errors(error())

    assert agent_client.get("/errors/newer/", {"since": since}).json() == {"new": 0}


def take(client, *, do="tsv", plain=True, kind="errors", **sent):
    headers = {"Accept": "text/plain"} if plain else {}
    return client.post(f"/{kind}/selected/", {"do": do, "query": "", **sent}, headers=headers)


def test_ticked_rows_are_copied_as_a_table_newest_first(agent_client: Client) -> None:
    save_errors(error(1), error(2, message="=HYPERLINK(\t1)\nx +6391234567"), error(3))

    response = take(agent_client, row=[str(UUID(int=2)), str(UUID(int=1))])

    lines = [line.split("\t") for line in page(response).splitlines()]
    assert [line[0] for line in lines] == ["errorId", str(UUID(int=1)), str(UUID(int=2))]
    assert lines[1][1:] == [
        "2026-11-20 11:59:59", "API 1300", "Not found", "Our request", "northwind_ph_hq", "sms", "PH",
        "Object wasn't found or is already expired", f"http://testserver/errors/{UUID(int=1)}/",
    ]  # fmt: skip
    assert lines[2][8].startswith("'=HYPERLINK( 1) x")
    assert "6391234567" not in page(response)


def test_messages_are_copied_as_markdown(agent_client: Client) -> None:
    save_messages(message())

    response = take(agent_client, kind="messages", do="md", row=[str(UMID)])

    assert (
        page(response)
        .splitlines()[2]
        .startswith(
            f"| {UMID} | 2026-11-20 12:00:00 | delivered |  |  |  | whatsapp | northwind\\_ph\\_hq | +63•••••4567 |"
        )
    )


def test_all_rows_of_a_filter_are_taken_by_the_filter(agent_client: Client) -> None:
    save_errors(*(error(n, code=(1300, 1002)[n % 2]) for n in range(1, 21)))

    response = take(agent_client, all="1", query="code=1002")

    assert len(page(response).splitlines()) == 11


def test_more_rows_than_can_be_taken_are_refused_with_their_number(
    agent_client: Client, monkeypatch
) -> None:
    monkeypatch.setattr("support_portal.dashboard.views.selected.MOST", 5)
    save_errors(*(error(n) for n in range(1, 21)))

    script = take(agent_client, all="1")
    form = agent_client.post("/errors/selected/", {"all": "1", "query": "code=1300"}, follow=True)

    assert script.status_code == 422
    assert "rows are more than the 5 that can be taken at once. Export them instead." in page(
        script
    )
    assert form.redirect_chain == [("/errors/?code=1300", 302)]
    assert "Export them instead." in notes(form)[0]


def test_nothing_ticked_leads_back_to_the_list(agent_client: Client) -> None:
    response = agent_client.post("/errors/selected/", {"query": "code=1300"}, follow=True)

    assert response.redirect_chain == [("/errors/?code=1300", 302)]
    assert notes(response) == ["Tick some rows first."]


def test_ticked_rows_are_looked_up_together(agent_client: Client) -> None:
    save_errors(error(1), error(2))

    response = take(
        agent_client, do="lookup", plain=False, row=[str(UUID(int=1)), str(UUID(int=2))]
    )

    assert "2 things in this text" in words(page(response))


def test_without_a_script_the_table_is_a_page(agent_client: Client) -> None:
    save_errors(error())

    response = take(
        agent_client, plain=False, do="md", row=["1cc1eda1-f5dd-ea11-8288-0263195dd35a"]
    )

    assert "1 row as a table" in words(page(response))
    assert links(response, "Back to the list") == ["/errors/"]


@pytest.mark.parametrize("sent", [{"row": ["x", "' OR 1", "\x00"]}, {"row": [str(UUID(int=3))]}, {"query": "\x00=%&&", "all": "1"}, {"query": "code=x", "all": "1"}])  # fmt: skip
def test_rows_of_others_and_nonsense_are_not_taken(
    agent: User, agent_client: Client, sent: dict[str, object]
) -> None:
    assert agent.team is not None
    agent.team.all_sub_accounts = False
    agent.team.sub_accounts = ["northwind_ph_hq"]
    agent.team.save()
    save_errors(error(3, sub_account="others"))

    response = take(agent_client, **sent)

    assert "others" not in page(response)
    assert response.status_code in (200, 302)


def test_the_limit_is_told_on_the_page(agent_client: Client) -> None:
    save_errors(error())

    assert f"Up to {taken.MOST:,} rows" in words(page(agent_client.get("/errors/")))


def test_how_much_an_inquiry_holds_is_told_on_the_page(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_EVIDENCE", 7_000)
    save_errors(error())

    assert "The freshest 7,000 at most" in page(agent_client.get("/errors/"))


@pytest.mark.parametrize("page_of", ["/errors/", "/messages/", "/errors/by-code/"])
@pytest.mark.parametrize("sort", ["nonsense", "-meaning", "x" * 10_000])
def test_what_cannot_be_sorted_by_is_said(agent_client: Client, page_of: str, sort: str) -> None:
    response = agent_client.get(page_of, {"sort": sort}, follow=True)

    cut = sort if len(sort) < 30 else "x" * 29 + "…"
    assert notes(response) == [
        f"These rows cannot be sorted by “{cut}”. They come in the usual order."
    ]


def test_the_first_page_asks_for_new_rows_after_paging_back_too(agent_client: Client) -> None:
    save_errors(*(error(n) for n in range(1, 61)))
    second = agent_client.get(links(agent_client.get("/errors/?per_page=25"), "Older")[0])

    back = agent_client.get(links(second, "Newer")[0])
    address = asked(back)
    save_errors(error(0))

    assert agent_client.get(address).json() == {"new": 1}
    assert "/errors/?per_page=25" in links(back, "new")
