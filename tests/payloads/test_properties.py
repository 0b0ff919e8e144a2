"""Whatever comes in: records or Unrecognised, and what is valid comes back whole."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support_portal.payloads import ApiError, Fact, Ignored, Receipt, Unrecognised, parse, split
from support_portal.payloads.ignoring import RULES
from support_portal.payloads.recognise import recognise
from tests.payloads.samples import one

MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30), timezones=st.just(UTC))
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=90)
CODES = st.integers(-(2**31), 2**31 - 1)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
OBJECTS = st.dictionaries(st.text(max_size=9), SCALARS | st.lists(SCALARS, max_size=3), max_size=4)
FIELDS = st.sampled_from(
    (
        *("code", "message", "errorId", "timestamp", "error", "context", "receivedAt", "delivery"),
        *("namespace", "eventType", "version", "payload", "umid", "status", "state", "detail"),
        *("errorCode", "user", "msisdn", "whatsapp", "providerErrorCode", "step", "batchId"),
    )
)
WORDS = st.sampled_from(
    [
        "SMS",
        "ChatApps",
        "outbound_message_status_changed",
        "1cc1eda1-f5dd-ea11-8288-0263195dd35a",
        "2026-07-20T09:31:07Z",
        "+12025550101",
    ]
)
PAYLOADS = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
)
WIRE = PAYLOADS.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
LINES = st.lists(WIRE | st.binary(max_size=40), max_size=6)


def survive(body):
    items = split(body)

    assert [item.position for item in items] == list(range(len(items)))
    for outcome in [outcome for item in items for outcome in understand(item.raw)]:
        if isinstance(outcome, Ignored):
            assert outcome.rule in RULES
        else:
            assert isinstance(outcome, Fact) or outcome.detail.endswith(".")


def understand(raw):
    try:
        return parse(raw)
    except Unrecognised as refusal:
        return (refusal,)


def _finite(value):
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@given(st.binary())
def test_any_bytes_are_records_or_unrecognised(body):
    survive(body)


@given(WIRE)
@example(b'{"error":{"errorId":"\\ud800"}}')
def test_any_json_of_the_right_words_is_a_record_or_unrecognised(body):
    survive(body)


@given(LINES, st.sampled_from([b"\n", b"\r\n", b",\n", b","]), st.booleans())
def test_any_lines_and_arrays_are_records_or_unrecognised(pieces, separator, enclosed):
    body = separator.join(pieces)

    survive(b"[" + body + b"]" if enclosed else body)


@given(
    st.lists(OBJECTS.filter(_finite), min_size=1, max_size=3),
    st.sampled_from(["oops", '{"a":', "]", '{"a":1}}']),
)
def test_a_bad_line_never_costs_a_good_one(objects, bad):
    good = [json.dumps(found) for found in objects]
    lines = [line.encode() for line in (*good, bad, *good)]

    assert [item.raw for item in split(b"\n".join(lines))] == lines


@given(
    error_id=st.uuids(),
    code=CODES,
    message=NAMES,
    occurred_at=MOMENTS,
    status=st.integers(100, 599),
    umid=st.uuids(),
    client_id=NAMES,
    number=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    requested_at=MOMENTS,
)
def test_a_valid_error_comes_back_whole(
    error_id, code, message, occurred_at, status, umid, client_id, number, requested_at
):
    error = {
        "code": code,
        "message": message,
        "errorId": str(error_id),
        "timestamp": occurred_at.isoformat(),
    }
    context = {
        "httpStatus": status,
        "umid": str(umid),
        "clientMessageId": client_id,
        "destination": number,
        "requestedAt": requested_at.isoformat(),
    }

    record = one(json.dumps({"error": error, "context": context}).encode())

    assert record == ApiError(
        error_id,
        code,
        message,
        occurred_at,
        http_status=status,
        umid=umid,
        client_message_id=client_id,
        destination=number,
        requested_at=requested_at,
    )


@given(
    umid=st.uuids(),
    state=NAMES.filter(bool).map(lambda name: name[:40]),
    occurred_at=MOMENTS,
    code=CODES.filter(bool) | st.none(),
    message=NAMES,
    batch_id=st.uuids() | st.none(),
    step=st.integers(0, 20),
)
def test_a_valid_receipt_comes_back_whole(umid, state, occurred_at, code, message, batch_id, step):
    payload = {
        "umid": str(umid),
        "batchId": str(batch_id) if batch_id else None,
        "channel": "Viber",
        "step": step,
        "user": {"msisdn": "+447700900123"},
        "status": {
            "state": state,
            "timestamp": occurred_at.isoformat(),
            "errorCode": code,
            "errorMessage": message,
        },
    }
    body = {
        "namespace": "ChatApps",
        "eventType": "outbound_message_status_changed",
        "payload": payload,
    }

    record = one(json.dumps(body).encode())

    assert record == Receipt(
        umid,
        state,
        "",
        occurred_at,
        error_code=code,
        error_message=message,
        context="chatapps_receipt",
        channel="viber",
        step=step,
        batch_id=batch_id,
        destination="+447700900123",
    )


@given(st.text())
def test_any_text_can_be_searched_and_every_place_lies_in_it(text):
    for thing in recognise(text):
        assert 0 <= thing.start < thing.end <= len(text)


INVISIBLE = st.sampled_from(["", "", "\u200b", "\u00ad", "\u2060", "\ufeff"])


@given(st.uuids(), st.data())
def test_an_id_is_found_through_invisible_characters(id, data):
    dressed = "".join(
        character + data.draw(INVISIBLE) if place < 35 else character
        for place, character in enumerate(str(id))
    )
    text = f"see errorId: {dressed} é"

    found = recognise(text)

    assert [(thing.kind, thing.value) for thing in found] == [("error_id", str(id))]
    assert text[found[0].start : found[0].end] == dressed


@pytest.mark.parametrize("glue", ["ab{}", "{}0", "00-{}-00f067aa0ba902b7-01"])
@given(id=st.uuids())
def test_an_id_inside_longer_hex_is_no_id(glue, id):
    for text in (str(id), id.hex):
        assert not [t for t in recognise("x " + glue.format(text)) if t.kind != "partial_id"]
