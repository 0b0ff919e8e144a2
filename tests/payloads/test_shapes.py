"""Shapes beside today's receipts: odd values, hostile bodies, and mutations of every sample."""

import json
import time
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads import (
    BadPart,
    Fact,
    Happening,
    Ignored,
    Receipt,
    Record,
    SendAnswer,
    Unrecognised,
    parse,
    split,
)
from support_portal.payloads.arrays import is_json
from support_portal.payloads.csv_rows import SMS_COLUMNS, header_end, read_row, rows
from support_portal.payloads.ignoring import RULES
from support_portal.payloads.times import parse_time
from tests.payloads.samples import FOLDER, OUR_FOLDER, one, read

SAMPLES = [
    path.read_bytes()
    for folder in (FOLDER, OUR_FOLDER)
    for path in sorted(folder.iterdir())
    if path.name != "manifest.json"
]
UMID = "00035306-6544-e911-8191-02a41c7be6d5"
HEADER = SMS_COLUMNS.encode()
BOMB = b"""<?xml version="1.0"?><!DOCTYPE root [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<root><namespace>SMS</namespace><payload><umid>&b;</umid></payload></root>"""
OUTSIDE = (
    b"""<!DOCTYPE root [<!ENTITY x SYSTEM "file:///etc/passwd">]><root><umid>&x;</umid></root>"""
)


def outcome(raw: bytes) -> str:
    """Return the reason of a refusal, "" for none."""
    try:
        parse(raw)
    except Unrecognised as why:
        return why.reason
    return ""


def legacy(**changes: Any) -> Receipt:
    told = json.loads(read("chatapps_dlr_legacy_v4_trashed.json")) | changes
    record = one(json.dumps(told).encode())
    assert isinstance(record, Receipt)
    return record


@pytest.mark.parametrize(
    ("status", "state", "detail"),
    [
        ("RECEIVED FOR PROCESSING", "queued", ""),
        ("SENT", "sent", ""),
        ("DELIVERED TO CARRIER", "delivered", "delivered_to_operator"),
        ("DELIVERED TO DEVICE", "delivered", "delivered_to_recipient"),
        ("REJECTED BY DEVICE", "undelivered", "undelivered_to_recipient"),
        ("rejected by carrier", "undelivered", "rejected_by_operator"),
        ("TRASHED", "rejected", ""),
        ("READ", "read", ""),
        ("Parked  elsewhere", "parked elsewhere", ""),
    ],
)
def test_a_status_of_the_former_platform_is_told_in_todays_words(
    status: str, state: str, detail: str
) -> None:
    receipt = legacy(status=status)

    assert (receipt.state, receipt.detail) == (state, detail)


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        (None, None, ""),
        (0, None, ""),
        (41, 41, ""),
        ("41", 41, ""),
        ("SmscReject", None, "SmscReject"),
        ({"code": "61", "message": "SessionExpired"}, 61, "SessionExpired"),
        ({"code": {}, "message": 5}, None, "5"),
        ([41], None, ""),
    ],
)
def test_the_error_of_the_former_platform_may_have_any_form(
    told: Any, code: int | None, message: str
) -> None:
    receipt = legacy(error=told)

    assert (receipt.error_code, receipt.error_message) == (code, message)


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, BOMB * 1_000])
def test_xml_that_declares_a_document_type_is_not_read(body: bytes) -> None:
    assert outcome(body) == "xml_doctype"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<a>" * 100_000, "too_deep"),
        (b"<root>" + b"<a/>" * 100_000 + b"</root>", "too_deep"),
        (b"<root>" + b"a" * 2_000_000 + b"</root>", "xml"),
        (b"<root><payload>", "bad_xml"),
        (b'<?xml version="1.0" encoding="nonsense"?><root/>', "bad_xml"),
        (b"<root/>", "xml"),
        (b"<root><namespace>SMS</namespace></root>", "xml"),
        (b"<html><body>502 Bad Gateway</body></html>", "xml"),
        (b'{"a":' * 2_000_000, "too_deep"),
        (b"[" * 10_000_000, "unhandled_shape"),
        (b'{"acceptedCount":1,"messages":' + b"[" * 1_000_000, "too_deep"),
        (b'{"acceptedCount":1,"messages":{}}', "unhandled_shape"),
        (HEADER, "bad_row"),
        (HEADER + b"\n" + b'"' * 400_000, "bad_row"),
        (HEADER + b"\n\xff,1", "not_text"),
        (b"id:" + b"9" * 1_900 + b" stat:", "smpp_id"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else value,
)
def test_a_body_that_wants_to_cost_much_is_refused_soon(body: bytes, reason: str) -> None:
    began = time.process_time()

    assert outcome(body) in (reason, "not_json")

    assert time.process_time() - began < 3


