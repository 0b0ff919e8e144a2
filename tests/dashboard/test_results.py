"""The page of everything in a text: what is shown of the text, its rows, and the table to take along."""

import re
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import User
from support_portal.dashboard.pasted import LONGEST_SHOWN, pasted
from support_portal.dashboard.results import MOST_ROWS
from support_portal.ingest.limits import gate
from support_portal.payloads.recognise import Thing, recognise
from support_portal.watches.models import Watch
from support_portal.watches.services import Wanted, watch
from tests.dashboard.reading import empty, page, words
from tests.dashboard.rows import error, save_errors
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, UMID, a_receipt, an_error, sent

ABSENT = "9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa"
OTHER = "9e30c7aa-41b2-4c1e-9d03-b46d0091f2ab"
PHONE = "+12025550147"


def ask(client: Client, text: str) -> Any:
    return client.post("/lookup", {"q": text})


def field(response: Any, name: str) -> str:
    """Return the contents of a hidden field of the page."""
    found = re.search(
        rf'<textarea name="{name}" hidden>\n(.*?)</textarea>', page(response), re.DOTALL
    )
    assert found
    return unescape(found[1])


def keys(response: Any) -> list[str]:
    return [unescape(each) for each in re.findall(r'name="row" value="(.*?)"', page(response))]


def ids(many: int) -> str:
    return "\n".join(str(UUID(int=number)) for number in range(1, many + 1))


def test_each_thing_and_its_row_lead_to_one_another(agent_client: Client) -> None:
    html = page(ask(agent_client, f"errorId {ABSENT}\numid {OTHER}"))

    assert re.findall(r'<mark [^>]*id="(m\d)">.*?<a href="#(r\d)"', html) == [("m1", "r1"), ("m2", "r2")]  # fmt: skip
    assert re.findall(r'<li id="(r\d)".*?href="#(m\d)"', html, re.DOTALL) == [("r1", "m1"), ("r2", "m2")]  # fmt: skip


def test_what_there_is_is_counted(agent_client: Client) -> None:
    sent(an_error())

    html = words(page(ask(agent_client, f"2026-07-20 08:00:00 {ERROR_ID} {ABSENT} code: 1300")))

    assert "3 things in this text" in html
    assert "1 held 1 not held 1 number decoded 1 time, read as context" in html


def test_things_that_lead_to_one_record_are_named(agent_client: Client) -> None:
    sent(a_receipt(message={"clientMessageId": "NWP-447"}))

    html = words(page(ask(agent_client, f"umid {UMID} clientMessageId: NWP-447 errorId {ABSENT}")))

    assert "9f4b5bb0… and NWP-447 are one message." in html


def test_rows_that_are_missing_can_be_watched_and_no_others(
    agent: User, agent_client: Client
) -> None:
    sent(an_error())
    watch(agent, [Wanted("umid", OTHER)])
    text = (
        f"errorId {ERROR_ID} errorId {ABSENT} umid {OTHER} {PHONE} clientMessageId: a-1 code: 1300"
    )

    response = ask(agent_client, text)

    assert keys(response) == [
        "1",
        f"2 error_id {ABSENT}",
        f"3 umid {OTHER}",
        "4",
        "5 client_message_id a-1",
        "6",
    ]
    assert field(response, "missing").split("\n")[:-1] == [
        f"2 error_id {ABSENT}",
        "5 client_message_id a-1",
    ]
    html = words(page(response))
    assert ("Watch the 2 missing" in html, html.count("Watched")) == (True, 1)


def test_the_missing_are_watched_with_one_press(agent: User, agent_client: Client) -> None:
    response = ask(agent_client, ids(3))

    agent_client.post(
        "/watches/", {"which": "missing", "missing": field(response, "missing"), "days": "7"}
    )

    assert Watch.objects.of(agent).open().count() == 3


def test_all_of_a_thousand_boxes_may_be_ticked(agent: User, agent_client: Client) -> None:
    rows = [f"{number} client_message_id n{number}" for number in range(1, MOST_ROWS + 1)]

    response = agent_client.post("/watches/", {"row": rows, "days": "1"})

    assert (response.status_code, Watch.objects.of(agent).count()) == (302, 500)


