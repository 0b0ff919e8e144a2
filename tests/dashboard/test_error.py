"""The page of one API error."""

import json
import re
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.comments.services import add_comment
from support_portal.core.sealing import seal
from support_portal.ingest.models import Delivery
from support_portal.ingest.services import receive
from tests.conftest import ClientFor
from tests.dashboard.parts import part, said
from tests.dashboard.reading import links, page, words
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, UMID, a_receipt, an_error, sent
from tests.ingest.sent import drain_all, encoded

ADDRESS = f"/errors/{ERROR_ID}/"
MISSING = "/errors/9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa/"


def fact(html: str, name: str) -> str:
    """Return what the facts say under ``name``."""
    return said(html, rf"<dt>{name}</dt><dd>(.*?)</dd>")


def story(html: str) -> list[str]:
    """Return the lines of the timeline without their times."""
    return [words(line) for line in re.findall(r'<div class="what">(.*?)</div>', html, re.DOTALL)]


def test_1300_reads_as_the_not_found_of_the_api_and_404_as_http(agent_client: Client) -> None:
    sent(an_error(httpStatus=404))

    html = page(agent_client.get(ADDRESS))

    assert said(html, r'<p class="sub">(.*?)</p>').startswith("API 1300 Not found HTTP 404")
    assert fact(html, "HTTP status") == "404 Not Found by the table of HTTP status codes"
    assert "Our request: it asks for a message 8x8 does not have." in html
    assert "Our request" in html
    assert "No, it will fail again" in html


def test_the_reason_for_the_reading_is_told_with_source_and_other_meanings(
    agent_client: Client,
) -> None:
    sent(an_error(code=1002))

    html = page(agent_client.get(ADDRESS))

    why = said(html, r"<summary>.*?Why we think so(.*?)</details>")
    assert "Read from the code of an API answer, so the table is API errors." in why
    assert "“ Invalid MSISDN ”, from 8x8 developer documentation" in why
    assert "WhatsApp 1002 Rate limit exceeded" in why


def test_an_unlisted_code_is_said_to_be_unlisted(agent_client: Client) -> None:
    sent(an_error(code=9999))

    html = page(agent_client.get(ADDRESS))

    assert "We do not know: the tables we hold do not list this number." in html
    assert "Code is not listed" in html


def test_the_line_of_time_has_request_error_receipts_and_comments(
    agent: User, agent_client: Client
) -> None:
    sent(
        an_error(umid=UMID, requestedAt="2026-07-20T05:51:59.90Z", method="POST", path="/messages"),
        a_receipt(),
    )
    add_comment(kind="error", key=ERROR_ID, author=agent, body="hello")

    html = page(agent_client.get(ADDRESS))

    assert [line for line in story(html) if "202" not in line] == [
        "Step",
        "Request POST /messages",
        "API error API 1300 Not found",
        "SMS",
        "Sent",
        "Comment by agent “ hello ”",
    ]


def test_facts_name_what_was_told_and_mask_the_number(agent_client: Client) -> None:
    sent(
        an_error(
            subAccountId="northwind_ph_hq",
            channel="SMS",
            destination="+12025550147",
            service="parcel-gateway",
            clientMessageId="NWP-447",
            method="GET",
            path="/api/v1/messages",
        )
    )

    response = agent_client.get(ADDRESS)

    html = page(response)
    names = ("Sub-account", "Channel", "Endpoint", "Service", "Client id", "Recipient", "umid")
    assert {name: fact(html, name) for name in names} == {
        "Sub-account": "northwind_ph_hq",
        "Channel": "sms",
        "Endpoint": "GET /api/v1/messages",
        "Service": "parcel-gateway",
        "Client id": "NWP-447",
        "Recipient": "US +1••••••0147",
        "umid": "none sent with it",
    }
    assert "2025550147" not in html


def test_an_error_that_came_again_says_so(agent_client: Client) -> None:
    sent(an_error(), an_error())

    assert fact(page(agent_client.get(ADDRESS)), "Repeats") == "came again 1×"


def test_sources_that_disagree_are_both_shown(agent_client: Client) -> None:
    sent(an_error(code=1300))
    sent(an_error(code=2000))

    html = page(agent_client.get(ADDRESS))

    told = part(html, r"Sources disagree.*?<tbody>(.*?)</tbody>")
    assert set(re.findall(r'<td class="num">(\d+)</td>', told)) == {"1300", "2000"}


def test_the_raw_payload_is_this_item_alone_with_its_number_masked(agent_client: Client) -> None:
    sent(an_error(1, destination="+12025550147"), an_error(2, service="another"))

    html = page(agent_client.get(ADDRESS))

    raw = said(html, r"<pre.*?>(.*?)</pre>")
    assert json.loads(raw) == {
        "code": 1300,
        "message": "Object wasn't found",
        "errorId": ERROR_ID,
        "timestamp": "2026-07-20T05:52:01.85Z",
        "context": {"destination": "+1••••••0147"},
    }


def test_a_raw_payload_that_was_pruned_is_no_longer_kept(agent_client: Client) -> None:
    sent(an_error())
    Delivery.objects.all().delete()

    assert "Raw payload: no longer kept." in page(agent_client.get(ADDRESS))


