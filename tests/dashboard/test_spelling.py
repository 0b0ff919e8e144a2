"""What the characters of a message make of it, in a sentence."""

import json

import pytest
from django.test import Client

from support_portal.dashboard.spelling import of_sender, of_text, texts_in
from tests.dashboard.parts import said
from tests.dashboard.reading import page
from tests.dashboard.sending import ERROR_ID, an_error, sent

ADDRESS = f"/errors/{ERROR_ID}/"
PARCEL = "Your parcel \u200bis at the d\u0435pot. " + "Collect it soon. " * 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello", "1 segment in GSM-7 (5 of 160)."),
        ("x" * 161, "2 segments in GSM-7 (161 of 306)."),
        (" \u2003", "Empty: there is nothing to send."),
        ("x" * 39_016, "Longer than 255 segments, which is the most that one message can have."),
        (
            PARCEL,
            "2 segments in UCS-2 (98 of 134). Not in GSM-7: U+200B at 13, U+0435 at 25."
            " It would fit 1 segment in GSM-7 (96 of 160) without.",
        ),
        ("спасибо", "1 segment in UCS-2 (7 of 70). Not in GSM-7: U+0441 at 1, U+043F at 2, U+0430 at 3,"
                    " U+0438 at 5, U+0431 at 6 and 1 more."),
        ("\u200b\u200c", "1 segment in UCS-2 (2 of 70). Not in GSM-7: U+200B at 1, U+200C at 2."),
    ],
)  # fmt: skip
def test_a_text_says_how_many_segments_and_why(text: str, words: str) -> None:
    assert of_text(text) == words


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        ("NORTHWIND", ": this one has."),
        ("NORTHWIND parcels", "; it has 17 characters."),
        ("NORTHW\u0406ND", "; U+0406 at 7 may not be in it."),
        ("North-wind & Co", "; it has 15 characters and U+002D at 6, U+0026 at 12 may not be in it."),
    ],
)  # fmt: skip
def test_a_sender_name_says_what_it_may_not_be(sender: str, words: str) -> None:
    assert of_sender(sender) == "A sender name has at most 11 letters, digits and spaces" + words


def test_texts_and_senders_are_found_wherever_a_payload_has_them() -> None:
    body = {
        "source": "+12025550147",
        "payload": [{"content": {"text": "call +12025550147 \ud800"}, "sender": "Northwind"}],
        "Text": 7,
    }

    assert [(each.place, each.shown) for each in texts_in(json.dumps(body).encode())] == [
        ("payload.content.text", "call +1••••••0147 ?"),
        ("payload.sender", "Northwind"),
    ]


@pytest.mark.parametrize("body", [b"", b"text: hello", b"[" * 100_000, b'"text"', b"\xff"])
def test_what_is_no_json_has_no_texts(body: bytes) -> None:
    assert texts_in(body) == []


def test_the_page_explains_what_the_code_is_about(agent_client: Client) -> None:
    sent(an_error(code=1003, text=PARCEL, source="NORTHW\u0406ND"))

    shown = said(
        page(agent_client.get(ADDRESS + "?reveal=1")), r'aria-labelledby="characters".*?</ul>'
    )

    assert "context.text 2 segments in UCS-2 (98 of 134)." in shown
    assert "context.source A sender name has at most 11 letters" in shown


@pytest.mark.parametrize(
    ("code", "said_so"), [(1003, True), (1004, True), (1005, True), (1300, False)]
)
def test_a_payload_without_the_text_says_so_where_the_code_is_about_it(
    code: int, said_so: bool, agent_client: Client
) -> None:
    sent(an_error(code=code))

    html = page(agent_client.get(ADDRESS + "?reveal=1"))

    assert ("neither the text nor the sender" in html) == said_so
    assert "neither the text nor the sender" not in page(agent_client.get(ADDRESS))


def test_a_pasted_text_is_counted_also_when_it_was_posted(agent_client: Client) -> None:
    shown = page(agent_client.get("/lookup", {"q": PARCEL, "reveal": "1"}))
    posted = page(agent_client.post("/lookup?reveal=1", {"q": PARCEL}))
    hidden = page(agent_client.post("/lookup", {"q": PARCEL + "<b>"}))

    assert "As one SMS: 2 segments in UCS-2" in shown
    assert "As one SMS: 2 segments in UCS-2" in posted
    # once to reveal its characters, once to edit it
    assert ("As one SMS" in hidden, hidden.count("&lt;b&gt;</textarea>")) == (False, 2)
