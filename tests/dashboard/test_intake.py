"""The intake page, the quarantine and what became of a delivery."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from support_portal.accounts.models import Team, User
from support_portal.dashboard import foreign
from support_portal.dashboard.views.intake import Health, health
from support_portal.events.models import ErrorEvent
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.selectors import IntakeStatus
from support_portal.ingest.services import drain, receive
from tests.conftest import ClientFor
from tests.dashboard.reading import empty, ids, links, notes, page, rows, words
from tests.dashboard.rows import ERROR_ID

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
GOOD = (
    b'{"error":{"code":1300,"message":"Not found","timestamp":"2020-12-22T05:52:01.85Z",'
    b'"errorId":"1cc1eda1-f5dd-ea11-8288-0263195dd35a"},"context":{"subAccountId":"northwind_ph_hq"}}'
)


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


def status(**values: object) -> IntakeStatus:
    given: dict[str, object] = {
        "pending": 0,
        "lag_seconds": 0.0,
        "last_received_at": NOW,
        "quarantined": 0,
    }
    return IntakeStatus(**given | values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "tone", "title"),
    [
        (status(), "ok", "All is well: everything that was sent is recorded."),
        (status(pending=3, lag_seconds=48.0), "warn", "The intake is 48 s behind."),
        (status(last_received_at=None), "info", "Nothing has been sent to us yet."),
        (status(quarantined=2), "warn", "All is recorded but for what is in the quarantine."),
        (
            status(last_received_at=NOW - timedelta(hours=3)),
            "info",
            "All that was sent is recorded. The last delivery came 3 h ago.",
        ),
    ],
)
def test_one_sentence_says_how_the_intake_is(state: IntakeStatus, tone: str, title: str) -> None:
    found = health(state, NOW)

    assert (found.tone, found.title) == (tone, title)
    assert bool(found.steps) == (found != Health("ok", title))


def test_deliveries_are_listed_with_what_became_of_them(agent_client: Client) -> None:
    receive(GOOD, source="api", sender="dispatch")
    receive(b"nonsense", source="hook", sender="8x8")
    drain()
    receive(GOOD, source="file", sender="<b>archive</b>")

    found = [row[2:] for row in rows(agent_client.get("/intake/"))]

    assert sorted(found) == [
        ["not understood", "Webhook", "8x8", "8", "0", "0", "1"],
        ["read", "API", "dispatch", str(len(GOOD)), "1", "0", "0"],
        ["waits", "File", "<b>archive</b>", str(len(GOOD)), "0", "0", "0"],
    ]


def test_deliveries_are_paged_newest_first(agent_client: Client) -> None:
    made = sorted(str(receive(b"{}", source="api").id) for _ in range(30))

    first = agent_client.get("/intake/?per_page=25")
    second = agent_client.get(links(first, "Older")[0])

    assert ids(first) + ids(second) == made[::-1]


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


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"call +12025550123 now", "call +•••••••0123 now"),
        (b"call +63 917 555 0123 now", "call +•• ••• ••• 0123 now"),
        (b"1234567", "1234567"),
        (b"123456789", "•••••6789"),
        (b"id 1cc1eda1-f5dd-ea11-8288-026319512345", "id 1cc1eda1-f5dd-ea11-8288-026319512345"),
        (b"2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
        (b"\xff\x00\x1b[31m", "\\xff\\x00\\x1b[31m"),
        ("\u202eمرحبا".encode(), "\\u202eمرحبا"),
        (b"", ""),
    ],
)
def test_foreign_bytes_are_shown_masked_and_visible(body: bytes, shown: str) -> None:
    assert foreign.shown(body) == shown


@pytest.mark.parametrize("before", range(4080, 4097))
def test_a_number_that_the_limit_cuts_is_masked_all_the_same(before: int) -> None:
    text = foreign.shown(b"x" * before + b"+12025550123" + b"y" * 100)

    assert text == ("x" * before + "+•••••••0123" + "y" * 100)[:4096] + "…"


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
