"""What became of a delivery, and the list of deliveries."""

import json
import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from support_portal.accounts.models import Team, User
from support_portal.core.ids import made_at
from support_portal.events.models import ErrorEvent
from support_portal.ingest import quarantine, replaying
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.services import drain, receive
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, ids, links, notes, page, rows, words
from tests.dashboard.rows import ERROR_ID, GOOD
from tests.ingest.sent import drain_all, encoded, error

IGNORED = b'{"jobId": "abc", "status": "RUNNING"}'


def many(count: int) -> bytes:
    return b"\n".join(encoded(error(number)) for number in range(count))


@pytest.mark.django_db
def test_a_delivery_says_what_became_of_each_item(agent_client: Client) -> None:
    receive(GOOD, source="hook")
    other = GOOD.replace(b"0263195dd35a", b"0263195dd35b")
    lines = [GOOD, other, b"nonsense", IGNORED]
    delivery = receive(b"\n".join(lines), source="api", sender="dispatch")
    drain()

    response = agent_client.get(f"/intake/deliveries/{delivery.id}/")

    assert [row[:4] for row in rows(response)] == [
        ["1", "API error 1300", "came before", "1cc1eda1 -f5dd-ea11-8288-0263195dd35a"],
        ["2", "API error 1300", "recorded", "1cc1eda1 -f5dd-ea11-8288-0263195dd35b"],
        ["3", "Not JSON", "not understood", "in the quarantine"],
        [
            "4",
            "The state of a log export says nothing about a message or an error.",
            "dropped by a rule",
            "",
        ],
    ]
    assert links(response, "1cc1eda1")[0] == f"/errors/{ERROR_ID}/"
    entry = QuarantineEntry.objects.get()
    assert links(response, "in the quarantine") == [f"/intake/quarantine/{entry.id}/"]
    assert "Dropped by a rule" in words(page(response))


@pytest.mark.django_db
def test_items_of_others_are_not_named_and_not_shown(client_for: ClientFor) -> None:
    delivery = receive(GOOD + b"\nnonsense\n", source="api")
    drain()
    reader = User.objects.create_user("reader", team=Team.objects.create(name="Nobody's"))
    address = f"/intake/deliveries/{delivery.id}/"

    response = client_for(reader).get(address)
    asked = [client_for(reader).get(f"{address}?item={number}") for number in (0, 1)]

    assert rows(response)[0] == [
        "1", "API error 1300", "recorded", "not of your sub-accounts, or pruned", "",
    ]  # fmt: skip
    assert str(ERROR_ID) not in page(response)
    assert ["As it was sent" in page(one) for one in asked] == [False, False]
    assert ErrorEvent.objects.count() == 1


@pytest.mark.django_db
def test_an_item_is_shown_as_it_was_sent_with_numbers_masked(agent_client: Client) -> None:
    delivery = receive(b"call +12025550123 <b>", source="api")
    drain()

    shown = page(agent_client.get(f"/intake/deliveries/{delivery.id}/?item=0"))

    assert "call +•••••••0123 &lt;b&gt;" in shown
    assert "12025550123" not in shown


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["item=7", "item=x", "from=-1", "from=%00", "item=" + "9" * 30])
def test_a_strange_query_shows_the_first_items(agent_client: Client, query: str) -> None:
    delivery = receive(GOOD, source="api")
    drain()

    assert len(rows(agent_client.get(f"/intake/deliveries/{delivery.id}/?{query}"))) == 1


@pytest.mark.django_db
def test_many_items_are_paged_and_each_is_shown_once(agent_client: Client) -> None:
    delivery = receive(many(120), source="api")
    drain()

    response = agent_client.get(f"/intake/deliveries/{delivery.id}/")
    seen = [row[0] for row in rows(response)]
    while later := links(response, "Later"):
        response = agent_client.get(later[0])
        seen += [row[0] for row in rows(response)]

    assert seen == [str(number) for number in range(1, 121)]
    assert "101 to 120 of 120" in words(page(response))


@pytest.mark.django_db
def test_a_page_takes_the_same_queries_for_one_and_for_many_items(agent_client: Client) -> None:
    taken = []
    for body in (many(1), many(200)):
        delivery = receive(body, source="api")
        drain()
        agent_client.get("/intake/")
        with CaptureQueriesContext(connection) as queries:
            agent_client.get(f"/intake/deliveries/{delivery.id}/")
        taken.append(len(queries))

    assert taken[0] == taken[1] < 21


@pytest.mark.django_db
def test_what_waits_says_where_it_stands_and_asks_again(agent_client: Client) -> None:
    first, second = (receive(GOOD, source="api") for _ in range(2))

    told = [page(agent_client.get(f"/intake/deliveries/{one.id}/")) for one in (first, second)]
    drain()
    read = page(agent_client.get(f"/intake/deliveries/{second.id}/"))

    assert "It is the next one." in words(told[0])
    assert "1 delivery waits before it." in words(told[1])
    assert ["every 2s" in html for html in (*told, read)] == [True, True, False]


