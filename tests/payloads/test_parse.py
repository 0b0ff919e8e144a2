"""One payload at a time: what fits is recorded, what does not is refused with a reason."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from support_portal.payloads import ApiError, Receipt, Unrecognised
from tests.payloads.samples import one

ERROR_ID = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
UMID = "9f4b5bb0-a414-4aed-8e6d-b48d0087b208"
ERROR = {
    "code": 1300,
    "message": "Object wasn't found or is already expired",
    "errorId": ERROR_ID,
    "timestamp": "2020-12-22T05:52:01.85Z",
}
AT = datetime(2020, 12, 22, 5, 52, 1, 850_000, tzinfo=UTC)


def error(**changes):
    return json.dumps(ERROR | changes).encode()


def receipt(namespace="SMS", version=None, status=None, **payload):
    status = {"state": "sent", "timestamp": "2026-07-20T08:14:04.31Z"} | (status or {})
    body = {
        "namespace": namespace,
        "eventType": "outbound_message_status_changed",
        "payload": {"umid": UMID, "status": status} | payload,
    }
    return json.dumps(body if version is None else body | {"version": version}).encode()


def reason(raw):
    with pytest.raises(Unrecognised) as refusal:
        one(raw)
    return refusal.value.reason


def test_a_bare_error_has_no_context():
    assert one(error()) == ApiError(UUID(ERROR_ID), 1300, ERROR["message"], AT)


def test_a_wrapped_error_brings_its_context():
    context = {
        "httpStatus": 404,
        "method": "GET",
        "path": "/api/v1/subaccounts/np_otp/messages/x",
        "subAccountId": "np_otp",
        "umid": UMID.upper(),
        "batchId": "{be932234-10c2-442b-86d1-b48e0036fa38}",
        "clientMessageId": "np-1",
        "clientBatchId": "np-b",
        "channel": "SMS",
        "destination": "+12025550101",
        "service": "parcel-sender",
        "requestedAt": "2020-12-22T05:52:01Z",
        "unknown": {"to": ["us"]},
    }

    record = one(json.dumps({"error": ERROR, "context": context}).encode())

    assert record == ApiError(
        error_id=UUID(ERROR_ID),
        code=1300,
        message=ERROR["message"],
        occurred_at=AT,
        http_status=404,
        method="GET",
        path="/api/v1/subaccounts/np_otp/messages/x",
        sub_account="np_otp",
        umid=UUID(UMID),
        batch_id=UUID("be932234-10c2-442b-86d1-b48e0036fa38"),
        client_message_id="np-1",
        client_batch_id="np-b",
        channel="sms",
        destination="+12025550101",
        service="parcel-sender",
        requested_at=datetime(2020, 12, 22, 5, 52, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("context", [None, {}, [], "x", 5, {"umid": 7, "httpStatus": "many"}])
def test_an_unusable_context_leaves_the_error(context):
    record = one(json.dumps({"error": ERROR, "context": context}).encode())

    assert record == ApiError(UUID(ERROR_ID), 1300, ERROR["message"], AT)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"errorId": None}, "no_error_id"),
        ({"errorId": "nope"}, "bad_error_id"),
        ({"errorId": 12}, "bad_error_id"),
        ({"errorId": ["x"]}, "bad_error_id"),
        ({"code": True}, "bad_code"),
        ({"code": None}, "bad_code"),
        ({"code": "13x"}, "bad_code"),
        ({"code": 13.5}, "bad_code"),
        ({"code": {}}, "bad_code"),
        ({"code": 2**31}, "bad_code"),
        ({"code": -(2**31) - 1}, "bad_code"),
        ({"code": 10**4000}, "bad_code"),
        ({"timestamp": "yesterday"}, "bad_time"),
        ({"timestamp": 1784641915}, "bad_time"),
        ({"timestamp": "1999-12-31T23:59:59Z"}, "bad_time"),
    ],
)
def test_an_unusable_error_is_refused_with_its_reason(changes, expected):
    assert reason(error(**changes)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("1300", 1300), (" -7 ", -7), (0, 0), (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31))],
)
def test_codes_may_be_numeric_texts_and_any_32_bit_number(code, expected):
    assert one(error(code=code)).code == expected


def test_characters_no_database_takes_are_replaced():
    raw = error(message="a\0b\ud800c😀")

    assert one(raw).message == "a�b�c😀"


def test_a_text_longer_than_its_column_is_cut_with_a_mark():
    assert one(error(message="x" * 2001)).message == "x" * 1999 + "…"


@pytest.mark.parametrize("message", [None, {"a": [1]}, True])
def test_a_message_that_is_no_text_is_left_out(message):
    assert one(error(message=message)).message == ""


def test_the_last_of_two_equal_fields_counts():
    raw = error()[:-1] + b', "code": 1404}'

    assert one(raw).code == 1404


def test_a_byte_order_mark_does_not_hurt():
    assert one(b"\xef\xbb\xbf" + error()).code == 1300


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "not_json"),
        (b" \r\n", "not_json"),
        (b"{", "not_json"),
        (b"\x00\x00", "not_json"),
        (b"plain words", "not_json"),
        (b'{"errorId": NaN}', "not_json"),
        (b"\xff\xfe{\x00", "not_text"),
        (error()[:-1] + b', "message": "\xff"}', "not_text"),
        (b"<root/>", "xml"),
        (b"[" * 100_000, "too_deep"),
        (error()[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too_deep"),
        (b"[]", "unhandled_shape"),
        (b"17", "unhandled_shape"),
        (b"null", "unhandled_shape"),
        (b"{}", "unhandled_shape"),
        (b'{"code": 1, "message": "x", "timestamp": "x"}', "no_error_id"),
        (b'{"namespace": "RCS", "eventType": "suggestion_tapped"}', "unhandled_event"),
    ],
)
def test_what_is_no_payload_is_refused_with_its_reason(raw, expected):
    assert reason(raw) == expected


def test_a_refusal_is_one_plain_sentence():
    with pytest.raises(Unrecognised) as refusal:
        one(error(errorId="nope"))

    assert str(refusal.value) == "bad_error_id: errorId is not a UUID."


def test_an_sms_receipt_names_its_sender_and_recipient():
    record = one(receipt(source="NWPARCEL", destination="+12025550147", subAccountId="np_otp"))

    assert record == Receipt(
        umid=UUID(UMID),
        state="sent",
        detail="",
        occurred_at=datetime(2026, 7, 20, 8, 14, 4, 310_000, tzinfo=UTC),
        context="sms_receipt",
        channel="sms",
        sub_account="np_otp",
        destination="+12025550147",
        source="NWPARCEL",
    )


@pytest.mark.parametrize("namespace", ["ChatApps", "chatapps", "CHATAPPS"])
def test_the_spelling_of_namespace_and_channel_does_not_matter(namespace):
    record = one(receipt(namespace=namespace, channel="WhatsApp"))

    assert (record.context, record.channel) == ("chatapps_receipt", "whatsapp")


@pytest.mark.parametrize(
    ("namespace", "told", "kept"),
    [
        ("SMS", 0, 0),
        ("ChatApps", 0, None),
        ("SMS", None, None),
        ("SMS", "", None),
        ("SMS", "46", 46),
    ],
)
def test_zero_is_an_error_code_only_for_sms(namespace, told, kept):
    assert one(receipt(namespace=namespace, status={"errorCode": told})).error_code == kept


@pytest.mark.parametrize("code", [True, "x", 1.5, 10**30, [1]])
def test_an_unusable_error_code_is_refused(code):
    assert reason(receipt(status={"errorCode": code})) == "bad_code"


@pytest.mark.parametrize(("told", "kept"), [("0", "0"), (131009, "131009"), (None, ""), ([], "")])
def test_the_provider_code_is_kept_as_text(told, kept):
    record = one(receipt(namespace="ChatApps", whatsapp={"providerErrorCode": told}))

    assert record.provider_code == kept


@pytest.mark.parametrize("user", [None, {}, [], "x", {"channelUserId": "12025550147"}])
def test_without_a_number_there_is_no_destination(user):
    assert one(receipt(namespace="ChatApps", user=user)).destination == ""


@pytest.mark.parametrize(
    ("told", "kept"), [(2, 2), ("2", 2), (None, 0), (-1, 0), (True, 0), (9**9, 0)]
)
def test_the_step_of_a_fallback_is_kept(told, kept):
    assert one(receipt(namespace="ChatApps", step=told)).step == kept


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (receipt(umid=None), "no_umid"),
        (receipt(umid="x"), "bad_umid"),
        (receipt(status={"state": ""}), "no_state"),
        (receipt(status={"timestamp": None}), "bad_time"),
        (b'{"namespace":"SMS","eventType":"outbound_message_status_changed"}', "unhandled_shape"),
    ],
)
def test_an_unusable_receipt_is_refused_with_its_reason(raw, expected):
    assert reason(raw) == expected


def test_a_newer_version_is_read_while_its_fields_fit():
    assert one(receipt(namespace="ChatApps", version=12)).state == "sent"


def test_a_newer_version_that_does_not_fit_says_so():
    with pytest.raises(Unrecognised) as refusal:
        one(receipt(namespace="ChatApps", version=12, umid=None))

    assert (refusal.value.reason, refusal.value.detail) == (
        "unknown_version",
        "A receipt of version 12 is newer than the formats known here. The payload has no umid.",
    )


def test_an_unknown_state_is_kept_word_for_word():
    assert one(receipt(status={"state": "Parked_elsewhere"})).state == "Parked_elsewhere"
