"""What a machine is told about a delivery: bounded, and its own."""

import pytest
from django.test import Client

from support_portal.accounts.services import issue_token
from support_portal.ingest import quarantine, replaying, services
from support_portal.ingest.models import Delivery, QuarantineEntry
from tests.ingest.sent import drain_all, encoded, error

pytestmark = pytest.mark.django_db
BAD = encoded(error(timestamp="yesterday"))
IGNORED = b'{"jobId": "abc", "status": "RUNNING"}'


@pytest.fixture
def sender():
    """Return a client with a token that may send and not read, and the token."""
    token, secret = issue_token(name="our-sender", scopes=["events:write"])
    return Client(headers={"Authorization": f"Bearer {secret}"}), token


def ask(client: Client, delivery_id: object, query: str = ""):
    return client.get(f"/api/v1/deliveries/{delivery_id}{query}")


def test_a_sender_sees_its_own_deliveries_and_no_others(sender):
    client, token = sender
    own = services.receive(BAD, source="api", sender="our-sender", token_id=token.id)
    other = services.receive(BAD, source="api", sender="our-sender", token_id=token.id + 1)
    hook = services.receive(BAD, source="hook")

    answers = [ask(client, one.id) for one in (own, other, hook)]

    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert answers[1]["Content-Type"] == "application/problem+json"


def test_a_token_without_either_scope_is_refused():
    _, secret = issue_token(name="nobody", scopes=[])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    kept = services.receive(BAD, source="api")

    assert ask(client, kept.id).status_code == 403
    assert ask(Client(), kept.id).status_code == 401


def test_everything_is_told(reader):
    services.receive(encoded(error()), source="hook")
    body = b"\n".join([encoded(error(1)), encoded(error(2)), BAD, IGNORED, IGNORED])
    kept = services.receive(body, source="api", sender="our-sender")

    before = ask(reader, kept.id).json()
    drain_all()
    after = ask(reader, kept.id).json()

    assert (before["state"], before["waiting_before"], before["drained_at"]) == ("pending", 1, None)
    told = {name: after[name] for name in after if not name.endswith("_at")}
    assert told == {
        "id": str(kept.id),
        "state": "done",
        "source": "api",
        "size": len(body),
        "waiting_before": None,
        "recorded": 1,
        "repeated": 1,
        "ignored": 2,
        "ignored_by_rule": {"export_job": 2},
        "quarantined": [
            {
                "reason": "bad_time",
                "position": 2,
                "detail": QuarantineEntry.objects.get().detail,
                "state": "waiting",
            }
        ],
        "quarantined_total": 1,
        "next": None,
        "url": f"/intake/deliveries/{kept.id}/",
    }


def test_ten_thousand_quarantined_items_are_told_in_pages(reader):
    kept = services.receive(b"\n".join([BAD] * 2500), source="api")
    drain_all()

    positions, address = [], f"/api/v1/deliveries/{kept.id}"
    while address:
        answer = reader.get(address).json()
        assert len(answer["quarantined"]) <= 1000
        positions += [one["position"] for one in answer["quarantined"]]
        address = answer["next"]

    assert positions == list(range(2500))


@pytest.mark.parametrize("after", ["-1", "x", "%00", "1" * 30, "٣"])
def test_a_page_that_is_none_is_refused(reader, after):
    kept = services.receive(BAD, source="api")

    answer = ask(reader, kept.id, f"?after={after}")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_the_present_state_of_an_item_is_told(reader):
    kept = services.receive(BAD, source="api")
    drain_all()
    entry = QuarantineEntry.objects.get()
    replaying.replay([entry], by="Ana")
    quarantine.edit(entry.id, encoded(error()).decode(), by="Ana")

    assert [one["state"] for one in ask(reader, kept.id).json()["quarantined"]] == ["edited"]


def test_what_was_sent_again_and_came_back_is_told_by_its_own_row(reader, monkeypatch):
    record = services.record

    def refuse(arrivals):
        if arrivals:
            raise ValueError("out of range")
        return record(arrivals)

    monkeypatch.setattr(services, "record", refuse)
    services.receive(encoded(error()), source="api")
    drain_all()
    replaying.replay(list(QuarantineEntry.objects.all()), by="Ana")
    drain_all()

    again = Delivery.objects.get(entry_id__isnull=False)
    told = ask(reader, again.id).json()["quarantined"]
    assert [(one["reason"], one["position"], one["state"]) for one in told] == [
        ("refused", 0, "waiting")
    ]
