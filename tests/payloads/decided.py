"""What we decided about the samples for which the manifest names nothing, and about those of ours.

A line a record: its kind and what is left of the payload in it.
"""

from support_portal.payloads import (
    AccountEvent,
    ApiError,
    BadPart,
    Happening,
    Ignored,
    Receipt,
    Record,
    SendAnswer,
)

DECIDED = {
    "sms_engage_response.json": ["survey_answer np-delivery-nps of efaef970 sms 07:04:02"],
    "chatapps_inbound_v3_whatsapp_text.json": ["inbound text whatsapp 10:13:20 +12025550147"],
    "chatapps_inbound_v3_viber.json": ["inbound text viber 10:14:03 +447700900461"],
    "chatapps_inbound_v3_button_reply.json": [
        "inbound button_reply of 4590a87d whatsapp 10:15:50 +12025550147"
    ],
    "chatapps_inbound_v3_flow_reply.json": ["inbound nfmReply whatsapp 10:16:55 +12025550147"],
    "chatapps_inbound_v3_call_permission.json": [
        "inbound callPermissionReply whatsapp 10:17:00 +12025550147"
    ],
    "chatapps_inbound_v2.json": ["inbound text of 101a2ab3 whatsapp 14:34:56 +12025550147"],
    "chatapps_inbound_v1_line_text.json": ["inbound text line 05:15:30"],
    "chatapps_inbound_v1_line_location.json": ["inbound location line 05:17:55"],
    "cabm_template_status_rejected.json": [
        "template_status_update np_summer_rates REJECTED INCORRECT_CATEGORY"
    ],
    "cabm_template_correct_category_detection.json": [
        "template_correct_category_detection np_summer_rates UTILITY>MARKETING"
    ],
    "cabm_phone_number_quality_old_fields.json": [
        "phone_number_quality_update +12025550110 UPGRADE TIER_1K>TIER_10K"
    ],
    "cabm_account_update_restriction.json": [
        "account_update +12025550110 ACCOUNT_RESTRICTION RESTRICTED_BUSINESS_INITIATED_CALLING"
        " until 2026-07-26"
    ],
    "cabm_user_id_update_raw.json": ["dropped user_id_update"],
    "doubtful_fallback_event.json": ["refused unhandled_shape"],
    "sms_send_rejected.json": ["answer rejected sms +120255501"],
    "sms_batch_without_messages.json": ["dropped batch_counts"],
    "sms_batch_duplicate_umid.json": ["answer queued sms +12025550147", "answer rejected sms"],
    "chatapps_send_queued.json": ["receipt queued 03:20:11 +12025550147"],
    "chatapps_send_legacy_ipm.json": ["answer queued"],
    "cancel_result.json": ["dropped cancel_result"],
    "chatapps_details_fallback.json": [
        "receipt undelivered rejected_by_operator 1022 step 1 whatsapp 06:00:03",
        "receipt delivered delivered_to_recipient step 2 sms 06:01:15",
    ],
    **{
        f"log_export_{state}.json": ["dropped export_job"]
        for state in (
            *("started", "queued", "running", "succeeded"),
            *("failed", "cancelled", "empty", "error"),
        )
    },
    "log_export_sms.csv": [
        "receipt delivered delivered_to_recipient sms 08:14:09",
        "receipt undelivered undelivered_to_recipient 46 sms 08:16:52",
        "inbound text sms 11:42:08",
    ],
    "log_export_chatapps.csv": [
        "receipt undelivered rejected_by_operator 61 step 1 whatsapp 06:10:00 +12025550147",
        "receipt read step 1 whatsapp 05:41:00 +12025550147",
        "receipt read step 1 whatsapp 05:41:00 +12025550147",
    ],
    # API errors without a word in the manifest: their own code and moment.
    "api_error_401.json": ["error 1200"],
    "api_error_403.json": ["error 1201"],
    "api_error_409_template.json": ["error 3060"],
    "api_error_413_file.json": ["error 7001"],
    "api_error_426_tls.json": ["error 1014"],
    "api_error_429_rate.json": ["error 429"],
    "api_error_without_message.json": ["error 1010"],
}

OURS = {
    "sms_short_url_clicked.json": ["click of 9f4b5bb0 sms 08:15:44 +12025550147"],
    "sms_engage_not_submitted.json": ["refused bad_time"],
    "sms_batch_one_bad_umid.json": ["answer queued sms +12025550147", "bad bad_umid"],
    "smpp_receipt_foreign_id.txt": ["refused smpp_id"],
    "number_lookup_found.json": ["dropped number_lookup"],
    "voice_session_summary_completed.json": [
        "voice_session hangup completed voice 12:10:35 +12025550147"
    ],
    "voice_call_connected.json": ["dropped voice_progress"],
    "voice_virtual_numbers.json": ["dropped voice_numbers"],
    "cabm_template_category_update.json": [
        "template_category_update np_summer_rates UTILITY>MARKETING"
    ],
    "cabm_template_quality_update.json": ["template_quality_update np_summer_rates GREEN>RED"],
    "cabm_template_status_paused.json": [
        "template_status_update np_summer_rates PAUSED FIRST_PAUSE"
    ],
    "cabm_template_status_flagged.json": [
        "template_status_update np_summer_rates FLAGGED until 2026-08-01"
    ],
    "cabm_phone_number_quality_new_field.json": [
        "phone_number_quality_update +12025550110 DOWNGRADE >TIER_1K"
    ],
    "cabm_account_update_direct_send_strike.json": [
        "account_update ACCOUNT_RESTRICTION DIRECT_SEND_UTILITY_CATEGORY_ABUSE_STRIKE_1,"
        " RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES until 2026-07-26"
    ],
    "cabm_account_update_verification.json": [
        "account_update BUSINESS_VERIFICATION_STATUS_UPDATE FAILED"
    ],
    "cabm_of_a_kind_not_known.json": ["refused unknown_account_event"],
}


def line(record: Record) -> str:
    """Return one record in a line."""
    return " ".join(str(word) for word in _words(record) if word not in ("", None, 0))


def _words(record: Record) -> list[object]:
    if isinstance(record, Ignored):
        return ["dropped", record.rule]
    if isinstance(record, BadPart):
        return ["bad", record.reason]
    if isinstance(record, ApiError):
        return ["error", record.code]
    if isinstance(record, AccountEvent):
        change = f"{record.before}>{record.after}" if record.before or record.after else ""
        until = f"until {record.until:%Y-%m-%d}" if record.until else ""
        what = record.template or record.number
        return [record.kind, what, record.status, change, record.reason, until]
    return _around(record) if isinstance(record, Happening) else _status(record)


def _around(record: Happening) -> list[object]:
    about = f"of {str(record.about)[:8]}" if record.about else ""
    moment = f"{record.occurred_at:%H:%M:%S}"
    told = [record.kind, record.content, record.state, record.code, about, record.channel]
    return [*told, moment, record.person]


def _status(record: Receipt | SendAnswer) -> list[object]:
    if isinstance(record, SendAnswer):
        return ["answer", record.state, record.channel, record.destination]
    step = f"step {record.step}" if record.step else ""
    moment = f"{record.occurred_at:%H:%M:%S}"
    told = ["receipt", record.state, record.detail, record.error_code, step, record.channel]
    return [*told, moment, record.destination]
