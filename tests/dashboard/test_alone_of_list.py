"""Is it only me, asked from a list: after the rows, and on a page without scripts."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.reading import links, page
from tests.dashboard.sending import an_error, sent

pytestmark = pytest.mark.django_db


def test_a_filtered_list_leads_to_the_answer(agent_client: Client) -> None:
    sent(an_error())

    assert links(agent_client.get("/errors/?code=1300"), "Is it only me?") == [
        "/errors/alone/?code=1300"
    ]
    assert links(agent_client.get("/errors/"), "Is it only me?") == []


def test_the_answer_is_one_sentence_after_the_rows_and_a_page_without_scripts(
    agent_client: Client,
) -> None:
    address = "/errors/alone/?code=1300"

    part = page(agent_client.get(address, headers={"HX-Request": "true"}))
    whole = page(agent_client.get(address))

    assert "There is none in the last hour." in part
    assert "<html" not in part
    assert "There is none in the last hour." in whole
    assert "<html" in whole
    assert whole.count("<h1") == 1


def test_all_of_them_are_those_of_the_list(agent_client: Client) -> None:
    now = timezone.now().isoformat()
    sent(*(an_error(number) | {"timestamp": now} for number in (1, 2)))
    query = "code=1200..1400&whose=our_request&not_channel=sms&not_country=PH"

    (href,) = links(agent_client.get(f"/errors/alone/?{query}&last=1h"), "See all 2")

    assert set(parse_qsl(query)) <= set(parse_qsl(urlsplit(href).query))
    assert "2 errors" in page(agent_client.get(f"{href}&counts=1"))


@pytest.mark.parametrize("query", ["code=x", "http=404", "from=nonsense", "text=" + "x" * 10_000])
def test_what_is_not_counted_is_said(agent_client: Client, query: str) -> None:
    for kind in ("errors", "messages"):
        response = agent_client.get(f"/{kind}/alone/?{query}")

        assert response.status_code == 200
