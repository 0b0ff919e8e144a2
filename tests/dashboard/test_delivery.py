"""What became of a delivery."""

from uuid import UUID

from django.test import Client

from support_portal.accounts.models import Team, User
from support_portal.events.models import ErrorEvent
from support_portal.ingest.services import drain, receive
from tests.conftest import ClientFor
from tests.dashboard.reading import links, page, rows
from tests.dashboard.rows import ERROR_ID, GOOD


def test_a_delivery_says_what_became_of_each_item(agent_client: Client) -> None:
    delivery = receive(GOOD + b"\nnonsense\n", source="api", sender="dispatch")
    drain()

    response = agent_client.get(f"/intake/deliveries/{delivery.id}/")

    assert rows(response) == [
        ["1", "API error 1300", "1cc1eda1 -f5dd-ea11-8288-0263195dd35a"],
        ["2", "Not JSON", "see the quarantine"],
    ]
    assert links(response, "1cc1eda1") == [f"/errors/{ERROR_ID}/"]


def test_items_of_others_are_not_named(client_for: ClientFor, db: None) -> None:
    delivery = receive(GOOD, source="api")
    drain()
    reader = User.objects.create_user("reader", team=Team.objects.create(name="Nobody's"))

    response = client_for(reader).get(f"/intake/deliveries/{delivery.id}/")

    assert rows(response) == [["1", "API error 1300", "not of your sub-accounts, or pruned"]]
    assert str(ERROR_ID) not in page(response)
    assert ErrorEvent.objects.count() == 1


def test_a_delivery_is_found_in_any_case_and_an_unknown_one_is_not(agent_client: Client) -> None:
    delivery = receive(GOOD, source="api")
    upper = str(delivery.id).upper()

    moved = agent_client.get(f"/intake/deliveries/{upper}/?a=b")

    assert (moved.status_code, moved["Location"]) == (301, f"/intake/deliveries/{delivery.id}/?a=b")
    assert agent_client.get(f"/intake/deliveries/{UUID(int=1)}/").status_code == 404
