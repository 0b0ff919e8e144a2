"""A token restricted to sub-accounts reads these and what names none, and nothing else, anywhere."""

from uuid import UUID

import pytest
from django.test import Client

from support_portal.accounts.models import ApiToken
from support_portal.accounts.services import issue_token
from support_portal.events.models import ErrorEvent
from support_portal.ingest import services
from tests.events.arrived import ERROR_ID, NUMBER, UMID, a_receipt, an_error, record

pytestmark = pytest.mark.django_db
BATCH = UUID("40871b13-53f2-ea11-8191-02a41c7be6d5")
IDS = {
    "batch_id": BATCH,
    "client_message_id": "order-17",
    "client_batch_id": "night-3",
    "destination": NUMBER,
}
PASTE = (
    f"errorId {ERROR_ID} umid {UMID} batchId {BATCH} clientMessageId=order-17"
    f" clientBatchId=night-3 to {NUMBER}"
)
OWN, FOREIGN = "northwind_ph_hq", "northwind_id_lastmile"


@pytest.fixture
def reader():
    _, secret = issue_token(name="reader", scopes=["records:read"], sub_accounts=[OWN])
    return Client(headers={"Authorization": f"Bearer {secret}"})


def found(reader, text):
    answer = reader.post("/api/v1/lookup", {"text": text}, "application/json")
    return [one["found"] for one in answer.json()["items"]]


@pytest.mark.parametrize(
    ("sub_account", "status"), [(OWN, 200), ("", 200), (FOREIGN, 404), (OWN.upper(), 404)]
)
def test_it_reads_what_is_its_own_or_nobodys(reader, sub_account, status):
    record(an_error(sub_account=sub_account), a_receipt(sub_account=sub_account))

    answers = [
        reader.get(address).status_code
        for address in (f"/api/v1/errors/{ERROR_ID}", f"/api/v1/messages/{UMID}")
    ]

    assert answers == [status, status]


@pytest.mark.parametrize(("sub_account", "seen"), [(OWN, True), ("", True), (FOREIGN, False)])
def test_the_paste_engine_finds_by_no_id_what_it_may_not_read(reader, sub_account, seen):
    record(an_error(sub_account=sub_account, **IDS), a_receipt(sub_account=sub_account, **IDS))

    assert found(reader, PASTE) == [seen] * 6
    assert found(reader, str(ERROR_ID)[:13]) == [seen]
    assert found(reader, str(UMID)[:13]) == [seen]


def test_an_unknown_record_and_a_foreign_one_are_told_in_the_same_words(reader):
    unknown = reader.get(f"/api/v1/errors/{ERROR_ID}").json()
    record(an_error(sub_account=FOREIGN))

    assert reader.get(f"/api/v1/errors/{ERROR_ID}").json() == unknown


def test_foreign_errors_beside_a_message_of_its_own_are_left_out(reader):
    record(
        a_receipt(sub_account=OWN),
        an_error(umid=UMID, sub_account=FOREIGN),
        an_error(error_id=UUID(int=1), umid=UMID, sub_account=OWN),
    )

    message = reader.get(f"/api/v1/messages/{UMID}").json()

    assert [one["error_id"] for one in message["errors"]] == [str(UUID(int=1))]
    assert ErrorEvent.objects.count() == 2


def test_it_is_told_only_what_became_of_its_own_deliveries(reader):
    token = ApiToken.objects.get()
    own = services.receive(b"nonsense", source="api", token_id=token.id)
    others = [
        services.receive(b"nonsense", source="hook"),
        services.receive(b"nonsense", source="api", token_id=token.id + 1),
    ]

    answers = [reader.get(f"/api/v1/deliveries/{one.id}").status_code for one in (own, *others)]

    assert answers == [200, 404, 404]
