"""Codes are found by number and by words."""

import pytest

from support_portal.reason_codes import registry, search


def found(text: str, key: str = "") -> list[tuple[str, int]]:
    """Return table and number of what a search finds."""
    return [(reason.registry, reason.code) for reason in search(text, key)]


def test_a_number_finds_its_readings_first():
    assert found("1002")[:2] == [("api_error", 1002), ("chatapps_dlr_whatsapp", 1002)]


def test_the_start_of_a_number_finds_the_codes_that_begin_with_it():
    assert found("140") == [("api_error", 1400), ("api_error_undocumented", 1404)]


def test_words_find_names_before_explanations():
    assert found("template not found", "api_error")[0] == ("api_error", 3038)


def test_every_word_counts_in_any_case():
    assert found("SPAM filter", "sms_dlr")[0] == ("sms_dlr", 43)
    assert found("spam zebra") == []


def test_a_search_stays_within_the_table_asked_for():
    assert {key for key, _ in found("invalid", "api_error")} == {"api_error"}


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_search_lists_the_whole_table(text: str):
    assert search(text, "http_status") == list(registry("http_status").codes.values())


def test_an_empty_search_of_all_tables_lists_every_code():
    assert len(search("")) == 430


@pytest.mark.parametrize("text", ["", "1300"])
def test_an_unknown_table_holds_nothing(text: str):
    assert search(text, "fax_status") == []


@pytest.mark.parametrize("text", ["\x00", "((", "%_", "\ud800", "🧾", "9" * 5000])
def test_odd_text_finds_nothing_and_breaks_nothing(text: str):
    assert search(text) == []