def test_an_export_with_quotes_that_never_close_is_cut_soon_and_whole() -> None:
    lines = [b'"%d,x' % number for number in range(100_000)]
    body = HEADER + b"\n" + b"\n".join(lines)
    began = time.process_time()

    items = split(body)

    assert time.process_time() - began < 3
    assert b"".join(item.raw.removeprefix(HEADER + b"\n") for item in items).count(b"x") == 100_000


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=24, max_size=24), min_size=1, max_size=4))
def test_rows_with_any_text_in_quotes_are_cut_where_they_end(table: list[list[str]]) -> None:
    written = [",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in table]
    body = HEADER + b"\n" + "\n".join(written).encode()

    found = [read_row(HEADER + b"\n" + row)[1] for row in rows(body, header_end(body) + 1)]

    assert [list(row.values()) for row in found] == table


def test_an_export_row_without_a_status_is_set_aside_beside_good_ones() -> None:
    rest = read("log_export_sms.csv").split(b"\r\n")[1]
    body = HEADER + b"\r\n" + rest + b"\r\n" + rest.replace(b"delivered,", b",") + b"\r\n"

    good, bad = split(body)

    assert isinstance(one(good.raw), Receipt)
    assert outcome(bad.raw) == "no_state"


def test_read_at_of_an_export_is_a_receipt_of_its_own() -> None:
    body = read("log_export_chatapps.csv").replace(b",read,,0,", b",delivered,,0,")

    told = parse(split(body)[1].raw)

    assert [(each.state, each.occurred_at.hour) for each in told if isinstance(each, Receipt)] == [
        ("delivered", 5),
        ("read", 5),
    ]


def test_a_masked_number_is_no_number() -> None:
    numbers = [
        each.destination if isinstance(each, Receipt) else each.person
        for name in ("log_export_sms.csv", "chatapps_details_fallback.json")
        for item in split(read(name))
        for each in parse(item.raw)
        if isinstance(each, Receipt | Happening)
    ]

    assert numbers == [""] * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-21 05:41:00 UTC", datetime(2026, 7, 21, 5, 41, tzinfo=UTC)),
        ("2026-07-21T13:41:00+0800", datetime(2026, 7, 21, 5, 41, tzinfo=UTC)),
        ("2026-07-21T13:41:00+08:00", datetime(2026, 7, 21, 5, 41, tzinfo=UTC)),
        ("2026-07-21T05:41:00", datetime(2026, 7, 21, 5, 41, tzinfo=UTC)),
        ("2026-07-21T05:41:00.123456789Z", datetime(2026, 7, 21, 5, 41, 0, 123456, tzinfo=UTC)),
    ],
)
def test_every_form_of_a_time_is_read_as_utc(text: str, expected: datetime) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    ("stat", "err", "expected"),
    [
        ("DELIVRD", "000", ("delivered", "delivered_to_recipient", None)),
        ("ENROUTE", "", ("sent", "", None)),
        ("REJECTD", "019", ("rejected", "", 19)),
        ("EXPIRED", "036", ("undelivered", "", 36)),
        ("SKIPPED", "0", ("skipped", "", None)),
    ],
)
def test_an_smpp_receipt_is_told_in_todays_words(
    stat: str, err: str, expected: tuple[str, str, int | None]
) -> None:
    text = (
        f"id:{UMID} sub:001 dlvrd:001 submit date:260720081400 done date:260720081630"
        f" stat:{stat} err:{err} Text:id:1 stat:LIES"
    )

    receipt = one(text.encode())

    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.detail, receipt.error_code) == expected
    assert receipt.occurred_at == datetime(2026, 7, 20, 8, 16, 30, tzinfo=UTC)


