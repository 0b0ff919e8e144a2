"""The tables are complete, and their texts can be shown to a customer."""

import re
from collections import Counter
from datetime import date

import pytest

from support_portal.reason_codes import Reason, Retry, Whose, preload, registries, registry
from support_portal.reason_codes.customer_words import internal_word

COUNTS = {
    "api_error": 77,
    "api_error_undocumented": 6,
    "http_status": 13,
    "http_status_oas_only": 3,
    "sms_dlr": 61,
    "chatapps_dlr_general": 18,
    "chatapps_dlr_whatsapp": 55,
    "chatapps_dlr_viber": 25,
    "whatsapp_provider": 55,
    "chatapps_dlr_wavecell_legacy": 11,
    "number_lookup": 11,
    "voice_status": 22,
    "voice_error": 11,
    "number_masking_error": 11,
    "sip": 51,
}

CLIENT_DOCUMENT = {
    200: "OK, The request has succeeded.",
    201: "Created, The request has succeeded and a new resource has been created as a result.",
    202: "Accepted, The request has been received but not yet acted upon.",
    204: "No Content, The request has succeeded, but there is no content to send as a response.",
    400: "Bad Request, Request has invalid syntax.",
    401: "Unauthorized, The client must provide the correct API key in the Authorization header.",
    403: "Forbidden, The client is authenticated but does not have permissions to the content",
    404: "Not Found, The server can not find the requested resource.",
    410: (
        "Gone, The requested content has been permanently deleted from the server, with no "
        "forwarding address. This usually applied to the API version that's not supported anymore."
    ),
    422: (
        "422 Unprocessable Entity, The request was well-formed but was unable to be followed "
        "due to semantic errors."
    ),
    429: (
        "Too Many Requests, The user has sent too many requests in a given amount of time "
        '("rate limiting").'
    ),
    500: (
        "Internal Server Error, The server has encountered a situation it doesn't know how to "
        "handle."
    ),
}

SUCCESS = [
    *[("http_status", code) for code in (200, 201, 202, 204)],
    *[("sip", code) for code in (100, 180, 181, 182, 183, 200, 202)],
    ("voice_status", 1),
]


def every_reason() -> list[Reason]:
    """Return all codes of all tables."""
    return [reason for table in registries().values() for reason in table.codes.values()]


def test_every_table_is_complete():
    counts = {key: len(table.codes) for key, table in registries().items()}

    assert counts == COUNTS
    assert sum(counts.values()) == 430


def test_preload_reads_every_file_once():
    preload()

    assert list(registries()) == list(COUNTS)
    assert registries() is registries()


def test_an_unknown_table_is_a_key_error():
    with pytest.raises(KeyError):
        registry("fax_status")


def test_the_rows_of_the_client_document_are_word_for_word():
    rows = registry("http_status").codes

    told = {code: rows[code].text for code in CLIENT_DOCUMENT}
    assert told == CLIENT_DOCUMENT
    assert {code for code, row in rows.items() if row.source == "client document"} == set(told)


def test_only_the_rows_of_the_client_document_carry_a_detail():
    detailed = {(reason.registry, reason.code) for reason in every_reason() if reason.detail}

    assert detailed == {("http_status", code) for code in CLIENT_DOCUMENT}


def test_every_source_has_its_date():
    assert {reason.source_date for reason in every_reason()} == {date(2026, 7, 23)}


def test_every_headline_is_one_sentence():
    bad = [
        (reason.registry, reason.code)
        for reason in every_reason()
        if not re.fullmatch(r"[A-Z0-9].{9,109}\.", reason.verdict.headline)
        or re.search(r"[a-z][.?!] [A-Z]", reason.verdict.headline)
    ]

    assert bad == []


def test_no_two_codes_of_a_table_share_a_headline():
    shared = []
    for key, table in registries().items():
        counts = Counter(
            reason.verdict.headline
            for reason in table.codes.values()
            if reason.maps_to is None  # several provider codes may lead to one code of ours
        )
        shared += [(key, headline) for headline, count in counts.items() if count > 1]

    assert shared == []


def test_no_two_codes_of_a_table_share_their_steps():
    shared = []
    for key, table in registries().items():
        counts = Counter(
            reason.verdict.next_step for reason in table.codes.values() if reason.maps_to is None
        )
        shared += [(key, steps) for steps, count in counts.items() if count > 1]

    assert shared == []


def test_customer_texts_hold_nothing_internal():
    found = [
        (reason.registry, reason.code, word)
        for reason in every_reason()
        if (word := internal_word(reason.verdict.customer_text))
    ]

    assert found == []


def test_texts_do_not_shout():
    texts = [
        (reason.registry, reason.code)
        for reason in every_reason()
        for text in (
            reason.verdict.headline,
            reason.verdict.customer_text,
            *reason.verdict.next_step,
        )
        if "!" in text or "sorry" in text.casefold() or "apolog" in text.casefold()
    ]

    assert texts == []


def test_every_verdict_has_steps_and_a_time_only_for_later():
    verdicts = [reason.verdict for reason in every_reason()]

    assert {len(verdict.next_step) for verdict in verdicts} <= {1, 2, 3}
    assert all(bool(verdict.retry_after) is (verdict.retry is Retry.LATER) for verdict in verdicts)
    assert Retry.UNKNOWN not in {verdict.retry for verdict in verdicts}


@pytest.mark.parametrize(("key", "code"), SUCCESS)
def test_success_codes_say_that_nothing_failed(key: str, code: int):
    verdict = registry(key).codes[code].verdict

    assert (verdict.whose, verdict.retry) == (Whose.NOBODY, Retry.NEVER)
    assert verdict.headline.startswith("No failure")
    assert (verdict.whose_label, verdict.retry_label) == ("Nobody", "No, nothing failed")


def test_number_masking_takes_every_verdict_from_voice():
    voice, masking = registry("voice_error").codes, registry("number_masking_error").codes

    assert {code: reason.verdict for code, reason in masking.items()} == {
        code: reason.verdict for code, reason in voice.items()
    }


def test_provider_codes_take_their_verdict_from_the_code_they_map_to():
    for reason in registry("whatsapp_provider").codes.values():
        assert reason.maps_to is not None
        key, code = reason.maps_to
        assert reason.verdict == registry(key).codes[code].verdict
