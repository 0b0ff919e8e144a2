"""Nothing leaks whatever the dress: whole numbers, keys, one-time codes, texts of messages."""

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.inquiries.leaks import BODY, KEY, NUMBER, ONE_TIME, REMOVED, cleaned, leaks
from support_portal.reason_codes import registries

SURROUNDINGS = st.text(max_size=30) | st.sampled_from(
    ["to ", "Sample 1:\n", "umid 46d27247-ecda-4bdd-8b17-b50b0013cb0c ", "at 2026-11-20 12:00:00 ", "x", "+", "é"]
)  # fmt: skip


def kinds(text: str) -> set[str]:
    return {each.kind for each in leaks([("here", text)])}


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Return a phone number with its country code, in any dress."""
    digits = draw(st.sampled_from(["63", "65", "1", "44", "66", "62"])) + draw(
        st.text("0123456789", min_size=8, max_size=10)
    )
    gaps = draw(
        st.lists(
            st.sampled_from(
                [
                    "",
                    " ",
                    "-",
                    ".",
                    "_",
                    "__",
                    "*",
                    "~",
                    " _ ",
                    "+",
                    "%20",
                    "%2D",
                    "&nbsp;",
                    "\\u0020",
                    "\u200b",
                    "\u2011",
                ]
            ),
            min_size=20,
            max_size=20,
        )
    )
    base = ord(draw(st.sampled_from("0٠०０")))
    spelled = [chr(base + int(digit)) + gap for digit, gap in zip(digits, gaps, strict=False)]
    plain = "".join(spelled[: len(digits) - 1]) + chr(base + int(digits[-1]))
    return draw(st.sampled_from(["", "+", "00", "%2B", "&#43;", "&plus;", "\\u002b"])) + plain


KEYS = st.one_of(
    st.text("0123456789abcdef", min_size=32, max_size=64),
    st.text(string.ascii_letters + string.digits + "-_", min_size=8, max_size=60).map("Bearer {}".format),
    st.text(string.ascii_letters, min_size=4, max_size=12).map("password: {}".format),
    st.text(string.ascii_letters + string.digits, min_size=16, max_size=40).map(lambda key: f"apiKey={key}7"),
)  # fmt: skip
CODES = st.text("0123456789", min_size=4, max_size=8).flatmap(
    lambda code: st.sampled_from([f"OTP {code}", f"verification code is {code}", f"PIN: {code}", f"{code} is your code"])
)  # fmt: skip
BODIES = st.text(string.ascii_letters + " ", min_size=3, max_size=60).flatmap(
    lambda text: st.sampled_from([f'"text":"{text}"', f'body: "{text}"', f"'content' = '{text}'"])
)


@given(SURROUNDINGS, numbers(), SURROUNDINGS)
def test_a_number_is_found_and_masked_in_any_dress(before: str, number: str, after: str) -> None:
    text = before + " " + number + " " + after

    assert NUMBER in kinds(text)
    assert kinds(cleaned(text)) == set()


@given(SURROUNDINGS, KEYS, SURROUNDINGS)
def test_a_key_is_found_and_taken_out(before: str, key: str, after: str) -> None:
    text = f"{before} {key} {after}"

    assert kinds(text) & {KEY, NUMBER}
    assert kinds(cleaned(text)) == set()


@given(SURROUNDINGS, CODES, SURROUNDINGS)
def test_a_one_time_code_is_found_and_taken_out(before: str, code: str, after: str) -> None:
    text = f"{before}\n{code}\n{after}"

    assert kinds(text) & {ONE_TIME, NUMBER}
    assert kinds(cleaned(text)) == set()


@given(SURROUNDINGS, BODIES, SURROUNDINGS)
def test_the_text_of_a_message_is_found_and_taken_out(before: str, body: str, after: str) -> None:
    text = f"{before}\n{body}\n{after}"

    assert BODY in kinds(text)
    assert kinds(cleaned(text)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Time: 2026-11-27 16:52:56.640000 UTC",
        "errorId: 5bc4879d-bed0-4636-875c-b50f0116369e",
        "Endpoint: GET /api/v1/subaccounts/northwind_ph_hq/messages/40a244f7-ea88-4164-8d8e-b50d01152260",
        "Recipient: +66•••••5146 (TH)",
        "Sender: +1••••••0100",
        "Code: 36 (SMS delivery receipts: SMS expired) (1), 131026 (…)",
        "Sub-accounts: northwind_us_otp (3), northwind_ph_hq (1)",
        "Text: Object wasn't found or is already expired",
        "Our reference is INQ-1234. Affected: 1,000 requests quoted here",
        "1    2026-11-27 19:52:02.360000 UTC  963e4a18-dc59-4e76-9c0f-b50f01476743  404",
        "The API key was rejected; the token is valid and the password was changed.",
        "The code is 1300, and 404 of 1,204 requests had it: 33 % & more.",
        "GET /api/v1/subaccounts/northwind%5Fph/messages?from=2026-11-20%2012%3A00",
    ],
)
def test_what_letters_are_made_of_is_no_leak(text: str) -> None:
    assert kinds(text) == set()
    assert cleaned(text) == text


def test_no_meaning_of_any_table_is_a_leak() -> None:
    texts = [f"{each.code} {each.name} {each.text}" for table in registries().values() for each in table.codes.values()]  # fmt: skip

    assert [(each.kind, each.found) for each in leaks((text, text) for text in texts)] == []


def test_a_leak_names_its_place_and_is_not_shown_whole() -> None:
    found = leaks([("the subject", "fine"), ("your words", "call +63 917 123 4567"), ("more", "x")])

    assert [(each.place, each.hint) for each in found] == [("your words", "+63…67")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("+63  917  123  4567", NUMBER),
        ("+63 917 - 123 - 4567", NUMBER),
        ("0063\t917\t1234567", NUMBER),
        ("Bearer\tabcdef123456", KEY),
        ("+63_917_123_4567", NUMBER),
        ("to=63917%20123%204567", NUMBER),
        ("to=%2B63%39171234567", NUMBER),
        ("to=%252B639171234567", NUMBER),
        ("\\u002b63917\\x31234567", NUMBER),
        ("&#43;63 917&#45;123&#x2d;4567", NUMBER),
        ("code is 123456", ONE_TIME),
        ("Your login. Code is: 123 456.", ONE_TIME),
        ("Kode adalah 48213", ONE_TIME),
        ("Use 4821 to sign in", ONE_TIME),
        ("AKIAIOSFODNN7EXAMPLE", KEY),
        ("id=ASIAIOSFODNN7EXAMPLE&x=1", KEY),
        ("sk_live_4eC39HqLyjWD", KEY),
        ("bearer: abcdef123456", KEY),
        ("BEARER=abcdef123456", KEY),
        ('"Bearer", "abcdef123456"', KEY),
        ("Bearer%20abcdef123456", KEY),
        ("Bearer\nabcdef123456", KEY),
        ("<Bearer><abcdef123456>", KEY),
        ("Bearer `abcdef123456`", KEY),
        ("Ｂｅａｒｅｒ abcdef123456", KEY),
        ("be\u200barer abcdef123456", KEY),
        ("API key is a1b2c3d4e5f6", KEY),
        ("access_token%3Dabcdef123456", KEY),
    ],
)
def test_no_odd_dress_hides_anything(text: str, kind: str) -> None:
    assert kinds(text) == {kind}
    assert kinds(cleaned(text)) == set()


def test_a_key_that_is_a_uuid_is_told_from_another_and_taken_out_alone() -> None:
    text = f"It said token: {UUID(int=5)} was refused"

    assert [each.found for each in leaks([("", text)])] == [f"token: {UUID(int=5)}"]
    assert cleaned(text) == f"It said {REMOVED} was refused"


def test_what_cannot_be_made_clean_is_removed_whole() -> None:
    assert cleaned("Bearer " + "Bearer " * 3 + "abcdefgh") != ""
    assert REMOVED in cleaned("Authorization: Bearer abcdefgh12345678")
    assert cleaned(str(UUID(int=5))) == str(UUID(int=5))


@given(st.text(max_size=40), st.text("0123456789abcdefABCDEF", min_size=4, max_size=4))
def test_whatever_is_encoded_can_be_stored_when_it_is_clean(text: str, digits: str) -> None:
    cleaned(f"+639171234567 \\u{digits} %{digits} &#x{digits}; \\x{digits}").encode()
    assert kinds(cleaned(f"{text} \\u{digits} +639171234567")) == set()
