"""Bad input over HTTP: kept or refused with a reason, never a fault, never a lost neighbour."""

import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from support_portal.core import sealing
from support_portal.events.models import DeliveryReceipt, ErrorEvent, Message
from support_portal.ingest.models import Delivery, QuarantineEntry
from support_portal.ingest.services import Drained
from support_portal.payloads import split
from support_portal.reason_codes import Context, decode
from tests.ingest.sent import drain_all, encoded, error, facts, reasons, receipt

DEPTH = 100_000
ENTITIES = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY secret SYSTEM "file:///etc/passwd">]><x>&b;&secret;</x>"""
BAD = {
    "not JSON": (b"nonsense", "not_json"),
    "half an object": (b'{"errorId": "1cc1', "not_json"),
    "NaN": (encoded(error()).replace(b"1300", b"NaN"), "not_json"),
    "XML with entities": (ENTITIES.replace(b"\n", b" "), "xml_doctype"),
    "a number": (b"1300", "unhandled_shape"),
    "a text": (b'"1300"', "unhandled_shape"),
    "null": (b"null", "unhandled_shape"),
    "an empty object": (b"{}", "unhandled_shape"),
    "invalid UTF-8": (b'{"errorId": "\xff\xfe"}', "not_text"),
    "deep": (b'{"errorId":' + b"[" * DEPTH + b"]" * DEPTH + b"}", "too_deep"),
    "no code": (encoded(error(code=None)), "bad_code"),
    "a text for a code": (encoded(error(code="many")), "bad_code"),
    "an object for a code": (encoded(error(code={})), "bad_code"),
    "a flag for a code": (encoded(error(code=True)), "bad_code"),
    "a fraction for a code": (encoded(error(code=13.5)), "bad_code"),
    "a code of 64 bits": (encoded(error(code=2**63)), "bad_code"),
    "a code below 32 bits": (encoded(error(code=-(2**31) - 1)), "bad_code"),
    "a code of many digits": (encoded(error()).replace(b"1300", b"9" * 5000), "bad_code"),
    "no errorId": (encoded({"code": 1300, "timestamp": "2026-07-20T05:52:01Z"}), "no_error_id"),
    "a wrong errorId": (encoded(error(errorId="not-a-uuid")), "bad_error_id"),
    "a number for an errorId": (encoded(error(errorId=5)), "bad_error_id"),
    "no time": (encoded(error(timestamp=None)), "bad_time"),
    "a wrong time": (encoded(error(timestamp="yesterday")), "bad_time"),
    "a time that does not exist": (encoded(error(timestamp="2026-02-30T00:00:00Z")), "bad_time"),
    "a time long gone": (encoded(error(timestamp="0001-01-01T00:00:00+14:00")), "bad_time"),
    "a receipt without umid": (encoded(receipt() | {"payload": {"status": {}}}), "no_umid"),
    "a receipt without state": (encoded(receipt(state=None)), "no_state"),
    "a receipt without time": (encoded(receipt(timestamp=None)), "bad_time"),
    "a receipt with a wrong code": (encoded(receipt(errorCode="x")), "bad_code"),
    "a payload that is a list": (encoded(receipt() | {"payload": []}), "unhandled_shape"),
    "an unknown event": (encoded(receipt() | {"eventType": "something_new"}), "unhandled_event"),
    "an unknown version": (
        encoded({"namespace": "ChatApps", "version": 99} | {"payload": {"new": 1}}),
        "unhandled_event",
    ),
    "a newer receipt": (
        encoded(receipt() | {"version": 99, "payload": {"id": 5}}),
        "unknown_version",
    ),
}
ODD_BUT_GOOD = {
    "a negative code": encoded(error(code=-2010)),
    "the highest code": encoded(error(code=2**31 - 1)),
    "the lowest code": encoded(error(code=-(2**31))),
    "an unlisted code": encoded(error(code=987654)),
    "a code as text": encoded(error(code="1300")),
    "NUL in a text": encoded(error(message="a\x00b")),
    "a lone surrogate": b'{"message":"\\ud800",'
    + encoded(error()).replace(b'"message"', b'"m"')[1:],
    "a long message": encoded(error(message="x" * 100_000)),
    "markup": encoded(error(message="<img src=x onerror=alert(4)>")),
    "an object for a message": encoded(error(message={"a": ["b"]})),
    "upper case and braces": encoded(error(errorId="{1CC1EDA1-F5DD-EA11-8288-000000000001}")),
    "unknown fields": encoded(error(new={"deep": [[[[]]]]})),
    "a wrong context": encoded({"error": error(), "context": ["no"]}),
    "a newer version with the same fields": encoded(receipt() | {"version": 99}),
    "an unknown state": encoded(receipt(state="teleported", detail="somewhere")),
    "wrong optional fields": encoded(
        {"error": error(), "context": {"umid": 5, "httpStatus": "x", "requestedAt": "x"}}
    ),
}
# What 400 answers; everything else is kept and understood later.
NOT_TEXT = ("invalid UTF-8",)


def neighbours(body):
    """Return NDJSON with ``body`` between two good events."""
    return b"\n".join([encoded(error(101)), body, encoded(receipt(102))])


@pytest.mark.parametrize("name", BAD)
def test_bad_input_alone_is_refused_or_set_aside_with_a_reason(api, hook, name):
    body, reason = BAD[name]

    assert api(body).status_code == (400 if name in NOT_TEXT else 202)
    assert hook(body).status_code == 200

    drained = drain_all()
    kept = 1 if name in NOT_TEXT else 2
    assert drained == Drained(deliveries=kept, quarantined=kept)
    assert reasons() == [reason] * kept
    assert facts() == 0


@pytest.mark.parametrize("name", BAD)
def test_bad_input_costs_its_neighbours_nothing(api, name):
    body, reason = BAD[name]

    assert api(neighbours(body), "application/x-ndjson").status_code == 202

    assert drain_all() == Drained(deliveries=1, recorded=2, quarantined=1)
    entry = QuarantineEntry.objects.get()
    assert (entry.position, entry.reason) == (1, reason)
    assert sealing.unseal(entry.body) == body
    assert entry.detail.endswith(".")


@pytest.mark.parametrize("name", [name for name in BAD if name != "not JSON"])
def test_bad_elements_of_an_array_cost_their_neighbours_nothing(hook, name):
    body, reason = BAD[name]

    hook(b"[" + b",".join([encoded(error(101)), body, encoded(receipt(102))]) + b"]")

    drained = drain_all()
    assert drained.recorded == 2
    assert set(reasons()) == {reason}


@pytest.mark.parametrize("name", ODD_BUT_GOOD)
def test_odd_input_is_recorded_as_far_as_it_goes(api, name):
    assert api(neighbours(ODD_BUT_GOOD[name])).status_code == 202

    assert drain_all() == Drained(deliveries=1, recorded=3)
    assert reasons() == []


@pytest.mark.django_db
def test_no_column_holds_what_no_database_takes(api):
    api(neighbours(ODD_BUT_GOOD["NUL in a text"]))
    api(ODD_BUT_GOOD["a lone surrogate"].replace(b"000000000001", b"000000000002"))

    drain_all()

    messages = ErrorEvent.objects.filter(error_id__lt="1cc1eda1-f5dd-ea11-8288-000000000003")
    assert list(messages.order_by("error_id").values_list("message", flat=True)) == [
        "a\ufffdb",
        "\ufffd",
    ]


def test_deep_nesting_in_fields_nobody_reads_does_no_harm(api):
    deep = encoded(error(1, new="X")).replace(b'"X"', b"[" * DEPTH + b"]" * DEPTH)

    assert api(neighbours(deep)).status_code == 202

    drained = drain_all()
    assert drained.recorded + drained.quarantined == 3
    assert drained.recorded >= 2


def test_a_body_of_nothing_but_brackets_is_one_item_in_quarantine(hook):
    hook(b"[" * 1_000_000)

    assert drain_all() == Drained(deliveries=1, quarantined=1)


def test_an_empty_array_is_done_and_says_nothing(api):
    assert api(b"[]").status_code == 202

    assert drain_all() == Drained(deliveries=1)


def test_a_gzip_body_is_recorded_like_any_other(api):
    body = gzip.compress(neighbours(b"nonsense"))

    assert api(body, **{"Content-Encoding": "gzip"}).status_code == 202

    assert drain_all() == Drained(deliveries=1, recorded=2, quarantined=1)


def test_a_bomb_is_refused_and_nothing_is_kept(api, hook):
    bomb = gzip.compress(b" " * 50_000_000)

    for post in (api, hook):
        answer = post(bomb, **{"Content-Encoding": "gzip"})
        assert answer.status_code == 413
        assert answer["Content-Type"] == "application/problem+json"
    assert Delivery.objects.count() == 0


def test_entities_of_xml_are_not_followed(hook):
    assert hook(ENTITIES, "application/xml").status_code == 200

    assert drain_all() == Drained(deliveries=1, quarantined=1)
    assert "root:" not in QuarantineEntry.objects.get().detail


def test_a_body_full_of_tiny_items_does_not_multiply(api):
    body = b"[" + b"1," * 500_000 + b"1]"

    assert api(body).status_code == 202

    drained = drain_all()
    assert drained.recorded == 0
    assert drained.quarantined == len(split(body)) < 2000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*error(), *receipt(), *receipt()["payload"], "state", "error"])
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
TIMES = st.datetimes().map(datetime.isoformat)
ERRORS_ALMOST = st.builds(
    error,
    st.integers(0, 3),
    code=st.integers() | st.none(),
    message=st.text(max_size=20) | st.integers(),
    timestamp=TIMES | st.text(max_size=5),
)
RECEIPTS_ALMOST = st.builds(
    receipt,
    st.integers(0, 3),
    state=st.sampled_from(["sent", "delivered", "undelivered", ""]) | st.text(max_size=50),
    detail=st.text(max_size=50),
    errorCode=st.integers() | st.text(max_size=5) | st.none(),
    timestamp=TIMES,
)
LINES = st.lists(st.one_of(ERRORS_ALMOST, RECEIPTS_ALMOST).map(json.dumps), max_size=8)
BODIES = st.one_of(
    st.binary(max_size=300),
    JSON.map(json.dumps).map(str.encode),
    LINES.map("\n".join).map(str.encode),
)


@given(BODIES)
def test_whatever_is_posted_is_answered_and_accounted_for(api, hook, body):
    with transaction.atomic():
        told = api(body).status_code
        hooked = hook(body).status_code
        drained = drain_all(limit=3)
        refused = QuarantineEntry.objects.filter(reason="refused").count()
        transaction.set_rollback(True)

    doors = 2 if told == 202 else 1
    assert told in (202, 400)
    assert hooked == 200
    assert drained.deliveries == doors
    assert drained.recorded + drained.repeated + drained.quarantined == doors * len(split(body))
    assert refused == 0


SAMPLES = Path(__file__).parents[1] / "data" / "payloads"
MANIFEST = {
    entry["file"]: entry
    for entry in json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))["files"]
}
RECORDED = [
    *(name for name in MANIFEST if name.startswith("sms_dlr") and name.endswith(".json")),
    *(name for name in MANIFEST if name.startswith(("chatapps_dlr_v8", "chatapps_dlr_v9"))),
]
ERRORS = [name for name, entry in MANIFEST.items() if entry["kind"] == "api_error"]
OTHERS = [
    name
    for name, entry in MANIFEST.items()
    if entry["kind"] in ("webhook", "api_response") and name not in RECORDED
]


def moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("name", RECORDED)
def test_a_receipt_of_the_samples_is_recorded_as_the_manifest_says(hook, name):
    expected = MANIFEST[name]["expect"]

    assert hook((SAMPLES / name).read_bytes()).status_code == 200

    assert drain_all() == Drained(deliveries=1, recorded=1)
    stored, message = DeliveryReceipt.objects.get(), Message.objects.get()
    registry = None
    if stored.error_code is not None:
        reading = decode(Context(stored.context), stored.channel, stored.error_code)
        registry = reading.registry or expected["registry"]  # "" where no table lists the code
        assert message.error_registry == reading.registry
    assert {
        "umid": str(stored.umid),
        "state": stored.state,
        "detail": stored.detail or None,
        "error_code": stored.error_code,
        "registry": registry,
        "occurred_at": stored.occurred_at,
    } == {key: expected[key] for key in ("umid", "state", "detail", "error_code", "registry")} | {
        "occurred_at": moment(expected["occurred_at"])
    }
    assert stored.channel == expected.get("channel", "sms")
    assert (message.state, message.detail or None) == (expected["state"], expected["detail"])


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_the_samples_is_recorded_as_the_manifest_says(api, name):
    body = (SAMPLES / name).read_bytes()
    sent, expected = json.loads(body), MANIFEST[name].get("expect") or {}

    assert api(body).status_code == 202

    assert drain_all() == Drained(deliveries=1, recorded=1)
    stored = ErrorEvent.objects.get()
    reading = decode(Context.API_ERROR, "", stored.code)
    assert str(stored.error_id) == sent["errorId"].lower()
    assert stored.code == expected.get("error_code", sent["code"])
    assert stored.message == sent.get("message", "")
    assert reading.registry == expected.get("registry", reading.registry)
    if "occurred_at" in expected:
        assert stored.occurred_at == moment(expected["occurred_at"])


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_sample_is_recorded_dropped_by_a_rule_or_set_aside_with_a_reason(hook, name):
    assert hook((SAMPLES / name).read_bytes()).status_code == 200

    drained = drain_all()

    assert drained.recorded + drained.ignored + drained.quarantined >= 1
    assert "not_json" not in reasons()


def test_receipts_out_of_order_add_up_to_the_last_state(hook):
    scenario = json.loads((SAMPLES / "scenario_out_of_order.json").read_bytes())
    expected = MANIFEST["scenario_out_of_order.json"]["expect"]

    for delivery in scenario["deliveries"]:
        assert hook(encoded(delivery["body"])).status_code == 200
        drain_all()

    message = Message.objects.get(umid=expected["umid"])
    assert DeliveryReceipt.objects.count() == expected["distinct_events"] == 3
    assert [message.state, message.detail] == expected["final"]
    assert message.receipts == 3
