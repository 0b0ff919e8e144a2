"""Every sample payload becomes what its manifest says, or what we decided where it says nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from support_portal.events.states import derive
from support_portal.payloads import ApiError, Happening, Receipt, Record, Unrecognised, parse, split
from support_portal.payloads.forensics import examine
from support_portal.payloads.recognise import recognise
from support_portal.reason_codes import Context, decode, registries
from tests.payloads.decided import DECIDED, OURS, line
from tests.payloads.samples import FOLDER, OUR_FOLDER, manifest_entries, one, read

FILES = sorted(
    path.name for path in FOLDER.iterdir() if path.name != "manifest.json" and path.suffix != ".csv"
)


@pytest.mark.parametrize("entry", manifest_entries(), ids=lambda entry: entry["file"])
def test_every_entry_of_the_manifest_is_read_as_it_says(entry: dict[str, Any]) -> None:
    expected = entry.get("expect")

    if expected is None:
        assert lines(read(entry["file"])) == DECIDED[entry["file"]]
    else:
        found = READERS[entry["kind"]](read(entry["file"]))
        assert wanted(expected) in [{name: told[name] for name in expected} for told in found]


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_sample_of_a_shape_that_is_only_named_is_read_as_we_decided(name: str) -> None:
    assert lines((OUR_FOLDER / name).read_bytes()) == OURS[name]


def test_no_sample_of_ours_is_left_out() -> None:
    assert sorted(path.name for path in OUR_FOLDER.iterdir()) == sorted(OURS)


def records(body: bytes) -> list[Record]:
    return [record for item in split(body) for record in parse(item.raw)]


def lines(body: bytes) -> list[str]:
    try:
        return [line(record) for record in records(body)]
    except Unrecognised as why:
        return [f"refused {why.reason}"]


def wanted(expected: dict[str, Any]) -> dict[str, Any]:
    """Return what the manifest expects, moments as moments."""
    return {name: moment(value) if name in MOMENTS else value for name, value in expected.items()}


MOMENTS = {"occurred_at", "id_time"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def to_the_hundredth(when: datetime) -> datetime:
    """Cut what the manifest does not tell: ids count in ticks of a three-hundredth of a second."""
    return when.replace(microsecond=when.microsecond // 10_000 * 10_000)


def payload(body: bytes) -> list[dict[str, Any]]:
    return [told(record) for record in records(body)]


def told(record: Record) -> dict[str, Any]:
    """Return what the manifest has names for."""
    if isinstance(record, ApiError):
        family = examine(record.error_id, record.occurred_at)
        return {
            "registry": registry(Context.API_ERROR, record.channel, record.code),
            "error_code": record.code,
            "occurred_at": record.occurred_at,
            "id_family": family.family.replace("comb", "COMB"),
            "id_time": family.embedded_at and to_the_hundredth(family.embedded_at),
        }
    if isinstance(record, Happening):
        return {
            "umid": str(record.umid),
            "direction": "inbound" if record.kind == "inbound" else "outbound",
            "occurred_at": record.occurred_at,
            "error_code": record.code,
            "registry": registry(record.context, record.channel, record.code),
        }
    assert isinstance(record, Receipt)
    return {
        "umid": str(record.umid),
        "state": record.state,
        "detail": record.detail or None,
        "error_code": record.error_code,
        "registry": registry(record.context, record.channel, record.error_code),
        "occurred_at": record.occurred_at,
        "channel": record.channel,
    }


def registry(context: str, channel: str, code: int | None) -> str | None:
    """Return the table of a code, also where the table has a gap at its place."""
    if code is None:
        return None
    reading = decode(Context(context), channel, code)
    labels = {table.label: key for key, table in registries().items()}
    return reading.registry or labels[reading.label]


def scenario(body: bytes) -> list[dict[str, Any]]:
    """Return what the receipts of a scenario add up to."""
    sent = [one(json.dumps(each["body"]).encode()) for each in json.loads(body)["deliveries"]]
    receipts = [record for record in sent if isinstance(record, Receipt)]
    final = derive(sorted(set(receipts), key=lambda receipt: receipt.occurred_at))
    return [
        {
            "umid": str(receipts[0].umid),
            "distinct_events": len(set(receipts)),
            "final": [final.state, final.detail],
        }
    ]


def pasted(body: bytes) -> list[dict[str, Any]]:
    """Return what is found in a text that an agent pasted."""
    found: dict[str, Any] = {"umid": None, "error_code": None}
    for thing in recognise(body.decode()):
        kind = "error_id" if thing.kind == "uuid" else thing.kind
        found[{"code": "error_code"}.get(kind, kind)] = (
            int(thing.value) if kind == "code" else thing.value
        )
    return [found]


READERS = {
    "webhook": payload,
    "api_error": payload,
    "api_response": payload,
    "smpp": payload,
    "csv": payload,
    "scenario": scenario,
    "pasted_text": pasted,
}


@pytest.mark.parametrize("name", FILES)
def test_every_sample_file_is_one_payload(name: str) -> None:
    body = read(name)

    items = split(body)

    assert [(item.position, item.raw) for item in items] == [(0, body.strip())]


@pytest.mark.parametrize(
    ("name", "rows"), [("log_export_sms.csv", 3), ("log_export_chatapps.csv", 3)]
)
def test_an_export_is_one_payload_a_row_each_under_the_header(name: str, rows: int) -> None:
    body = read(name)
    header, *rest = body.strip().split(b"\r\n")

    items = split(body)

    assert [item.raw for item in items] == [header + b"\n" + row for row in rest]
    assert len(items) == rows


def test_an_export_of_sms_tells_the_operator() -> None:
    told = records(read("log_export_sms.csv"))

    operators = [record.operator for record in told if isinstance(record, Receipt)]
    assert operators == ["Example Wireless", "Example, UK"]


def test_a_whatsapp_failure_keeps_both_numbers() -> None:
    receipt = one(read("chatapps_dlr_v8_undelivered.json"))

    assert isinstance(receipt, Receipt)
    assert receipt == Receipt(
        umid=receipt.umid,
        state="undelivered",
        detail="rejected_by_operator",
        occurred_at=datetime(2026, 5, 6, tzinfo=UTC),
        error_code=15,
        error_message="Invalid destination",
        provider_code="131009",
        context="chatapps_receipt",
        channel="whatsapp",
        step=0,
        sub_account="northwind_parcel_chat",
        batch_id=receipt.batch_id,
        client_message_id="np-chat-5512",
        client_batch_id="np-chat-0721",
        destination="+12025550147",
        source="",
    )


def test_a_line_user_id_is_never_a_phone_number() -> None:
    receipt = one(read("chatapps_dlr_v9_line_sent.json"))

    assert isinstance(receipt, Receipt)
    assert (receipt.channel, receipt.destination) == ("line", "")
