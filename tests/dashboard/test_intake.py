"""The intake page: how the intake is, and the last deliveries."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from support_portal.dashboard.views.intake import Health, health
from support_portal.ingest.selectors import IntakeStatus
from support_portal.ingest.services import drain, receive
from tests.dashboard.reading import ids, links, rows
from tests.dashboard.rows import GOOD

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


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