@pytest.mark.django_db
def test_what_is_half_read_says_so(agent_client: Client) -> None:
    delivery = receive(many(10), source="api")
    drain(limit=4)

    response = agent_client.get(f"/intake/deliveries/{delivery.id}/")

    assert "4 of its items are read." in words(page(response))
    assert [row[2] for row in rows(response)] == ["recorded"] * 4 + ["not read yet"] * 6


@pytest.mark.django_db
def test_what_came_from_the_quarantine_leads_back_to_it(agent_client: Client) -> None:
    receive(b"nonsense", source="hook", sender="8x8")
    drain()
    entry = QuarantineEntry.objects.get()
    sent = quarantine.edit(entry.id, GOOD.decode(), by="Ana")
    drain()

    response = agent_client.get(f"/intake/deliveries/{sent.id}/")

    assert links(response, "The item") == [f"/intake/quarantine/{entry.id}/"]
    assert [row[2] for row in rows(response)] == ["recorded"]


@pytest.mark.django_db
def test_a_settled_item_says_how_it_was_settled(agent_client: Client) -> None:
    delivery = receive(b"nonsense", source="hook")
    drain()
    replaying.replay(list(QuarantineEntry.objects.all()), by="Ana")
    quarantine.discard(QuarantineEntry.objects.get().id, by="Ana", why="noise")

    response = agent_client.get(f"/intake/deliveries/{delivery.id}/")

    assert rows(response)[0][2] == "Discarded"


@pytest.mark.django_db
def test_a_body_that_no_key_opens_says_so(agent_client: Client) -> None:
    delivery = receive(GOOD, source="api")
    Delivery.objects.update(body=b"\x01\x03oldrest")
    drain_all()

    response = agent_client.get(f"/intake/deliveries/{delivery.id}/")

    assert empty(response) == ["The body cannot be unsealed"]
    assert notes(response)[0].startswith("It was set aside as it came.")


@pytest.mark.django_db
def test_a_delivery_is_found_in_any_case_and_an_unknown_one_is_not(agent_client: Client) -> None:
    delivery = receive(GOOD, source="api")
    upper = str(delivery.id).upper()

    moved = agent_client.get(f"/intake/deliveries/{upper}/?a=b")

    assert (moved.status_code, moved["Location"]) == (301, f"/intake/deliveries/{delivery.id}/?a=b")
    assert agent_client.get(f"/intake/deliveries/{UUID(int=1)}/").status_code == 404


# -- the list -----------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"good", "bad", "waits"}),
        ("source=hook", {"bad"}),
        ("sender=dispatch", {"good"}),
        ("state=pending", {"waits"}),
        ("state=done", {"good", "bad"}),
        ("state=not_understood", {"bad"}),
        ("source=hook&state=pending", set()),
        ("source=%00&state=x&cursor=y", set()),
        ("state=x", set()),
        ("cursor=y&sender=%00", {"good", "bad", "waits"}),
        ("sender=" + "x" * 3000, set()),
    ],
)
def test_the_list_is_narrowed(agent_client: Client, query: str, expected: set[str]) -> None:
    made = {
        "good": receive(GOOD, source="api", sender="dispatch"),
        "bad": receive(b"nonsense", source="hook", sender="8x8"),
    }
    drain()
    made["waits"] = receive(GOOD, source="file", sender="<b>archive</b>")

    response = agent_client.get(f"/intake/deliveries/?{query}", follow=True)

    assert set(ids(response)) == {str(made[name].id) for name in expected}
    assert "<b>archive" not in page(response)


@pytest.mark.django_db
def test_a_range_of_time_keeps_what_was_kept_in_it(agent_client: Client) -> None:
    delivery = receive(GOOD, source="api")
    moment = made_at(delivery.id).strftime("%Y-%m-%dT%H:%M:%S")

    inside = agent_client.get(f"/intake/deliveries/?from={moment}Z&to=2099-01-01T00:00:00Z")
    outside = agent_client.get(f"/intake/deliveries/?to={moment[:4]}-01-01T00:00:00Z")
    wrong = agent_client.get("/intake/deliveries/?from=yesterday")

    assert ids(inside) == [str(delivery.id)]
    assert empty(outside) == ["No delivery fits"]
    assert notes(wrong)[0].startswith("A filter was not understood, so nothing is shown.")
    assert 'value="yesterday"' in page(wrong)


@pytest.mark.django_db
def test_the_list_is_paged_newest_first(agent_client: Client) -> None:
    made = sorted(str(receive(b"{}", source="api", sender="s").id) for _ in range(30))

    first = agent_client.get("/intake/deliveries/?sender=s&per_page=25")
    second = agent_client.get(links(first, "Older")[0])

    assert ids(first) + ids(second) == made[::-1]
    assert all(re.search(r"sender=s", link) for link in links(first, "Older"))


@pytest.mark.django_db
def test_a_large_answer_to_a_batch_shows_its_first_records(agent_client: Client) -> None:
    messages = [
        {"umid": str(UUID(int=number)), "status": {"state": "queued", "detail": ""}}
        for number in range(1, 41)
    ]
    body = json.dumps({"acceptedCount": 40, "rejectedCount": 0, "messages": messages})
    delivery = receive(body.encode(), source="api")
    drain()

    found = rows(agent_client.get(f"/intake/deliveries/{delivery.id}/"))

    assert (len(found), found[-1][1]) == (21, "and 20 records more")