def test_the_table_says_what_the_rows_say(agent_client: Client) -> None:
    sent(an_error())
    response = ask(agent_client, f"errorId {ERROR_ID} {PHONE}\nclientMessageId: =1+1 {ABSENT}")

    table = field(response, "table")

    assert [line.split("\t") for line in table.split("\n")] == [
        ["No.", "Kind", "Value", "Held", "What it is", "Page"],
        [
            "1",
            "errorId",
            ERROR_ID,
            "yes",
            "API 1300 Not found. Our request: it asks for a message 8x8 does not have.",
            f"http://testserver/errors/{ERROR_ID}/",
        ],
        ["2", "phone number", "+1••••••0147", "no", "Not held by us.", ""],
        ["3", "client message id", "=1+1", "no", "Not held by us.", ""],
        ["4", "id", ABSENT, "no", "Not held by us.", ""],
    ]


TABLE = "No.\tKind\tValue\n1\terrorId\tx\n2\tphone number\t+1•••\n3\tclient id\t=1+1|*y*"


@pytest.mark.parametrize(
    ("rows", "form", "text"),
    [
        ([], "tsv", "No.\tKind\tValue\n1\terrorId\tx\n2\tphone number\t+1•••\n3\tclient id\t'=1+1|*y*\n"),
        (["3 client_message_id x"], "tsv", "No.\tKind\tValue\n3\tclient id\t'=1+1|*y*\n"),
        (["1", "3 x"], "md", "| No. | Kind | Value |\n| --- | --- | --- |\n| 1 | errorId | x |\n| 3 | client id | =1+1\\|\\*y\\* |\n"),
        (["9"], "md", "| No. | Kind | Value |\n| --- | --- | --- |\n"),
    ],
)  # fmt: skip
def test_the_ticked_rows_become_text_for_a_spreadsheet_or_a_chat(
    agent_client: Client, rows: list[str], form: str, text: str
) -> None:
    sent_form = {"table": TABLE.replace("\n", "\r\n"), "row": rows, "format": form}

    bare = agent_client.post("/lookup/table", sent_form, headers={"Accept": "text/plain"})
    shown = agent_client.post("/lookup/table", sent_form)
    file = agent_client.post("/lookup/table", sent_form | {"download": "yes"})

    assert (page(bare), page(file)) == (text, text)
    assert bare["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"] == f'attachment; filename="lookup.{form}"'
    assert f">\n{escape(text)}</textarea>" in page(shown)


@pytest.mark.parametrize("table", ["", "\x00", "a\tb", "\n\n\n", "<script>\t\n" * 9])
def test_a_table_that_no_page_sends_does_no_harm(agent_client: Client, table: str) -> None:
    response = agent_client.post("/lookup/table", {"table": table, "row": ["x", "1"]})

    assert (response.status_code, "<script>\t" in page(response)) == (200, False)


def test_a_hostile_text_stays_text_in_every_place(agent_client: Client) -> None:
    text = f'{HOSTILE}\nclientMessageId: "{HOSTILE}"\n\u202eerrorId {ABSENT}\n</textarea>{HOSTILE}'

    response = ask(agent_client, text)

    html = page(response)
    assert (HOSTILE in html, "</textarea>&lt;" in html) == (False, False)
    assert f"<bdi>{SHOWN}</bdi>" in html


def test_details_of_a_missing_client_id_are_those_of_its_kind(agent_client: Client) -> None:
    html = page(ask(agent_client, f"clientMessageId: NWP-447 errorId {ABSENT}"))

    (details,) = re.findall(r'href="(/e/client[^"]*)"', html)
    assert "read as client message id, from the label beside it" in page(agent_client.get(details))


def test_nothing_but_times_is_said(agent_client: Client) -> None:
    assert empty(ask(agent_client, "2026-07-20 08:00:00")) == ["Nothing but times"]


