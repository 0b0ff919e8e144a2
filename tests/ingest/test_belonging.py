"""What a restricted token sends for other sub-accounts is kept and set aside, never dropped."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from support_portal.accounts.models import ApiToken
from support_portal.accounts.services import issue_token
from support_portal.core import sealing
from support_portal.events.models import ErrorEvent
from support_portal.ingest import replaying, services
from support_portal.ingest.models import Delivery, QuarantineEntry
from tests.ingest.sent import drain_all, encoded, error, facts, reasons, receipt

pytestmark = pytest.mark.django_db
OWN, FOREIGN = "northwind_ph_hq", "northwind_id_lastmile"


@pytest.fixture
def token():
    return issue_token(name="our-sender", scopes=["events:write"], sub_accounts=[OWN])[0]


def of(sub_account, number=1):
    """Return an API error of a sub-account; "" names none."""
    return {"error": error(number), "context": {"subAccountId": sub_account}}


def send(token, *events, source="api"):
    body = b"\n".join(encoded(event) for event in events)
    return services.receive(body, source=source, token_id=token.pk if token else None)


def test_own_events_and_those_without_a_sub_account_are_recorded_others_set_aside(token):
    sent = send(token, of(OWN, 1), of(FOREIGN, 2), of("", 3), receipt(4))

    drained = drain_all()

    told = list(ErrorEvent.objects.order_by("error_id").values_list("sub_account", flat=True))
    assert told == [OWN, ""]
    assert reasons() == ["foreign_sub_account", "foreign_sub_account"]
    assert (drained.recorded, drained.quarantined) == (2, 2)
    became = Delivery.objects.values_list("state", "recorded", "quarantined").get(id=sent.id)
    assert became == ("done", 2, 2)


def test_what_is_set_aside_is_kept_as_it_came(token):
    send(token, of(FOREIGN))

    drain_all()

    entry = QuarantineEntry.objects.get()
    assert sealing.unseal(entry.body) == encoded(of(FOREIGN))
    assert (entry.token_id, entry.position) == (token.pk, 0)
    assert entry.detail.endswith(".")


def test_an_item_that_is_not_understood_keeps_its_own_reason(token):
    send(token, {"nonsense": True}, of(FOREIGN))

    drain_all()

    assert reasons()[1] == "foreign_sub_account"
    assert reasons()[0] != "foreign_sub_account"


@pytest.mark.parametrize("spelling", [OWN.upper(), "northwind", "%", "*"])
def test_a_sub_account_is_the_same_only_to_the_letter(token, spelling):
    send(token, of(spelling))

    drain_all()

    assert reasons() == ["foreign_sub_account"]


def test_replaying_helps_once_the_token_may_send_for_it(token):
    send(token, of(FOREIGN))
    drain_all()

    replaying.replay(list(QuarantineEntry.objects.waiting()), by="lead")
    drain_all()
    still = list(QuarantineEntry.objects.waiting().values_list("reason", flat=True))
    ApiToken.objects.update(sub_accounts=[OWN, FOREIGN])
    replaying.replay(list(QuarantineEntry.objects.waiting()), by="lead")
    drain_all()

    assert still == ["foreign_sub_account"]
    assert QuarantineEntry.objects.waiting().count() == 0
    assert facts() == 1


def test_webhooks_and_unrestricted_tokens_send_for_all(token):
    free, _ = issue_token(name="another", scopes=["events:write"])
    send(None, receipt(1), source="hook")
    send(free, of(FOREIGN, 2))

    drain_all()

    assert (facts(), reasons()) == (2, [])


@pytest.mark.parametrize("deliveries", [1, 50])
def test_it_costs_one_query_a_batch_and_none_for_webhooks(token, deliveries):
    counted = {}
    for kind, sender in (("hook", None), ("restricted", token)):
        for number in range(deliveries):
            send(sender, of(OWN, number + 1))
        with CaptureQueriesContext(connection) as queries:
            services.drain()
        counted[kind] = [q["sql"] for q in queries if "accounts_apitoken" in q["sql"]]

    assert (len(counted["hook"]), len(counted["restricted"])) == (0, 1)
    assert Delivery.objects.pending().count() == 0
