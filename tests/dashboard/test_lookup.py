"""Lookup: whatever is pasted leads to its record or to a page that helps."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from support_portal.accounts.models import Role, Team, User
from support_portal.dashboard.pasted import cleaned, pasted
from support_portal.ingest.limits import gate
from support_portal.payloads.recognise import recognise
from tests.conftest import ClientFor
from tests.dashboard.reading import page, words
from tests.dashboard.sending import ERROR_ID, HOSTILE, UMID, a_receipt, an_error, sent

BATCH = "e7dc3fb1-d2e5-404c-927c-b46d0091caa2"
ABSENT = "9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa"  # carries 2026-06-18 08:51:22 UTC
ERROR = f"/errors/{ERROR_ID}/"
MESSAGE = f"/messages/{UMID}/"


def ask(client: Client, text: str) -> Any:
    return client.get("/lookup", {"q": text})


def listed(response: Any) -> list[list[str]]:
    """Return kind and text of each row of the result page."""
    found = re.findall(
        r'<div class="kind"><strong>(.*?)</strong>.*?<div class="body">(.*?)<div class="actions">',
        page(response),
        re.DOTALL,
    )
    return [[kind, words(body)] for kind, body in found]


@pytest.mark.parametrize(
    "text",
    [
        ERROR_ID,
        ERROR_ID.upper(),
        "{" + ERROR_ID + "}",
        ERROR_ID.replace("-", ""),
        f"umid: {ERROR_ID}",
        f"batchId {ERROR_ID}",
        ERROR_ID[:18] + "-" + ERROR_ID[19:35],
        json.dumps({"code": 1300, "errorId": ERROR_ID, "timestamp": "2026-07-20T05:52:01.85Z"}),
        '"code": 1300,\n"message": "Object wasn\'t found",\n"errorId": "' + ERROR_ID + '"',
    ],
)
def test_one_error_goes_straight_to_its_page(text: str, agent_client: Client) -> None:
    sent(an_error())

    response = ask(agent_client, text)

    assert (response.status_code, response.headers.get("Location")) == (302, ERROR)


@pytest.mark.parametrize(
    "text",
    [
        UMID,
        f"errorId: {UMID}",
        f"batchId: {BATCH}",
        "clientMessageId: NWP-447",
        f"umid {UMID} batchId {BATCH} clientMessageId: NWP-447 msisdn +12025550147",
        UMID[:35],
    ],
)
def test_everything_that_leads_to_one_message_goes_straight_to_it(
    text: str, agent_client: Client
) -> None:
    sent(a_receipt(message={"batchId": BATCH, "clientMessageId": "NWP-447"}))

    response = ask(agent_client, text)

    assert (response.status_code, response.headers.get("Location")) == (302, MESSAGE)


def test_a_post_does_the_same(agent_client: Client) -> None:
    sent(an_error())

    assert agent_client.post("/lookup", {"q": ERROR_ID})["Location"] == ERROR


def test_an_address_resolves_to_the_record(agent_client: Client) -> None:
    sent(an_error())

    found, absent = (agent_client.get(f"/e/{text}") for text in (ERROR_ID, ABSENT))

    assert (found["Location"], absent.status_code) == (ERROR, 404)


def test_several_things_are_listed_in_the_order_of_the_text(agent_client: Client) -> None:
    sent(an_error(), a_receipt())
    text = f"errorId={ABSENT}\numid {UMID}\n2026-07-20 08:00:00\ncode: 1300\nerrorId {ERROR_ID}"

    response = ask(agent_client, text)

    assert listed(response) == [
        [
            "errorId",
            f"{ABSENT} Not held by us. Time inside: 18 Jun 2026, 08:51:22.80 .",
        ],
        ["umid", f"{UMID} Sent sms"],
        ["code", "API 1300 Not found It asks for a message 8x8 does not have."],
        ["errorId", f"{ERROR_ID} API 1300 Not found It asks for a message 8x8 does not have."],
    ]
    assert "2 held 1 not held 1 number decoded 1 time, read as context" in words(page(response))


def test_a_batch_of_many_lists_some_and_says_there_are_more(agent_client: Client) -> None:
    sent(*(a_receipt(number, message={"batchId": BATCH}) for number in range(1, 40)))

    response = ask(agent_client, BATCH)

    ((kind, text),) = listed(response)
    assert (kind, text.count("Sent"), text.endswith("There are more than these.")) == (
        "batchId",
        20,
        True,
    )


def test_a_bare_code_is_answered_with_every_meaning(agent_client: Client) -> None:
    html = words(page(ask(agent_client, "1002")))

    assert "It depends on where the number was read." in html
    assert "API 1002 Invalid MSISDN" in html
    assert "WhatsApp 1002 Rate limit exceeded" in html


def test_a_code_that_no_table_lists_says_so(agent_client: Client) -> None:
    assert "No table that we hold lists this number." in page(ask(agent_client, "987654"))


def test_a_number_finds_its_messages_and_errors_and_is_shown_masked(agent_client: Client) -> None:
    sent(
        a_receipt(),
        an_error(destination="+12025550147"),
        a_receipt(2, message={"destination": "+12025550148"}),
    )

    response = ask(agent_client, "+1 202 555 0147")

    ((kind, text),) = listed(response)
    assert (kind, text.startswith("+1••••••0147")) == ("phone number", True)
    assert (text.count("Not found"), text.count("Sent")) == (1, 1)
    assert "2025550147" not in page(response)


def test_what_we_do_not_hold_gets_a_page_that_helps(agent_client: Client) -> None:
    sent(an_error(1) | {"timestamp": "2026-06-18T08:51:24Z"}, an_error(2))

    response = ask(agent_client, f"errorId {ABSENT}")

    html = words(page(response))
    assert response.status_code == 200
    assert "Not held by us read as errorId, from the label beside it" in html
    assert "COMB, a random id with a time at its end looks like version 4" in html
    assert (
        "9e30c7aa- random 41b2- random 4c1e- version 4, random 9d03- variant, random b46d" in html
    )
    assert "b46d day 46,189 since 1900, 18 Jun 2026 0091f2aa 9,564,842 ÷ 300 s, 08:51:22.80" in html
    assert "What we hold near the time inside the id within 5 s" in html
    assert "+1.19 s 18 Jun 08:51:24.00 1cc1eda1 …0001 API 1300 Not found" in html
    assert "nothing waits in the intake at present" in html


def test_a_code_beside_an_id_that_we_do_not_hold_is_decoded_all_the_same(
    agent_client: Client,
) -> None:
    pasted_error = f'{{"code": 1300, "message": "Not found", "errorId": "{ABSENT}"}}'

    html = words(page(ask(agent_client, pasted_error)))

    assert "Not held by us read as errorId" in html
    assert "API 1300 Not found It asks for a message 8x8 does not have." in html
    assert "Our request" in html


def test_watching_leads_back_to_the_page_of_the_id(agent_client: Client) -> None:
    text = f"errorId {ABSENT}"

    linked = page(ask(agent_client, text))
    posted = page(agent_client.post("/lookup", {"q": text}))

    assert f'name="next" value="/lookup?q=errorId+{ABSENT}"' in linked
    assert f'name="next" value="/e/{ABSENT}"' in posted


def test_the_time_beside_an_id_counts_more_than_the_time_inside(agent_client: Client) -> None:
    sent(an_error())

    html = words(page(ask(agent_client, f"2026-07-20 05:52:00 errorId {ABSENT}")))

    assert "What we hold near the time in the text within 5 s" in html
    assert "+1.85 s 20 Jul 05:52:01.85 1cc1eda1 …0001" in html


def test_nothing_recognised_says_what_helps(agent_client: Client) -> None:
    html = page(ask(agent_client, "the customer is angry"))

    assert "Nothing in this text that we can look up" in html


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_pasted_shows_the_box(text: str, agent_client: Client) -> None:
    assert '<textarea id="big" name="q"' in page(ask(agent_client, text))


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        f"errorId \x00{ERROR_ID}\x00",
        "clientMessageId: a\x00b",
        "\ufffd" * 10,
        "9" * 5000,
        "-" * 5000,
        "f" * 31,
        "12345678",
        "{" * 5000,
        f"{HOSTILE} errorId {ABSENT} clientMessageId: {HOSTILE}",
        "\u202eerrorId\u202e " + ABSENT,
        "+12025550147",
        "0x" + "0" * 32,
    ],
)
def test_no_text_is_too_strange(text: str, agent_client: Client) -> None:
    for response in (ask(agent_client, text), agent_client.post("/lookup", {"q": text})):
        assert response.status_code == 200
        assert HOSTILE not in page(response)


def test_a_text_of_six_megabytes_is_read(agent_client: Client) -> None:
    sent(an_error())
    text = f"errorId {ERROR_ID} and {ABSENT}\n" + "parcel lost " * 500_000

    response = agent_client.post("/lookup", {"q": text})

    assert (response.status_code, len(response.content) < 200_000) == (200, True)
    assert [row[0] for row in listed(response)] == ["errorId", "id"]


def test_lone_surrogates_become_something_that_can_be_shown() -> None:
    assert cleaned("a\ud800b\x00") == "a?b\ufffd"


@pytest.mark.parametrize("many", [2, 500])
def test_any_number_of_ids_takes_the_same_queries(
    many: int, agent_client: Client, django_assert_num_queries: Any
) -> None:
    sent(an_error(1), a_receipt(1), a_receipt(2, message={"batchId": BATCH}))
    ids = [str(UUID(int=number)) for number in range(1, many)]
    text = f"{ERROR_ID} {UMID} {BATCH} clientMessageId: x1 +12025550147 " + " ".join(ids)

    gate.forget()  # else the second decides whether the limits are asked for

    with django_assert_num_queries(10):
        response = ask(agent_client, text)

    assert response.status_code == 200


def test_what_a_person_may_not_see_is_not_held(client_for: ClientFor, db: None) -> None:
    team = Team.objects.create(name="Other", sub_accounts=["another"])
    client = client_for(User.objects.create_user("other", role=Role.AGENT, team=team))
    sent(
        an_error(subAccountId="northwind", clientMessageId="NWP-447", destination="+12025550147"),
        a_receipt(message={"batchId": BATCH}),
    )

    texts = (ERROR_ID, UMID, BATCH, "clientMessageId: NWP-447", "+12025550147", UMID[:30])

    assert [("Not held by us" in page(ask(client, text))) for text in texts] == [True] * 6


def test_lookup_needs_a_person(client: Client, db: None) -> None:
    assert ask(client, ERROR_ID)["Location"].startswith("/accounts/login/")


@given(
    st.text(max_size=200),
    st.sampled_from([ABSENT, "code: 1300", "+12025550147", "2026-07-20T08:00:00Z"]),
)
def test_the_segments_of_a_text_are_the_text(text: str, thing: str) -> None:
    whole = cleaned(f"{text} {thing} {text}")

    shown = "".join(
        one.text for one in pasted(whole, recognise(whole)).segments if one.tint != "phone"
    )

    without = whole.replace(thing, "", 1) if thing.startswith("+") else whole
    assert len(shown) >= len(without) - 40 if thing.startswith("+") else shown == whole


def test_times_are_context_and_not_rows(agent_client: Client) -> None:
    moment = datetime(2026, 7, 20, 8, tzinfo=UTC)

    html = page(ask(agent_client, moment.isoformat()))

    assert listed(ask(agent_client, moment.isoformat())) == []
    assert 'data-k="time"' in html