def test_a_thousand_rows_are_shown_and_the_rest_counted(agent_client: Client) -> None:
    response = ask(agent_client, ids(MOST_ROWS + 240))

    assert len(keys(response)) == MOST_ROWS
    assert "1,000 things in this text" in words(page(response))
    assert "240 more are not shown" in words(page(response))


def test_a_bare_name_is_tried_as_a_clients_id(agent_client: Client) -> None:
    sent(a_receipt(message={"clientMessageId": "NWP-447-AWB"}))

    for response in (ask(agent_client, " NWP-447-AWB "), agent_client.get("/e/NWP-447-AWB")):
        assert (response.status_code, response["Location"]) == (302, f"/messages/{UMID}/")
    assert agent_client.get("/e/NWP-448").status_code == 404


@pytest.mark.parametrize("cut", [ERROR_ID[:8], ERROR_ID[:8] + "…", "…" + ERROR_ID[-12:]])
def test_a_cut_id_lists_its_candidates(agent_client: Client, cut: str) -> None:
    sent(an_error(1), an_error(2), a_receipt(1))
    sent(an_error(1) | {"errorId": "5cc1eda1-f5dd-ea11-8288-000000000001"})

    response = ask(agent_client, cut)

    html = words(page(response))
    assert "2 candidates: choose one." in html or "3 candidates: choose one." in html
    assert f"/errors/{ERROR_ID}/" in page(response)


def test_a_text_that_is_long_shows_its_beginning_and_what_is_around_things() -> None:
    text = "a" * 60_000 + f" errorId {ABSENT} " + "b" * 60_000 + f" {PHONE} " + "c" * 60_000

    shown = pasted(text, recognise(text))

    assert not shown.whole
    assert shown.marked == {1, 2}
    assert sum(len(each.text) for each in shown.segments) < 3_000
    assert [each.left_out > 50_000 for each in shown.segments if each.left_out] == [True] * 3


@given(
    st.lists(st.integers(0, 1_500), min_size=1, max_size=120),
    st.integers(1, 300),
    st.booleans(),
)
def test_however_much_is_left_out_no_number_is_shown_in_part(
    gaps: list[int], length: int, long: bool
) -> None:
    text, things = "", []
    for gap in gaps:
        text += "x" * gap
        things.append(Thing("phone", PHONE, len(text), len(text) + length, ""))
        text += "5" * length
    text += "x" * (LONGEST_SHOWN if long else 0)

    shown = pasted(text, things)

    unmarked = "".join(each.text for each in shown.segments if not each.number)
    left_out = sum(each.left_out for each in shown.segments)
    marked = sum(things[number - 1].end - things[number - 1].start for number in shown.marked)
    assert "5" not in unmarked
    assert len(unmarked) + left_out + marked == len(text)
    assert shown.whole or sum(len(each.text) for each in shown.segments) <= LONGEST_SHOWN


@pytest.mark.parametrize("many", [1, 60])
def test_the_page_of_what_is_missing_takes_the_same_queries_however_much_lies_near(
    many: int, agent_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    moment = datetime(2026, 6, 18, 8, 51, 22, tzinfo=UTC)
    save_errors(*(error(number, occurred_at=moment) for number in range(1, many + 1)))
    gate.forget()

    with django_assert_num_queries(21):
        response = ask(agent_client, f"errorId {ABSENT} subAccountId: northwind_ph_hq code: 1300")

    assert page(response).count("<tr><td") == (2 if many == 1 else 15)


@pytest.mark.parametrize("text", [f"errorId {ABSENT} umid {OTHER}", "nothing <b>to find</b>"])
def test_the_text_can_be_edited_and_looked_up_again(agent_client: Client, text: str) -> None:
    html = page(ask(agent_client, text))

    (edited,) = re.findall(r'<textarea id="big" name="q"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    assert unescape(edited) == text


def test_a_text_that_is_not_shown_whole_is_not_sent_twice(agent_client: Client) -> None:
    html = page(ask(agent_client, f"errorId {ABSENT} umid {OTHER} " + "- " * LONGEST_SHOWN))

    assert 'id="big"' not in html
