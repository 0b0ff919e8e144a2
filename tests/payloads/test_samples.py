"""Every sample payload becomes what its manifest says, or is refused by its name."""

from datetime import UTC, datetime

import pytest

from support_portal.payloads import ApiError, Ignored, Receipt, Unrecognised, parse, split
from tests.payloads.samples import FOLDER, manifest, one, read

RECEIPTS = [
    entry
    for entry in manifest("webhook")
    if "_dlr_" in entry["file"]
    and entry["file"].endswith(".json")
    and "legacy" not in entry["file"]
]
FILES = sorted(path.name for path in FOLDER.iterdir() if path.name != "manifest.json")


@pytest.mark.parametrize("entry", RECEIPTS, ids=lambda entry: entry["file"])
def test_a_sample_receipt_is_read_as_its_manifest_says(entry):
    expected = entry["expect"]

    receipt = one(read(entry["file"]))

    assert isinstance(receipt, Receipt)
    assert (str(receipt.umid), receipt.state, receipt.detail, receipt.error_code) == (
        expected["umid"],
        expected["state"],
        expected["detail"] or "",
        expected["error_code"],
    )
    assert receipt.occurred_at == datetime.fromisoformat(expected["occurred_at"])
    assert receipt.channel == expected.get("channel", "sms")


@pytest.mark.parametrize("entry", manifest("api_error"), ids=lambda entry: entry["file"])
def test_a_sample_error_is_read_as_its_manifest_says(entry):
    expected = entry.get("expect", {})

    error = one(read(entry["file"]))

    assert isinstance(error, ApiError)
    assert error.code == expected.get("error_code", error.code)
    if "occurred_at" in expected:
        assert error.occurred_at == datetime.fromisoformat(expected["occurred_at"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sms_dlr_undelivered.xml", "xml"),
        ("sms_inbound.json", "inbound_message"),
        ("chatapps_inbound_v1_line_text.json", "inbound_message"),
        ("chatapps_inbound_v2.json", "inbound_message"),
        ("chatapps_inbound_v3_whatsapp_text.json", "inbound_message"),
        ("chatapps_external_app_message_v9.json", "external_app_message"),
        ("chatapps_dlr_legacy_v4_delivered.json", "legacy_receipt"),
        ("chatapps_dlr_legacy_v4_trashed.json", "legacy_receipt"),
        ("cabm_template_status_rejected.json", "account_event"),
        ("cabm_user_id_update_raw.json", "account_event"),
        ("voice_call_status.json", "voice_event"),
        ("sms_engage_response.json", "survey_answer"),
        ("chatapps_batch_mixed.json", "batch_response"),
        ("sms_batch_without_messages.json", "batch_response"),
        ("sms_details_undelivered.json", "api_response"),
        ("chatapps_details_fallback.json", "api_response"),
        ("sms_send_rejected.json", "api_response"),
        ("doubtful_fallback_event.json", "unhandled_shape"),
        ("scenario_out_of_order.json", "unhandled_shape"),
        ("smpp_receipt.txt", "not_json"),
        ("log_export_sms.csv", "not_json"),
    ],
)
def test_a_sample_of_another_shape_is_refused_by_its_name(name, reason):
    with pytest.raises(Unrecognised) as refusal:
        one(read(name))

    assert refusal.value.reason == reason
    assert refusal.value.detail.endswith(".")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("cancel_result.json", "cancel_result"),
        ("log_export_started.json", "export_job"),
        ("log_export_running.json", "export_job"),
        ("log_export_succeeded.json", "export_job"),
    ],
)
def test_a_sample_of_no_use_to_an_agent_is_dropped_by_its_rule(name, rule):
    assert parse(read(name)) == (Ignored(rule),)


@pytest.mark.parametrize("name", FILES)
def test_every_sample_file_is_one_payload(name):
    body = read(name)

    items = split(body)

    assert [(item.position, item.raw) for item in items] == [(0, body.strip())]


def test_a_whatsapp_failure_keeps_both_numbers():
    receipt = one(read("chatapps_dlr_v8_undelivered.json"))

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


def test_a_line_user_id_is_never_a_phone_number():
    receipt = one(read("chatapps_dlr_v9_line_sent.json"))

    assert (receipt.channel, receipt.destination) == ("line", "")
