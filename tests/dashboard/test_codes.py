"""The tables of codes and the page of one code."""

import pytest
from django.test import Client

from support_portal.reason_codes import registries
from tests.dashboard.reading import links, page, rows, words
from tests.dashboard.sending import HOSTILE, UMID, a_receipt, an_error, sent

DOCUMENT = [
    ["HTTP 200", "OK, The request has succeeded."],
    [
        "HTTP 201",
        "Created, The request has succeeded and a new resource has been created as a result.",
    ],
    ["HTTP 202", "Accepted, The request has been received but not yet acted upon."],
    [
        "HTTP 204",
        "No Content, The request has succeeded, but there is no content to send as a response.",
    ],
    ["HTTP 400", "Bad Request, Request has invalid syntax."],
    [
        "HTTP 401",
        "Unauthorized, The client must provide the correct API key in the Authorization header.",
    ],
    [
        "HTTP 403",
        "Forbidden, The client is authenticated but does not have permissions to the content",
    ],
    ["HTTP 404", "Not Found, The server can not find the requested resource."],
    [
        "HTTP 410",
        "Gone, The requested content has been permanently deleted from the server, with no "
        "forwarding address. This usually applied to the API version that's not supported anymore.",
    ],
    [
        "HTTP 422",
        "422 Unprocessable Entity, The request was well-formed but was unable to be followed "
        "due to semantic errors.",
    ],
    [
        "HTTP 429",
        'Too Many Requests, The user has sent too many requests in a given amount of time ("rate limiting").',
    ],
    [
        "HTTP 500",
        "Internal Server Error, The server has encountered a situation it doesn't know how to handle.",
    ],
]


def test_the_table_of_the_client_document_stands_word_for_word(agent_client: Client) -> None:
    assert rows(agent_client.get("/codes/")) == DOCUMENT


def test_every_table_is_listed_with_its_count(agent_client: Client) -> None:
    html = words(page(agent_client.get("/codes/")))

    assert [
        table.key
        for table in registries().values()
        if f"{table.title} {len(table.codes)}" not in html
    ] == []


@pytest.mark.parametrize("key", list(registries()))
def test_each_table_shows_all_of_its_codes(key: str, agent_client: Client) -> None:
    shown = rows(agent_client.get(f"/codes/?table={key}"))

    assert len(shown) == len(registries()[key].codes)


def test_a_search_finds_numbers_first(agent_client: Client) -> None:
    shown = rows(agent_client.get("/codes/?q=1002"))

    assert [row[0] for row in shown[:2]] == ["API 1002", "WhatsApp 1002"]


@pytest.mark.parametrize(
    "query", ["?q=%00", "?q=" + "x" * 5000, "?table=nope", "?q=zzzz", "?q=%FF"]
)
def test_no_search_is_an_error(query: str, agent_client: Client) -> None:
    assert agent_client.get("/codes/" + query).status_code == 200


def test_a_search_is_shown_as_text(agent_client: Client) -> None:
    assert HOSTILE not in page(agent_client.get("/codes/", {"q": HOSTILE}))


def test_a_code_is_shown_with_its_answer_source_and_other_meanings(agent_client: Client) -> None:
    html = page(agent_client.get("/codes/api_error/1300/"))

    assert "Our request: it asks for a message 8x8 does not have." in html
    assert "Official text Not found Source 8x8 developer documentation Date 23 Jul 2026" in words(
        html
    )
    assert "No other table has 1300." in html


def test_a_code_of_errors_names_those_seen_lately(agent_client: Client) -> None:
    sent(an_error(1), an_error(2, code=2000))

    response = agent_client.get("/codes/api_error/1300/")

    assert len(rows(response)) == 1
    assert links(response, "See all") == ["/errors/?code=1300"]


def test_a_code_of_receipts_names_the_messages_that_failed_with_it(agent_client: Client) -> None:
    sent(a_receipt(state="undelivered", errorCode=15))

    response = agent_client.get("/codes/sms_dlr/15/")

    assert (len(rows(response)), UMID in page(response)) == (1, True)
    assert links(response, "See all") == ["/messages/?code=15&table=sms_dlr"]


def test_a_table_whose_numbers_are_not_stored_says_nothing_of_lately(agent_client: Client) -> None:
    assert "Seen lately" not in page(agent_client.get("/codes/http_status/404/"))


@pytest.mark.parametrize("address", ["/codes/api_error/-7/", "/codes/sms_dlr/9999999999/"])
def test_a_number_that_a_table_does_not_list_has_a_page_that_says_so(
    address: str, agent_client: Client
) -> None:
    response = agent_client.get(address)

    assert response.status_code == 200
    assert "This table does not list the number." in page(response)


def test_negative_codes_have_pages(agent_client: Client) -> None:
    html = words(page(agent_client.get("/codes/voice_error/-2001/")))

    assert "Voice -2001 An internal error has occurred" in html


def test_a_provider_code_says_what_it_becomes(agent_client: Client) -> None:
    assert "Becomes" in words(page(agent_client.get("/codes/whatsapp_provider/131026/")))


@pytest.mark.parametrize(
    "address", ["/codes/nope/1/", "/codes/api_error/x/", "/codes/api_error/1.5/"]
)
def test_there_is_no_page_for_an_unknown_table(address: str, agent_client: Client) -> None:
    assert agent_client.get(address).status_code == 404


def test_every_code_of_every_table_has_a_page(agent_client: Client) -> None:
    sample = [(key, code) for key, table in registries().items() for code in list(table.codes)[::9]]

    assert {agent_client.get(f"/codes/{key}/{code}/").status_code for key, code in sample} == {200}
