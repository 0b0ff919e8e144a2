"""Small lists: what they do not know of an address is said, and then they show nothing."""

import pytest
from django.test import Client

from support_portal.accounts.models import User
from support_portal.inquiries import services as inquiries
from support_portal.notices.models import Kind, Notice
from support_portal.watches.services import Wanted, watch
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, links, notes, page
from tests.dashboard.sending import HOSTILE, an_error, sent
from tests.dashboard.test_incidents import an_incident

LISTS = {
    "/incidents/": ("show", "open, settled"),
    "/watches/": ("show", "open, ended"),
    "/notices/": ("show", "unread"),
    "/inquiries/": ("show", "open, overdue, waiting, all, mine"),
    "/codes/drift/": ("kind", "unknown, reworded"),
    "/intake/deliveries/": ("source", "api, hook, file, demo, edited"),
    "/intake/quarantine/": ("state", "waiting, replayed, edited, discarded"),
}


@pytest.fixture
def reader(lead: User, client_for: ClientFor) -> Client:
    """Return a client of somebody for whom each list has something."""
    an_incident()
    watch(lead, [Wanted("client_message_id", "a")])
    Notice.objects.create(user=lead, kind=Kind.ALERT, title="Look", link="/", once="1")
    inquiries.start(lead, [])
    sent(an_error(1, code=9999), {"hello": "world"})
    return client_for(lead)


def one(client: Client, address: str) -> str:
    """Return the page; it shows something exactly when it has no empty state."""
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return "" if empty(response) else page(response)


@pytest.mark.parametrize("address", LISTS)
def test_an_unknown_value_is_said_and_nothing_is_shown(reader: Client, address: str) -> None:
    name, known = LISTS[address]
    assert one(reader, address)

    response = reader.get(address, {name: HOSTILE})

    assert [each for each in notes(response) if "understood" in each] == [
        "A filter was not understood, so nothing is shown."
        f" “{name}={HOSTILE}” is not understood. There are: {known}."
    ]
    assert "Nothing to show" in empty(response)
    assert HOSTILE not in page(response)
    assert address in links(response, "Clear the filters")


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    ("name", "value"), [("whose", "us"), ("not_show", "open"), ("not_code", "1300"), ("last", "2w")]
)
def test_a_filter_of_other_lists_is_not_passed_over(
    reader: Client, address: str, name: str, value: str
) -> None:
    response = reader.get(address, {name: value})

    assert "Nothing to show" in empty(response)
    assert f"“{name}={value}” is not understood." in notes(response)[-1]


@pytest.mark.parametrize("address", [each for each in LISTS if "deliveries" not in each])
@pytest.mark.parametrize("range_of_time", ["last=1h", "from=2026-07-20T00:00:00Z"])
def test_a_list_without_a_range_of_time_does_not_pass_one_over(
    reader: Client, address: str, range_of_time: str
) -> None:
    response = reader.get(f"{address}?{range_of_time}")

    assert "Nothing to show" in empty(response)


def test_deliveries_have_a_range_of_time(reader: Client) -> None:
    response = reader.get("/intake/deliveries/?last=1h", follow=True)

    assert response.redirect_chain
    assert [each for each in notes(response) if "understood" in each] == []


@pytest.mark.parametrize("address", LISTS)
def test_what_an_address_leaves_open_is_no_mistake(reader: Client, address: str) -> None:
    name, _ = LISTS[address]

    assert one(reader, f"{address}?{name}=&utm_source=chat")


def test_the_items_of_a_group_are_not_shown_for_an_unknown_state(reader: Client) -> None:
    (group,) = {each for each in links(reader.get("/intake/quarantine/"), "") if "groups/" in each}
    assert one(reader, group)

    response = reader.get(group, {"state": "zz"})

    assert "Nothing to show" in empty(response)


def test_a_reason_that_is_none_shows_nothing(reader: Client) -> None:
    response = reader.get("/intake/quarantine/", {"reason": "not a word"})

    assert "Nothing to show" in empty(response)
