"""Phone numbers are normalised, placed in a country, and masked."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads import Party
from support_portal.payloads.phones import country, leading_number, mask, normalise, party


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+12025550101", "+12025550101"),
        ("12025550101", "+12025550101"),
        ("0044 7700 900123", "+447700900123"),
        ("+1 (202) 555-0101", "+12025550101"),
        ("+44\u00a07700\u2011900\u2011123", "+447700900123"),
        ("", ""),
        ("07700900123", ""),
        ("+0123456789", ""),
        ("+1202555xxxx", ""),
        ("+1234567890123456", ""),
        ("US.40718826610593327845", ""),
        ("U3c9f10d2b7a64e55a1f08d92c6b4e713", ""),
    ],
)
def test_a_number_becomes_e164_or_nothing(text, number):
    assert normalise(text) == number


@pytest.mark.parametrize(
    ("number", "known"),
    [
        ("+12025550101", "US"),
        ("+14165550123", "CA"),
        ("+447700900123", "GB"),
        ("+639171234567", "PH"),
        ("+6581230182", "SG"),
        ("+999123456789", ""),
        ("+80012345678", ""),
        ("", ""),
    ],
)
def test_the_country_is_told_where_it_is_known(number, known):
    assert country(number) == known


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+12025550101", "+1••••••0101"),
        ("+6581230182", "+65••••0182"),
        ("+999123456789", "+••••••••6789"),
        ("+2901234", "+290••34"),
        ("", ""),
    ],
)
def test_the_mask_shows_the_calling_code_and_the_last_four(number, masked):
    assert mask(number) == masked


def test_a_party_is_a_number_in_three_forms():
    assert party("+447700900123") == Party("+44••••••0123", "GB", "+447700900123")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("+44 7700 900123 2026-07-20", ("+447700900123", 15)),
        ("+65 8123 0182 1300", ("+6581230182", 13)),
        ("+1-202-555-0101", ("+12025550101", 15)),
        ("+999 123", ("", 0)),
    ],
)
def test_a_number_ends_where_its_country_ends_it(written, found):
    assert leading_number(written) == found


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_mask_never_shows_more_than_calling_code_and_four_digits(number):
    masked = mask(number)

    assert "•" in masked
    assert len(masked.rpartition("•")[2]) <= 4
    assert normalise(number) == number


@given(st.text())
def test_any_text_can_be_normalised(text):
    assert normalise(normalise(text)) == normalise(text)


def test_the_country_of_a_block_is_that_of_the_numbers_in_it():
    numbers = [
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in range(11)
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    ]

    mistaken = [
        number
        for number in numbers
        if (told := phonenumbers.region_code_for_number(phonenumbers.parse(number)))
        and len(told) == 2
        and country(number) != told
    ]

    assert len(numbers) > 1000
    assert mistaken == []