def test_an_item_of_a_large_delivery_is_opened_on_demand(agent_client: Client) -> None:
    delivery = sent(an_error(service="the only one"))
    Delivery.objects.filter(id=delivery.id).update(size=10_000_000)

    closed, opened = (page(agent_client.get(ADDRESS + query)) for query in ("", "?raw=1"))

    assert ("<pre" in closed, "<pre" in opened) == (False, True)


def test_a_delivery_that_cannot_be_unsealed_is_no_failure(agent_client: Client) -> None:
    delivery = sent(an_error())
    Delivery.objects.filter(id=delivery.id).update(body=seal(b"x")[:-1])

    assert agent_client.get(ADDRESS).status_code == 200


def test_numbers_in_texts_are_masked_as_well(agent_client: Client) -> None:
    told = an_error(
        path="/numbers/+12025550147/lookup", note="msisdn:12025550147 at 09:31:07.1234567"
    )
    sent(told | {"message": "12025550147 is not valid"})

    html = page(agent_client.get(ADDRESS))

    assert ("2025550147" in html, html.count("+1••••••0147")) == (False, 5)
    assert "09:31:07.1234567" in html


def test_a_payload_with_half_a_character_can_be_shown(agent_client: Client) -> None:
    receive(b'{"note": "\\ud800", ' + encoded(an_error())[1:], source="api")
    drain_all()

    html = page(agent_client.get(ADDRESS))

    assert said(html, r"<pre.*?>(.*?)</pre>").startswith('{ "note": "?"')


@pytest.mark.parametrize("field", ["service", "subAccountId", "clientMessageId", "clientBatchId"])
def test_hostile_context_is_shown_as_text(field: str, agent_client: Client) -> None:
    context: dict[str, Any] = {field: HOSTILE, "method": "GET", "path": "/" + HOSTILE}
    sent(an_error(**context) | {"message": HOSTILE})

    html = page(agent_client.get(ADDRESS))

    assert (HOSTILE in html, html.count(SHOWN) >= 3) == (False, True)


def test_upper_case_is_sent_to_the_address_in_lower_case(agent_client: Client) -> None:
    sent(an_error())

    response = agent_client.get(f"/errors/{ERROR_ID.upper()}/")

    assert (response.status_code, response["Location"]) == (301, ADDRESS)


def test_an_error_that_is_not_held_gets_a_page_that_helps(agent_client: Client) -> None:
    response = agent_client.get(MISSING)

    html = page(response)
    assert response.status_code == 404
    assert "Not held by us" in html
    assert "COMB, a random id with a time at its end" in html


def test_an_error_id_that_is_a_umid_leads_to_the_message(agent_client: Client) -> None:
    sent(a_receipt())

    response = agent_client.get(f"/errors/{UMID}/")

    assert (response.status_code, response["Location"]) == (302, f"/messages/{UMID}/")


def test_what_a_person_may_not_see_looks_exactly_like_what_is_not_held(
    db: None, client_for: ClientFor
) -> None:
    team = Team.objects.create(name="Other", sub_accounts=["another"])
    person = User.objects.create_user("other", role=Role.AGENT, team=team)
    sent(an_error(subAccountId="northwind_ph_hq"))
    client = client_for(person)

    hidden = client.get(ADDRESS)
    absent = client.get(ADDRESS.replace("000000000001", "000000000002"))

    def told(html: str) -> str:
        return said(html, r"<main.*</main>")

    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert told(page(hidden)) == told(page(absent)).replace("000000000002", "000000000001")


def test_links_lead_to_errors_alike(agent_client: Client) -> None:
    sent(an_error(subAccountId="a&b"))

    response = agent_client.get(ADDRESS)

    assert links(response, "Those of this") == ["/errors/?code=1300&sub_account=a%26b"]


@pytest.mark.parametrize("many", [1, 200])
def test_any_number_of_comments_and_receipts_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_num_queries: Any
) -> None:
    sent(an_error(umid=UMID), *(a_receipt(timestamp=_second(each)) for each in range(many)))
    for _ in range(many):
        add_comment(kind="error", key=ERROR_ID, author=agent, body="hello")

    # Four of them after the answer: that it was looked at.
    with django_assert_num_queries(29):
        agent_client.get(ADDRESS)


def _second(number: int) -> str:
    return f"2026-07-20T08:{number // 60:02}:{number % 60:02}Z"


def test_an_id_in_an_address_may_not_be_anything(agent_client: Client) -> None:
    assert agent_client.get("/errors/nonsense/").status_code == 404
    assert agent_client.get(f"/errors/{UUID(int=0)}/").status_code == 404


@pytest.mark.parametrize(
    "dress",
    [
        "{{{0}}}",
        "urn:uuid:{0}",
    ],
)
def test_an_id_in_any_dress_leads_to_the_one_address(agent_client, dress):
    error_id = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"

    for spelling in (error_id, error_id.upper(), error_id.replace("-", "")):
        answer = agent_client.get(f"/errors/{quote(dress.format(spelling))}/")

        assert (answer.status_code, answer["Location"]) == (301, f"/errors/{error_id}/")
