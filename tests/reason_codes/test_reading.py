"""A number is decoded by the place where it was read."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.reason_codes import (
    Context,
    Reading,
    Retry,
    Verdict,
    Whose,
    decode,
    reasons_for,
    registry,
)

CHOICES = [
    (Context.HTTP_STATUS, "", 404, "http_status", "Not Found"),
    (Context.HTTP_STATUS, "", 409, "http_status_oas_only", "Conflict"),
    (Context.HTTP_STATUS, "", 302, "http_status_oas_only", "Found"),
    (Context.HTTP_STATUS, "", 413, "http_status_oas_only", "Content Too Large"),
    (Context.API_ERROR, "", 1300, "api_error", "Not found"),
    (Context.API_ERROR, "", 1005, "api_error", "Invalid Source"),
    (Context.API_ERROR, "whatsapp", 1000, "api_error", "Invalid parameter"),
    (Context.API_ERROR, "", 4018, "api_error_undocumented", "Invalid jobId"),
    (Context.BATCH_ITEM, "whatsapp", 3038, "api_error", "Template not found"),
    (Context.SMS_RECEIPT, "sms", 42, "sms_dlr", "Source credit insufficiency"),
    (Context.CHATAPPS_RECEIPT, "whatsapp", 61, "chatapps_dlr_general", "SessionExpired"),
    (Context.CHATAPPS_RECEIPT, "viber", 1, "chatapps_dlr_general", "AbsentSubscriber"),
    (Context.CHATAPPS_RECEIPT, "line", 15, "chatapps_dlr_general", "InvalidDestination"),
    (Context.CHATAPPS_RECEIPT, "WhatsApp", 1002, "chatapps_dlr_whatsapp", "Rate limit exceeded"),
    (Context.CHATAPPS_RECEIPT, "VIBER", 2007, "chatapps_dlr_viber", "User blocked"),
    (Context.CHATAPPS_RECEIPT, "sms", 42, "chatapps_dlr_general", "NoCredit"),
    (Context.CHATAPPS_RECEIPT, "sms", 33, "sms_dlr", "Route error"),
    (Context.LEGACY_RECEIPT, "whatsapp", 61, "chatapps_dlr_wavecell_legacy", "SessionExpired"),
    (Context.WHATSAPP_PROVIDER, "whatsapp", 0, "whatsapp_provider", "Authentication failed"),
    (Context.NUMBER_LOOKUP, "", 2000, "number_lookup", "Internal error / Unknown provider error"),
    (Context.VOICE_STATUS, "", -1004, "voice_status", "DTMF callback url not provided"),
    (Context.VOICE_STATUS, "", 1, "voice_status", "Created"),
    (Context.VOICE_ERROR, "", -9999, "voice_error", "An unknown error has occurred"),
    (Context.SIP, "", 404, "sip", "Not Found"),
]


@pytest.mark.parametrize(("context", "channel", "number", "key", "name"), CHOICES)
def test_the_place_chooses_the_table(
    context: Context, channel: str, number: int, key: str, name: str
):
    reading = decode(context, channel, number)

    assert (reading.registry, reading.name) == (key, name)
    assert (reading.known, reading.ambiguous) == (True, False)
    assert reading.label == registry(key).label
    assert reading.reason == registry(key).codes[number]
    assert reading.verdict == registry(key).codes[number].verdict


UNLISTED = [
    (Context.API_ERROR, "", 404),
    (Context.BATCH_ITEM, "", 4018),
    (Context.HTTP_STATUS, "", 418),
    (Context.SMS_RECEIPT, "sms", 1000),
    (Context.CHATAPPS_RECEIPT, "whatsapp", 4),
    (Context.CHATAPPS_RECEIPT, "whatsapp", 2007),
    (Context.CHATAPPS_RECEIPT, "viber", 1002),
    (Context.CHATAPPS_RECEIPT, "viber", 2011),
    (Context.CHATAPPS_RECEIPT, "line", 1002),
    (Context.CHATAPPS_RECEIPT, "RCS", 2007),
    (Context.CHATAPPS_RECEIPT, "ZaloNotification", 1000),
    (Context.CHATAPPS_RECEIPT, "sms", 1000),
    (Context.LEGACY_RECEIPT, "whatsapp", 25),
    (Context.WHATSAPP_PROVIDER, "whatsapp", 1004),
    (Context.NUMBER_LOOKUP, "", 2001),
    (Context.VOICE_ERROR, "", -1004),
    (Context.VOICE_STATUS, "", -2001),
    (Context.SIP, "", 422),
    (Context.BARE, "", 777777),
]


@pytest.mark.parametrize(("context", "channel", "number"), UNLISTED)
def test_a_number_that_its_table_lacks_is_said_to_be_unlisted(
    context: Context, channel: str, number: int
):
    reading = decode(context, channel, number)

    assert (reading.registry, reading.name) == ("", f"Unlisted code {number}")
    assert (reading.known, reading.ambiguous, reading.reason) == (False, False, None)
    assert reading.verdict.whose is Whose.UNKNOWN
    assert reading.verdict.retry is Retry.UNKNOWN
    assert reading.other_readings == reasons_for(number)


@pytest.mark.parametrize(
    ("context", "channel", "number", "label"),
    [
        (Context.API_ERROR, "", 9, "API"),
        (Context.CHATAPPS_RECEIPT, "whatsapp", 1999, "WhatsApp"),
        (Context.CHATAPPS_RECEIPT, "line", 1999, "Chat"),
        (Context.SMS_RECEIPT, "sms", 99, "SMS"),
        (Context.BARE, "", 777777, "Code"),
    ],
)
def test_an_unlisted_number_keeps_the_plate_of_its_place(
    context: Context, channel: str, number: int, label: str
):
    assert decode(context, channel, number).label == label


def test_the_api_error_of_the_client_document():
    reading = decode(Context.API_ERROR, "", 1300)

    assert reading == Reading(
        registry="api_error",
        label="API",
        code=1300,
        name="Not found",
        known=True,
        ambiguous=False,
        why="Read from the code of an API answer, so the table is API errors.",
        reason=registry("api_error").codes[1300],
        verdict=Verdict(
            whose=Whose.OUR_REQUEST,
            retry=Retry.NEVER,
            retry_after="",
            headline="It asks for a message 8x8 does not have.",
            next_step=(
                "Check that the umid belongs to the sub-account in the path; "
                "another one's messages are not found.",
                "Check its age: the Messaging logs reach back 6 months.",
                "Ask the customer for the date and the last four digits of the number, "
                "and search with these.",
            ),
            customer_text=(
                "We checked the reference and it does not match a message in our records. "
                "Could you send us the date and the last four digits of the number, "
                "so that we can find the right one?"
            ),
        ),
        other_readings=(),
        contradictions=(),
        home="api_error",
    )
    assert (reading.verdict.whose_label, reading.verdict.retry_label) == (
        "Our request",
        "No, it will fail again",
    )


def test_an_sms_leg_of_messaging_says_which_table_was_tried_first():
    general = decode(Context.CHATAPPS_RECEIPT, "SMS", 42)
    sms = decode(Context.CHATAPPS_RECEIPT, "SMS", 33)

    place = (
        "Read from a Messaging receipt on the SMS channel, for which the documents name no table"
    )
    first, second = registry("chatapps_dlr_general").title, registry("sms_dlr").title
    assert general.why == f"{place}, so the table is {first}."
    assert sms.why == f"{place}; {first} does not list it, {second} does."


@pytest.mark.parametrize(
    ("number", "keys"),
    [
        (1000, ["api_error", "chatapps_dlr_whatsapp"]),
        (1002, ["api_error", "chatapps_dlr_whatsapp"]),
        (2007, ["chatapps_dlr_viber", "number_lookup"]),
        (429, ["api_error_undocumented", "http_status"]),
    ],
)
def test_a_bare_number_of_several_tables_is_never_decided(number: int, keys: list[str]):
    reading = decode(Context.BARE, "", number)

    assert (reading.registry, reading.label, reading.reason) == ("", "Code", None)
    assert (reading.known, reading.ambiguous) == (False, True)
    assert reading.name == f"Code {number}, 2 meanings"
    assert [other.registry for other in reading.other_readings] == keys
    assert reading.verdict.whose is Whose.UNKNOWN


def test_a_bare_number_of_one_table_is_decoded_and_says_why():
    reading = decode(Context.BARE, "", 1300)

    assert (reading.registry, reading.name, reading.known) == ("api_error", "Not found", True)
    assert reading.why == "A bare number, but only one table lists it: API errors."
    assert reading.other_readings == ()


def test_a_bare_number_with_one_name_everywhere_shows_it_and_stays_ambiguous():
    reading = decode(Context.BARE, "", 404)

    assert (reading.name, reading.ambiguous) == ("Not Found", True)
    assert [other.registry for other in reading.other_readings] == ["http_status", "sip"]
    assert reading.why == "A bare number that several tables list: HTTP status, SIP responses."


def test_a_bare_number_that_no_table_lists_says_so():
    reading = decode(Context.BARE, "", 777777)

    assert reading.why == "Read from no known place; none of the tables lists this number."


def test_a_bare_number_whose_tables_agree_keeps_their_verdict():
    reading = decode(Context.BARE, "", -2010)

    assert (reading.name, reading.ambiguous) == ("The trunk capacity has been exceeded", True)
    assert reading.verdict == registry("voice_error").codes[-2010].verdict


def test_the_other_readings_of_a_known_number_leave_out_the_chosen_one():
    reading = decode(Context.API_ERROR, "", 1002)

    assert reading.other_readings == (registry("chatapps_dlr_whatsapp").codes[1002],)


@pytest.mark.parametrize(
    ("context", "number", "entries"),
    [
        (Context.API_ERROR, 1005, 1),
        (Context.API_ERROR, 3041, 1),
        (Context.VOICE_STATUS, -1007, 1),
        (Context.VOICE_STATUS, -1004, 1),
        (Context.VOICE_ERROR, -1004, 1),
        (Context.NUMBER_LOOKUP, 6002, 1),
        (Context.HTTP_STATUS, 404, 1),
        (Context.HTTP_STATUS, 426, 0),
        (Context.SIP, 404, 0),
    ],
)
def test_contradictions_of_the_documents_are_told(context: Context, number: int, entries: int):
    assert len(decode(context, "", number).contradictions) == entries


def test_a_number_too_long_to_print_is_still_answered():
    reading = decode(Context.API_ERROR, "", 10**5000)

    assert reading.name == "Unlisted code of more than 18 digits"
    assert reading == replace(decode(Context.API_ERROR, "", -(10**5000)), code=10**5000)


@given(context=st.sampled_from(Context), channel=st.text(), number=st.integers())
def test_decode_answers_any_number_on_any_channel(context: Context, channel: str, number: int):
    reading = decode(context, channel, number)

    assert reading.code == number
    assert reading.name
    assert reading.why.endswith(".")
    assert reading.known is (reading.reason is not None)
    assert not (reading.known and reading.ambiguous)


@given(
    context=st.sampled_from(Context),
    channel=st.sampled_from(["", "sms", "SMS", "whatsapp", "viber", "line", "RCS", "\ufffd"]),
    number=st.integers(-10_000, 10_000) | st.sampled_from([0, 131026, 2593107]),
)
def test_known_readings_agree_with_their_table(context: Context, channel: str, number: int):
    reading = decode(context, channel, number)

    if reading.known:
        assert reading.reason == registry(reading.registry).codes[number]
    else:
        assert reading.other_readings == reasons_for(number)


@pytest.mark.parametrize("channel", ["whatsapp", "WhatsApp", "WHATSAPP", " whatsapp "])
def test_case_and_padding_of_the_channel_do_not_matter(channel: str):
    reading = decode(Context.CHATAPPS_RECEIPT, channel, 1002)

    assert reading == decode(Context.CHATAPPS_RECEIPT, "whatsapp", 1002)
    assert reading.registry == "chatapps_dlr_whatsapp"