def test_the_messages_of_a_batch_bring_its_ids() -> None:
    answer, _ = parse(read("sms_batch_duplicate_umid.json"))
    queued, _ = parse(read("chatapps_batch_mixed.json"))

    assert isinstance(answer, SendAnswer)
    assert isinstance(queued, Receipt)
    assert str(answer.batch_id).startswith("802ab00a")
    assert (answer.client_batch_id, queued.client_batch_id) == ("np-demo", "np-chat-0721")
    assert str(queued.batch_id).startswith("be932234")


def test_a_batch_of_ten_thousand_with_one_odd_message_loses_only_that() -> None:
    message = {"umid": UMID, "destination": "+12025550147", "status": {"code": "QUEUED"}}
    odd = message | {"umid": ["a"]}
    body = {"acceptedCount": 10_000, "messages": [message] * 9_999 + [odd]}

    found = parse(json.dumps(body).encode())

    assert sum(isinstance(each, SendAnswer) for each in found) == 9_999
    assert [each.reason for each in found if isinstance(each, BadPart)] == ["bad_umid"]


def check(raw: bytes) -> None:
    """Every item becomes records, or is refused with a reason; nothing else happens."""
    for item in split(raw):
        found = understood(item.raw)
        assert found
        for record in found:
            if isinstance(record, Ignored):
                assert record.rule in RULES
            elif isinstance(record, BadPart):
                assert record.detail.endswith(".")
            else:
                assert isinstance(record, Fact)


def understood(raw: bytes) -> tuple[Record, ...]:
    """Return the records, a refusal of the whole as a bad part."""
    try:
        return parse(raw)
    except Unrecognised as why:
        return (BadPart(why.reason, why.detail),)


@given(st.sampled_from(SAMPLES), st.data())
def test_any_bytes_changed_in_any_sample_are_survived(sample: bytes, data: Any) -> None:
    mutated = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(mutated)))
        end = place + data.draw(st.integers(0, 8))
        mutated[place:end] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"\n", b"{", b"]", b"<", b"0"])
        )

    check(bytes(mutated))


ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        10**40,
        1.5,
        "",
        "\0",
        "\ud800",
        "\u202e",
        "x" * 5_000,
        [],
        {},
        [[]],
        {"a": 1},
    ]
)


def _is_object(sample: bytes) -> bool:
    return sample.startswith(b"{") and is_json(sample)


@given(
    st.sampled_from([sample for sample in SAMPLES if _is_object(sample)]),
    st.lists(st.tuples(st.integers(0, 60), ODD), min_size=1, max_size=4),
)
def test_any_value_in_the_place_of_any_other_is_survived(
    sample: bytes, changes: list[tuple[int, Any]]
) -> None:
    told = json.loads(sample)
    for place, value in changes:
        _replace(told, place, value)

    check(json.dumps(told).encode())


def _replace(told: Any, place: int, value: Any) -> int:
    """Put ``value`` in the place of the value that is the ``place``-th; return what is left."""
    inner = list(told.items() if isinstance(told, dict) else enumerate(told))
    for name, old in inner:
        if place == 0:
            told[name] = deepcopy(value)  # or it might be put into itself
            return -1
        place -= 1
        if isinstance(old, dict | list) and place >= 0:
            place = _replace(old, place, value)
        if place < 0:
            return -1
    return place
