"""Watching from pages, and the list of watches."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import User
from support_portal.ingest.limits import gate
from support_portal.lookup import look_up
from support_portal.watches import looking
from support_portal.watches.models import Watch
from support_portal.watches.services import OPEN_LIMIT, Wanted, watch
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, links, notes, page, rows, words
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, an_error, sent

ADDRESS = "/watches/"
ABSENT = "9e30c7aa-41b2-4c1e-9d03-b46d0091f2aa"


def ask(client: Client, *ids: str, **fields: str) -> list[str]:
    """Post the form and return what the page after it says."""
    rows = [f"{number} {thing}" for number, thing in enumerate(ids, start=1)]
    form = {"row": rows, "days": "7", **fields}
    return notes(client.post(ADDRESS, form, follow=True))


def test_several_are_watched_at_once_and_repeats_are_said(
    agent: User, agent_client: Client
) -> None:
    assert ask(agent_client, f"error_id {ABSENT}") == [
        "It is watched for 7 days. The bell tells you when something arrives."
    ]
    assert ask(agent_client, f"umid {ABSENT}") == ["It was watched already."]
    assert ask(
        agent_client, f"uuid {ABSENT}", "client_message_id a b", "client_batch_id NWP", days="1"
    ) == [
        "2 ids are watched for 1 day. The bell tells you when something arrives."
        " 1 was watched already."
    ]
    assert [each.value for each in Watch.objects.of(agent)] == ["NWP", "a b", ABSENT]


def test_too_many_are_not_added_and_said(agent: User, agent_client: Client) -> None:
    watch(agent, [Wanted("client_message_id", str(number)) for number in range(OPEN_LIMIT)])

    assert ask(agent_client, f"error_id {ABSENT}") == [
        "1 was not added: 500 ids is the most that one person can watch."
        " Give some up under Watches first."
    ]


def test_nothing_chosen_is_said(agent_client: Client) -> None:
    assert ask(agent_client) == ["Choose something that is missing first."]


@pytest.mark.parametrize(
    "form",
    [
        {"row": ABSENT, "days": "7"},
        {"row": f"x error_id {ABSENT}", "days": "7"},
        {"row": f"1 phone {ABSENT}", "days": "7"},
        {"row": "1 error_id x", "days": "7"},
        {"one": "1 client_message_id " + "x" * 351, "days": "7"},
        {"which": "missing", "missing": f"1 error_id {ABSENT}\n<script>", "days": "7"},
        {"row": f"1 error_id {ABSENT}", "days": "8"},
        {"row": f"1 error_id {ABSENT}", "days": "x"},
        {"row": f"1 error_id {ABSENT}"},
        {"row": f"1 error_id {ABSENT}", "days": "7", "remark": "x" * 201},
    ],
)
def test_what_no_form_sends_is_refused(agent_client: Client, form: dict[str, str]) -> None:
    assert agent_client.post(ADDRESS, form).status_code == 400
    assert not Watch.objects.exists()


def test_one_row_or_all_that_is_missing_or_the_ticked_ones_are_watched(
    agent: User, agent_client: Client
) -> None:
    form = {
        "row": ["1", "2 client_message_id ticked"],
        "missing": "2 client_message_id ticked\r\n3 client_message_id missing\r\n",
        "days": "7",
    }

    agent_client.post(ADDRESS, form | {"one": "4 client_message_id one"})
    assert [each.value for each in Watch.objects.of(agent)] == ["one"]
    agent_client.post(ADDRESS, form)
    assert [each.value for each in Watch.objects.of(agent)] == ["ticked", "one"]
    agent_client.post(ADDRESS, form | {"which": "missing"})
    assert [each.value for each in Watch.objects.of(agent)] == ["missing", "ticked", "one"]


def test_a_script_gets_what_came_of_it_and_a_mark_for_each_row(agent_client: Client) -> None:
    form = {"row": ["1", f"3 error_id {ABSENT}"], "days": "7"}

    response = agent_client.post(ADDRESS, form, headers={"HX-Request": "true"})

    assert notes(response) == [
        "It is watched for 7 days. The bell tells you when something arrives."
    ]
    assert re.findall(r'id="(watch-\d+)" hx-swap-oob="true"', page(response)) == ["watch-3"]


def test_the_card_of_a_watch_says_when_it_has_arrived_and_rings_the_bell(
    agent: User, agent_client: Client
) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID)])
    card = f"/watches/{Watch.objects.get().id}/"

    waits = agent_client.get(card)
    sent(an_error())
    looking.look(timezone.now())
    over = agent_client.get(card)

    assert ('hx-trigger="every 3s"' in page(waits), waits.headers.get("HX-Trigger")) == (True, None)
    assert (notes(over), over.headers["HX-Trigger"]) == (["It has arrived."], "bell")
    assert links(over, "Open") == [f"/e/{ERROR_ID}"]


@pytest.mark.parametrize(
    "text",
    [
        f"errorId {ERROR_ID}",
        f"umid {ERROR_ID}",
        f"umid {ABSENT}",
        "batchId e7dc3fb1-d2e5-404c-927c-b46d0091caa2",
        "batchId e7dc3fb1-d2e5-404c-927c-b46d0091caa3",
        "clientMessageId: NWP-1",
        "clientBatchId: NWP-1",
        "clientMessageId: NWP-2",
        f"clientMessageId: {ABSENT}",
    ],
)
def test_what_a_lookup_finds_ends_a_watch_and_nothing_else(agent: User, text: str) -> None:
    about = {"umid": ABSENT, "batchId": "e7dc3fb1-d2e5-404c-927c-b46d0091caa2"}
    sent(an_error(clientMessageId="NWP-1", **about))
    (item,) = look_up(text, agent).items
    watch(agent, [Wanted(item.thing.kind, item.thing.value)])

    looking.look(timezone.now())

    assert (Watch.objects.get().state == "arrived") is item.found


def test_nobody_asks_for_the_card_of_another(
    agent: User, lead: User, client_for: ClientFor
) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID)])

    assert client_for(lead).get(f"/watches/{Watch.objects.get().id}/").status_code == 404


def test_the_form_goes_back_to_where_it_stood_and_nowhere_else(agent_client: Client) -> None:
    form = {"one": f"1 error_id {ABSENT}", "days": "7"}

    back = agent_client.post(ADDRESS, form | {"next": f"/e/{ABSENT}"})
    away = agent_client.post(ADDRESS, form | {"next": "//elsewhere.example/"})

    assert (back["Location"], away["Location"]) == (f"/e/{ABSENT}", ADDRESS)


def test_watches_are_listed_with_how_they_stand(agent: User, agent_client: Client) -> None:
    watch(agent, [Wanted("error_id", ERROR_ID)], remark="ticket 4711")
    watch(agent, [Wanted("client_message_id", "NWP-447")], days=1)
    sent(an_error())
    looking.look(timezone.now())

    listed = rows(agent_client.get(ADDRESS))

    assert [row[1:5] for row in listed] == [
        ["client message id", "NWP-447", "Not here yet 23 h 59 min left", ""],
        ["errorId", "1cc1eda1 …0001", "Arrived now", "ticket 4711"],
    ]
    assert [len(rows(agent_client.get(f"{ADDRESS}?show={show}"))) for show in ("open", "ended")] == [1, 1]  # fmt: skip


def test_a_watch_is_given_up_and_may_be_taken_up_again(agent: User, agent_client: Client) -> None:
    watch(agent, [Wanted("error_id", ABSENT)])
    made = Watch.objects.get()

    response = agent_client.post(f"/watches/{made.id}/cancel", follow=True)

    assert notes(response) == ["It is not watched any more."]
    assert rows(response)[0][3].startswith("Given up")


def test_nobody_sees_or_gives_up_the_watches_of_another(
    agent: User, lead: User, client_for: ClientFor
) -> None:
    watch(agent, [Wanted("error_id", ABSENT)])
    client = client_for(lead)

    client.post(f"/watches/{Watch.objects.get().id}/cancel")

    assert empty(client.get(ADDRESS)) == ["Nothing here"]
    assert Watch.objects.get().state == "open"


def test_the_page_asks_again_only_while_something_is_waited_for(
    agent: User, agent_client: Client
) -> None:
    assert 'hx-trigger="every' not in page(agent_client.get(ADDRESS))
    watch(agent, [Wanted("error_id", ABSENT)])
    assert 'hx-trigger="every 5s"' in page(agent_client.get(ADDRESS))


def test_hostile_ids_and_remarks_are_shown_as_text(agent: User, agent_client: Client) -> None:
    watch(agent, [Wanted("client_message_id", HOSTILE)], remark=HOSTILE)

    for address in (ADDRESS, "/"):
        html = page(agent_client.get(address))
        assert (HOSTILE in html, html.count(f"<bdi>{SHOWN}</bdi>")) == (False, 2)


def test_the_start_page_shows_the_last_few(agent: User, agent_client: Client) -> None:
    watch(agent, [Wanted("client_message_id", f"NWP-{number}") for number in range(9)])

    html = page(agent_client.get("/"))

    assert [f"NWP-{number}" in html for number in (8, 4, 3)] == [True, True, False]
    assert ADDRESS in links(agent_client.get("/"), "All")
    assert "not here yet client message id, since now 6 d 23 h left" in words(html)


@pytest.mark.parametrize("many", [1, 60])
def test_any_number_of_watches_takes_the_same_queries(
    many: int, agent: User, agent_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    watch(agent, [Wanted("client_message_id", f"NWP-{number}") for number in range(many)])
    gate.forget()  # else the second decides whether the limits are asked for

    with django_assert_num_queries(5):
        agent_client.get(f"{ADDRESS}?per_page=100")


def test_watches_need_a_person(client: Client, db: None) -> None:
    assert client.get(ADDRESS)["Location"].startswith("/accounts/login/")
