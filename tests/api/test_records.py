"""Errors, messages, codes and deliveries as machines read them."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from support_portal.accounts.services import issue_token
from support_portal.events.models import DeliveryReceipt, ErrorEvent, UsualDelay
from support_portal.ingest import services
from support_portal.payloads import Happening
from support_portal.reason_codes import registries
from tests.events.arrived import (
    DELIVERY,
    ERROR_ID,
    NUMBER,
    UMID,
    a_receipt,
    an_error,
    at,
    record,
)
from tests.ingest.sent import drain_all, encoded, error

CONTEXT = {
    "http_status": 404,
    "method": "GET",
    "path": "/api/v1/subaccounts/northwind/messages",
    "sub_account": "northwind",
    "umid": UMID,
    "batch_id": UUID("40871b13-53f2-ea11-8191-02a41c7be6d5"),
    "client_message_id": "order-17",
    "client_batch_id": "night-3",
    "channel": "sms",
    "destination": NUMBER,
    "service": "our-sender",
    "requested_at": at(-1),
}
ADDRESSES = [
    f"/api/v1/errors/{ERROR_ID}",
    f"/api/v1/messages/{UMID}",
    "/api/v1/codes/api_error/1300",
    f"/api/v1/deliveries/{DELIVERY}",
    "/api/v1/lookup",
]


def told(response, status):
    """Return the detail of a refusal, which must be problem+json."""
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    return response.json()["detail"]


def test_an_error_is_told_with_its_context_and_decoded(reader):
    record(an_error(**CONTEXT), an_error())

    answer = reader.get(f"/api/v1/errors/{ERROR_ID}").json()

    decoded = answer.pop("decoded")
    assert answer.pop("id_hint")["family"] == "seq-v1"
    assert answer.pop("explained_by") == answer.pop("not_heard") == []
    assert answer == {
        "error_id": str(ERROR_ID),
        "code": 1300,
        "message": "Object wasn't found",
        "occurred_at": "2026-07-20T08:00:00.000000Z",
        "received_at": "2026-07-20T12:00:00.000000Z",
        "repeats": 1,
        "context": {
            "http_status": 404,
            "method": "GET",
            "path": "/api/v1/subaccounts/northwind/messages",
            "sub_account": "northwind",
            "umid": str(UMID),
            "batch_id": "40871b13-53f2-ea11-8191-02a41c7be6d5",
            "client_message_id": "order-17",
            "client_batch_id": "night-3",
            "channel": "sms",
            "destination": "+1••••••0147",
            "country": "US",
            "service": "our-sender",
            "requested_at": "2026-07-20T07:59:59.000000Z",
        },
        "variants": [],
        "delivery": str(DELIVERY),
        "url": f"/errors/{ERROR_ID}/",
        "message_url": f"/messages/{UMID}/",
    }
    reason = registries()["api_error"].codes[1300]
    assert (decoded["registry"], decoded["name"]) == ("api_error", reason.name)
    assert (decoded["known"], decoded["ambiguous"]) == (True, False)
    assert decoded["verdict"] == {
        "headline": reason.verdict.headline,
        "whose": reason.verdict.whose.value,
        "retry": reason.verdict.retry.value,
        "retry_after": reason.verdict.retry_after or None,
        "next_step": list(reason.verdict.next_step),
        "customer_text": reason.verdict.customer_text,
    }


def test_a_bare_error_has_null_where_nothing_was_told(reader):
    record(an_error(message="", code=-5))

    answer = reader.get(f"/api/v1/errors/{ERROR_ID}").json()

    assert set(answer["context"].values()) == {None}
    assert (answer["message"], answer["message_url"]) == (None, None)
    assert answer["decoded"]["registry"] is None
    assert answer["decoded"]["name"] == "Unlisted code -5"
    assert answer["decoded"]["known"] is False
    assert answer["decoded"]["other_readings"] == []


def test_contradicting_reports_are_told_beside_the_first(reader):
    record(an_error(), an_error(code=1301), an_error(code=1301))

    answer = reader.get(f"/api/v1/errors/{ERROR_ID}").json()

    assert answer["code"] == 1300
    assert answer["variants"] == [
        {
            "code": 1301,
            "message": "Object wasn't found",
            "occurred_at": "2026-07-20T08:00:00.000000Z",
            "received_at": "2026-07-20T12:00:00.000000Z",
            "repeats": 1,
            "delivery": str(DELIVERY),
        }
    ]


@pytest.mark.parametrize(
    "spelling",
    [
        str(ERROR_ID).upper(),
        f"{{{ERROR_ID}}}",
        ERROR_ID.hex,
        f"urn:uuid:{ERROR_ID}",
        f"%22{ERROR_ID}%22",
    ],
)
def test_an_id_is_read_in_any_spelling(reader, spelling):
    record(an_error())

    assert reader.get(f"/api/v1/errors/{spelling}").json()["error_id"] == str(ERROR_ID)


def test_a_message_is_told_with_its_receipts_and_errors(reader):
    record(
        a_receipt("sent", seconds=1, sub_account="northwind", destination=NUMBER),
        a_receipt("sent", seconds=1, sub_account="northwind", destination=NUMBER),
        a_receipt("undelivered", "rejected_by_operator", 5.5, error_code=15, source="NWPARCEL"),
        an_error(umid=UMID),
        Happening(UMID, "click", at(9), mark="1", about=UMID, channel="sms", person=NUMBER),
    )

    answer = reader.get(f"/api/v1/messages/{UMID}").json()

    receipts, errors = answer.pop("receipts"), answer.pop("errors")
    decoded = answer.pop("decoded")
    lanes = answer.pop("lanes")
    assert answer.pop("id_hint")["family"] == "comb"
    assert answer.pop("explained_by") == answer.pop("not_heard") == []
    assert answer.pop("around") == [
        {
            "kind": "click",
            "umid": str(UMID),
            "about": str(UMID),
            "occurred_at": "2026-07-20T08:00:09.000000Z",
            "received_at": "2026-07-20T12:00:00.000000Z",
            "channel": "sms",
            "sub_account": None,
            "own_end": None,
            "number": "+1••••••0147",
            "country": "US",
            "content": None,
            "state": None,
            "code": None,
            "decoded": None,
            "repeats": 0,
            "delivery": str(DELIVERY),
        }
    ]
    assert answer == {
        "umid": str(UMID),
        "state": "undelivered",
        "detail": "rejected_by_operator",
        "channel": "sms",
        "sub_account": "northwind",
        "destination": "+1••••••0147",
        "country": "US",
        "source": "NWPARCEL",
        "operator": None,
        "batch_id": None,
        "client_message_id": None,
        "client_batch_id": None,
        "first_at": "2026-07-20T08:00:01.000000Z",
        "state_at": "2026-07-20T08:00:05.500000Z",
        "error_code": 15,
        "receipts_total": 2,
        "expected": None,
        "url": f"/messages/{UMID}/",
    }
    assert [[step["state"] for step in lane["steps"]] for lane in lanes] == [
        ["sent", "undelivered"]
    ]
    assert decoded["registry"] == "sms_dlr"
    assert receipts[0] == {
        "state": "sent",
        "detail": None,
        "channel": "sms",
        "step": None,
        "occurred_at": "2026-07-20T08:00:01.000000Z",
        "received_at": "2026-07-20T12:00:00.000000Z",
        "error_code": None,
        "error_message": None,
        "provider_code": None,
        "repeats": 1,
        "decoded": None,
        "delivery": str(DELIVERY),
    }
    assert [one["decoded"] for one in receipts] == [None, decoded]
    assert [one["error_id"] for one in errors] == [str(ERROR_ID)]


def test_a_message_tells_what_is_odd_and_what_it_waits_for(reader):
    record(
        a_receipt("sent", seconds=1),
        a_receipt("delivered", "delivered_to_operator", 9),
        a_receipt("sent", seconds=12),
    )
    UsualDelay.objects.create(
        leg="final",
        channel="sms",
        samples=40,
        half=timedelta(seconds=4),
        most=timedelta(seconds=12),
        began_at=at(0),
        ended_at=at(60),
    )

    answer = reader.get(f"/api/v1/messages/{UMID}").json()

    expected = {
        "missing": "final",
        "stage": "closed",
        "since": "2026-07-20T08:00:01.000000Z",
        "due": "2026-07-20T08:00:13.000000Z",
        "deadline": "2026-07-22T08:00:01.000000Z",
        "usual": {
            "channel": "sms",
            "country": None,
            "operator": None,
            "samples": 40,
            "p50_seconds": 4,
            "p95_seconds": 12,
            "began_at": "2026-07-20T08:00:00.000000Z",
            "ended_at": "2026-07-20T08:01:00.000000Z",
        },
    }
    assert answer["expected"] == expected
    (lane,) = answer["lanes"]
    assert [step.pop("flags") for step in lane["steps"]] == [[], [], ["again"]]
    assert lane.pop("steps")[1] == {
        "state": "delivered",
        "detail": "delivered_to_operator",
        "occurred_at": "2026-07-20T08:00:09.000000Z",
        "received_at": "2026-07-20T12:00:00.000000Z",
        "came": 1,
        "provisional": True,
        "times_the_usual": None,
    }
    assert lane == {"channel": "sms", "reports_nothing_further": False, "expected": expected}


def test_a_code_below_zero_is_told_with_its_collisions(reader):
    answer = reader.get("/api/v1/codes/voice_error/-2010").json()

    assert (answer["registry"], answer["code"], answer["known"]) == ("voice_error", -2010, True)
    assert answer["source"]
    assert "voice_error" not in [other["registry"] for other in answer["collisions"]]


def test_the_collisions_of_a_code_are_the_other_registries_that_list_it(reader):
    answer = reader.get("/api/v1/codes/sms_dlr/1").json()

    assert answer["name"] == registries()["sms_dlr"].codes[1].name
    assert [other["registry"] for other in answer["collisions"]] == [
        key for key, one in registries().items() if 1 in one.codes and key != "sms_dlr"
    ]


@pytest.mark.parametrize("number", [987654321, -987654321, 10**17])
def test_an_unlisted_code_is_told_as_not_known(reader, number):
    answer = reader.get(f"/api/v1/codes/api_error/{number}").json()

    verdict = answer.pop("verdict")
    assert answer == {
        "registry": "api_error",
        "code": number,
        "name": f"Unlisted code {number}",
        "known": False,
        "detail": None,
        "tables_verdict": None,
        "team": [],
        "source": None,
        "source_date": None,
        "collisions": [],
        "url": None,
    }
    assert verdict["whose"] == "unknown"


def test_every_listed_code_has_an_answer(reader):
    for key, registry in registries().items():
        for number, reason in registry.codes.items():
            answer = reader.get(f"/api/v1/codes/{key}/{number}").json()
            assert (answer["name"], answer["known"]) == (reason.name, True)


def test_a_delivery_tells_what_became_of_it(reader):
    body = b"\n".join([encoded(error(1)), b"nonsense", encoded(error(1)), b"{}"])
    kept = services.receive(body, source="api", sender="our-sender")
    address = f"/api/v1/deliveries/{kept.id}"

    before = reader.get(address).json()
    drain_all()
    after = reader.get(address).json()

    assert (before["state"], before["recorded"], before["quarantined"]) == ("pending", 0, [])
    assert before["drained_at"] is None
    assert (after["id"], after["state"]) == (str(kept.id), "done")
    assert (after["recorded"], after["repeated"], after["ignored"]) == (1, 1, 0)
    assert [(one["reason"], one["position"]) for one in after["quarantined"]] == [
        ("not_json", 1),
        ("unhandled_shape", 3),
    ]
    assert after["quarantined_total"] == 2
    assert [one["state"] for one in after["quarantined"]] == ["waiting", "waiting"]


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        (f"errors/{UMID}", f"No error with the errorId {UMID} has come in."),
        (f"messages/{ERROR_ID}", f"No receipt for the umid {ERROR_ID} has come in."),
        (f"deliveries/{UMID}", f"There is no delivery {UMID}; old ones are removed after a time."),
        ("errors/nonsense", "'nonsense' is no errorId: it is no UUID."),
        ("messages/%00", "'\\x00' is no umid: it is no UUID."),
        ("deliveries/-1", "'-1' is no delivery: it is no UUID."),
        ("codes/api_error/many", "'many' is no code: it is no whole number."),
        ("codes/api_error/٣", "'٣' is no code: it is no whole number."),
        ("codes/api_error/1.5", "'1.5' is no code: it is no whole number."),
        ("codes/api_error/" + "9" * 5000, f"'{'9' * 60}' is no code: it is no whole number."),
        ("nothing", "There is nothing at '/api/v1/nothing'."),
        ("errors/", "There is nothing at '/api/v1/errors/'."),
    ],
)
def test_what_is_not_there_is_said_in_words(reader, address, detail):
    assert told(reader.get(f"/api/v1/{address}"), 404) == detail


def test_an_unknown_registry_is_answered_with_the_known_ones(reader):
    detail = told(reader.get("/api/v1/codes/nonsense/1"), 404)

    assert all(key in detail for key in registries())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic dXNlcg=="])
def test_a_call_without_a_known_token_is_refused(address, authorization):
    client = Client(headers={"Authorization": authorization})

    response = client.post(address) if address.endswith("lookup") else client.get(address)

    told(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.django_db
@pytest.mark.parametrize("address", [one for one in ADDRESSES if "deliveries" not in one])
def test_a_token_that_may_only_send_cannot_read(address):
    _, secret = issue_token(name="our-sender", scopes=["events:write"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    response = client.post(address) if address.endswith("lookup") else client.get(address)

    assert told(response, 403) == "This token lacks the scope records:read."


@pytest.mark.parametrize("address", ADDRESSES)
def test_other_methods_are_refused(reader, address):
    posting = address.endswith("lookup")

    told(reader.get(address) if posting else reader.post(address), 405)
    told(reader.delete(address), 405)


@pytest.mark.django_db
def test_a_session_of_a_person_does_not_read_here(agent_client):
    told(agent_client.get(ADDRESSES[0]), 401)


def test_a_message_takes_the_same_queries_for_one_receipt_and_for_many(
    reader, django_assert_num_queries
):
    for size in (1, 50):
        record(*(a_receipt(seconds=number) for number in range(size)))
        record(*(an_error(error_id=UUID(int=number), umid=UMID) for number in range(size)))
        with django_assert_num_queries(7):
            reader.get(f"/api/v1/messages/{UMID}")
    assert (DeliveryReceipt.objects.count(), ErrorEvent.objects.count()) == (50, 50)


def test_an_error_and_a_delivery_take_few_queries(reader, django_assert_num_queries):
    record(an_error(), an_error(code=1), an_error(code=2))
    kept = services.receive(b"\n".join([b"x"] * 50), source="api")
    drain_all()

    with django_assert_num_queries(4):
        reader.get(f"/api/v1/errors/{ERROR_ID}")
    with django_assert_num_queries(2):
        reader.get(f"/api/v1/deliveries/{kept.id}")
    with django_assert_num_queries(1):
        reader.get("/api/v1/codes/api_error/1300")
