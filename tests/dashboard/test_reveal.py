"""The switch that shows what cannot be seen in foreign text."""

import re
from html import unescape

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from support_portal.accounts.models import User
from support_portal.comments.services import add_comment
from support_portal.dashboard.reveal import MOST_MARKS, revealed
from support_portal.payloads.revealing import Kind
from tests.dashboard.parts import part, said
from tests.dashboard.reading import page
from tests.dashboard.sending import ERROR_ID, HOSTILE, SHOWN, an_error, sent

ADDRESS = f"/errors/{ERROR_ID}/"
MARK = re.compile(r'<span class="char" data-k="(\w+)" title="([^"]*)">(.*?)<span class="vh">')


def marks(html: str) -> list[tuple[str, str]]:
    """Return kind and name of the marks in the part of a page that is its own."""
    return [(kind, unescape(title)) for kind, title, _ in MARK.findall(html)]


def test_nothing_is_marked_without_the_switch(agent_client: Client) -> None:
    sent(an_error() | {"message": "Hel\u200blo"})

    html = page(agent_client.get(ADDRESS))

    assert ("Hel\u200blo" in html, marks(html)) == (True, [])
    assert f'href="{ADDRESS}?reveal=1"' in html


def test_a_text_is_shown_with_its_marks(agent_client: Client) -> None:
    sent(an_error() | {"message": "Hel\u200blo \u202eP\u0430yPal"})

    html = page(agent_client.get(ADDRESS + "?reveal=1"))

    quote = part(html, r"The text reads “(.*?)”")
    assert marks(quote) == [
        ("zero_width", "U+200B ZERO WIDTH SPACE"),
        ("bidi", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("look_alike", "U+0430 CYRILLIC SMALL LETTER A, looks like a"),
    ]
    assert ("\u200b" in quote, "\u202e" in quote) == (False, False)
    assert f'href="{ADDRESS}"' in html


@pytest.mark.parametrize("place", ["service", "subAccountId", "clientMessageId", "path", "channel"])
def test_every_foreign_text_of_an_error_has_marks(place: str, agent_client: Client) -> None:
    sent(an_error(method="GET", **{place: "a\u200bb"}))

    html = page(agent_client.get(ADDRESS + "?reveal=1"))

    assert ("zero_width", "U+200B ZERO WIDTH SPACE") in marks(
        part(html, r'<dl class="facts">.*?</dl>')
    )


def test_comments_pasted_text_and_lists_have_marks(agent: User, agent_client: Client) -> None:
    sent(an_error(subAccountId="north\u00adwind") | {"message": "so\u00a0so"})
    add_comment(kind="error", key=ERROR_ID, author=agent, body="see \u2066here")

    comments = part(page(agent_client.get(ADDRESS + "?reveal=1")), r'<ol class="talk">.*?</ol>')
    listed = part(page(agent_client.get("/errors/?reveal=1")), r"<tbody>.*?</tbody>")
    pasted = page(agent_client.get("/lookup", {"q": "good\x07 morning", "reveal": "1"}))

    assert marks(comments) == [("bidi", "U+2066 LEFT-TO-RIGHT ISOLATE")]
    assert {kind for kind, _ in marks(listed)} == {"invisible"}
    assert ("control", "U+0007 CONTROL CHARACTER") in marks(pasted)


def test_hostile_text_stays_text(agent_client: Client) -> None:
    sent(an_error(service=HOSTILE) | {"message": HOSTILE + "\u202e\"'>\u200b"})

    html = page(agent_client.get(ADDRESS + "?reveal=1"))

    assert (HOSTILE in html, SHOWN in html) == (False, True)


def test_a_number_stays_masked_and_its_bullets_are_no_marks(agent_client: Client) -> None:
    sent(an_error() | {"message": "call +12025550147"})

    quote = part(page(agent_client.get(ADDRESS + "?reveal=1")), r"The text reads “(.*?)”")

    assert quote == "<bdi>call +1••••••0147</bdi>"


def test_a_hundred_thousand_hidden_characters_are_bounded() -> None:
    run = revealed(f"<p><bdi>{'&#8203;' * 100_000}</bdi><!--marks--></p>")
    mixed = revealed(f"<!--marks--><bdi>{'&#8203;&#8204;' * 50_000}</bdi>")

    assert (len(run) < 400, "1 mark on this page." in run) == (True, True)
    assert mixed.count('class="char"') == MOST_MARKS
    assert mixed.startswith("Only the first 2,000 marks are drawn.")


def test_the_end_of_a_line_is_marked_only_where_it_does_not_show() -> None:
    html = '<bdi>a\nb</bdi><pre><bdi>a\nb</bdi></pre><div dir="auto">a\nb</div><bdi>a\nb</bdi>'

    assert [kind for kind, _ in marks(revealed(html))] == ["control", "control"]


def test_what_is_not_foreign_is_not_touched() -> None:
    html = '<p title="<bdi>\u200b">\u200b<bdi title="\u200b>">x</bdi>\u200b<i>é</i></p>'

    assert revealed(html) == html


def test_elements_within_foreign_text_stay() -> None:
    html = '<div dir="auto">a<div><mark>\u200b</mark></div>b\u200c</div>\u200d'

    assert [title for _, title in marks(revealed(html))] == [
        "U+200B ZERO WIDTH SPACE",
        "U+200C ZERO WIDTH NON-JOINER",
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_text_becomes_markup(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    drawn = revealed(f"<bdi>{escaped}</bdi>")

    tags = set(re.findall(r"</?(\w+)", drawn))
    assert tags <= {"bdi", "span", "b"}
    assert drawn.count("<span") == 2 * len(MARK.findall(drawn))
    assert {kind for kind, _ in marks(drawn)} <= {kind.value for kind in Kind}


def test_the_switch_keeps_the_rest_of_the_address(agent_client: Client) -> None:
    html = page(agent_client.get("/errors/?code=1001&cursor=x&reveal=1"))

    assert said(html, r"<footer class=\"foot\">.*?</footer>").count("Hide characters") == 1
    assert 'href="/errors/?code=1001&amp;cursor=x"' in html
