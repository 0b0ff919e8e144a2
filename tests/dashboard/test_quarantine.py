"""The quarantine: what was not understood, and sending it through the intake again."""

import pytest
from django.test import Client

from support_portal.accounts.models import Team, User
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.services import drain, receive
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, links, notes, page, words
from tests.dashboard.rows import ERROR_ID, GOOD


@pytest.fixture
def nonsense(db: None) -> list[QuarantineEntry]:
    """Two items that are not JSON and one without a usable code, in the quarantine."""
    for body in (
        b"nonsense 12025550123",
        b"nor this <script>alert(1)</script>",
        GOOD.replace(b"1300", b'"x"'),
    ):
        receive(body, source="api", sender="dispatch")
    drain()
    return list(QuarantineEntry.objects.waiting())


def test_the_quarantine_groups_by_reason_and_masks_what_it_shows(
    agent_client: Client, nonsense: list[QuarantineEntry]
) -> None:
    everything = agent_client.get("/intake/quarantine/")
    one_reason = agent_client.get("/intake/quarantine/?reason=bad_code")

    assert links(everything, "Not JSON") == ["?reason=not_json"]
    assert "nonsense •••••••0123" in page(everything)
    assert "12025550123" not in page(everything)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(everything)
    assert "<script>alert" not in page(everything)
    assert page(everything).count('<pre class="raw"') == 3
    assert page(one_reason).count('<pre class="raw"') == 1
    assert str(ERROR_ID) in page(one_reason)


@pytest.mark.parametrize("query", ["reason=%00", "reason=" + "x" * 5000, "reason=a b", "cursor=x"])
def test_a_strange_query_shows_the_whole_quarantine(
    agent_client: Client, nonsense: list[QuarantineEntry], query: str
) -> None:
    response = agent_client.get(f"/intake/quarantine/?{query}")

    assert page(response).count('<pre class="raw"') == 3


def test_an_item_that_no_key_opens_says_so(
    agent_client: Client, nonsense: list[QuarantineEntry]
) -> None:
    QuarantineEntry.objects.update(body=b"\x01\x03oldrest")

    response = agent_client.get("/intake/quarantine/")

    assert page(response).count("the key that sealed it is not in the ring") == 3


def test_an_empty_quarantine_says_that_all_was_understood(agent_client: Client) -> None:
    assert empty(agent_client.get("/intake/quarantine/")) == ["The quarantine is empty"]


@pytest.mark.parametrize(
    ("form", "replayed", "said"),
    [
        ({"all": "yes"}, 3, "3 items were sent through the intake again."),
        ({"reason": "not_json"}, 2, "2 items were sent through the intake again."),
        ({"entry": "first"}, 1, "1 item was sent through the intake again."),
        ({}, 0, "0 items were sent through the intake again."),
        ({"entry": "nonsense", "all": "yes"}, 0, "0 items were sent through the intake again."),
        ({"reason": "\x00"}, 0, "0 items were sent through the intake again."),
    ],
)
def test_a_lead_replays_one_a_reason_or_all(
    lead: User,
    client_for: ClientFor,
    nonsense: list[QuarantineEntry],
    form: dict[str, str],
    replayed: int,
    said: str,
) -> None:
    if form.get("entry") == "first":
        form = {"entry": str(nonsense[0].id)}

    response = client_for(lead).post("/intake/quarantine/replay", form, follow=True)

    assert notes(response)[:1] == [said]
    assert Delivery.objects.pending().count() == replayed
    assert QuarantineEntry.objects.filter(state="replayed", settled_by="lead").count() == replayed


def test_others_may_not_replay_and_see_no_button(
    agent_client: Client, nonsense: list[QuarantineEntry]
) -> None:
    refused = agent_client.post("/intake/quarantine/replay", {"all": "yes"})

    assert refused.status_code == 403
    assert empty(refused) == ["This is not open to you"]
    assert QuarantineEntry.objects.waiting().count() == 3
    assert "/intake/quarantine/replay" not in page(agent_client.get("/intake/quarantine/"))


def test_replaying_takes_a_post(lead: User, client_for: ClientFor) -> None:
    assert client_for(lead).get("/intake/quarantine/replay").status_code == 405


def test_the_page_says_words_for_reasons_it_does_not_know(
    agent_client: Client, nonsense: list[QuarantineEntry]
) -> None:
    QuarantineEntry.objects.update(reason="solar_flare")

    assert links(agent_client.get("/intake/"), "solar flare") == [
        "/intake/quarantine/?reason=solar_flare"
    ]
    assert "solar flare" in words(page(agent_client.get("/intake/quarantine/?reason=solar_flare")))


@pytest.mark.usefixtures("nonsense")
def test_whose_an_item_is_was_not_understood_so_a_team_of_some_sub_accounts_does_not_read_it(
    client_for: ClientFor,
) -> None:
    team = Team.objects.create(name="Island desk", sub_accounts=["northwind_id_lastmile"])
    reader = User.objects.create_user("reader", team=team)

    html = client_for(reader).get("/intake/quarantine/").content.decode()

    assert html.count("The text is shown to those who look after all sub-accounts.") == 3
    assert ("northwind_ph_hq" in html, "nor this" in html) == (False, False)
