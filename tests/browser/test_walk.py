"""A support agent's day, with scripts and without."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.records import (
    CLIENT_DOCUMENT,
    FALLEN_BACK,
    PASTED,
    UNFRIENDLY,
    UNKNOWN,
    WITH_STATUS,
)
from tests.browser.steps import (
    AGENT,
    PASSWORD,
    address,
    codes,
    fill_sign_in,
    go,
    look_up,
    row_ids,
)
from tests.browser.watching import Watch
from tests.stack import Stack

HOSTILE = "<img src=x onerror=alert(4)>"
LINK = "https://www.example.com/tracking?id=1&lang=ar"
TYPED = f"""<b onclick="alert(1)">not bold</b> <script>alert(2)</script>
العميل يسأل: أين الطرد رقم 447؟
{LINK}"""
SEVERAL = f"""From the log of the order desk:
errorId={WITH_STATUS} and {UNKNOWN}
umid: {FALLEN_BACK.upper()}
and this again {WITH_STATUS}"""
ECHOING = [
    *("/lookup?q=", "/lookup?q=1300+", "/codes/?q="),
    *("/errors/?code=", "/errors/?sub_account=", "/messages/?state=", "/errors/?cursor="),
]
TABLES = {"errors": "events_errorevent", "messages": "events_message"}
KEYS = {"errors": "error_id", "messages": "umid"}


def test_wrong_password_is_said_beside_the_form_and_the_right_one_opens_what_was_asked_for(
    open_page: OpenPage, javascript: bool
) -> None:
    page = open_page("", java_script_enabled=javascript)
    page.goto("/errors/?code=1300")
    fill_sign_in(page, AGENT, "not the password")

    expect(page.locator("main form").get_by_role("status")).to_contain_text("correct")
    expect(page.get_by_label("User name")).to_have_value(AGENT)
    expect(page.get_by_label("Password")).to_have_value("")

    fill_sign_in(page, AGENT, PASSWORD)

    expect(page).to_have_url("/errors/?code=1300")


def test_pasted_client_document_opens_its_error_with_the_answer(page: Page) -> None:
    look_up(page, PASTED)

    expect(page).to_have_url(f"/errors/{CLIENT_DOCUMENT}/")
    assert page.locator(".sub .plate").all_text_contents() == ["API1300"]
    expect(page.locator(".sub strong")).to_have_text("Not found")
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "Our request: it asks for a message 8x8 does not have."
    )
    expect(page.locator(".v-keys")).to_contain_text("Our request")
    expect(page.locator(".v-keys")).to_contain_text("No, it will fail again")
    expect(page.locator(".rail > .day").first).to_have_text("22 Dec 2020")
    expect(page.locator(".rail")).to_contain_text("API error")


def test_http_status_is_a_reading_of_its_own(page: Page) -> None:
    page.goto(f"/errors/{WITH_STATUS}/")

    assert page.locator(".sub .plate").all_text_contents() == ["API1300", "HTTP404"]
    expect(page.locator(".facts > div", has_text="HTTP status")).to_contain_text("404")


def test_hostile_comment_is_text(page: Page) -> None:
    page.goto(f"/errors/{CLIENT_DOCUMENT}/")

    expect(page.locator(".talk").get_by_text(HOSTILE, exact=True)).to_have_count(2)
    expect(page.locator("img")).to_have_count(0)


@pytest.mark.parametrize(
    "where",
    [
        f"/errors/{UNFRIENDLY}/",
        "/errors/?from=2026-07-02T07:59:59Z&to=2026-07-02T08:00:01Z&sub_account=northwind_ph_hq",
    ],
)
def test_hostile_error_text_is_text(page: Page, where: str) -> None:
    page.goto(where)

    expect(page.get_by_text("<svg onload=alert(2)>").first).to_be_visible()
    expect(page.locator("[onload], main script")).to_have_count(0)


def test_hostile_addresses_are_text(page: Page) -> None:
    hostile = quote(f"{HOSTILE}\"'><svg onload=alert(5)>", safe="")

    for where in ECHOING:
        page.goto(where + hostile)
        expect(page.locator("main")).to_be_visible()
        expect(page.locator("img, [onload], [onerror], main script")).to_have_count(0)


@pytest.mark.parametrize("where", [f"/errors/{CLIENT_DOCUMENT}/", f"/messages/{FALLEN_BACK}/"])
def test_comment_stands_there_as_typed(page: Page, where: str) -> None:
    page.goto(where)
    count = page.locator(".talk > li").count()
    page.get_by_label("Comment", exact=True).fill(TYPED)
    page.get_by_role("button", name="Comment", exact=True).click()

    expect(page.locator(".talk > li")).to_have_count(count + 1)
    written = page.locator(".talk > li").last
    words = written.locator(".stack")
    assert words.locator("p").inner_text() == TYPED
    expect(written.locator("header strong")).to_have_text("Ana Villareal")
    expect(words.get_by_role("link")).to_have_attribute("href", LINK)
    rel = words.get_by_role("link").get_attribute("rel") or ""
    assert {"noopener", "nofollow"} <= set(rel.split())
    expect(written.locator("b, script")).to_have_count(0)
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")
    page.reload()
    in_line = page.locator(".rail a", has_text="Ana Villareal").last
    assert in_line.inner_text() == "Comment by Ana Villareal"


def test_empty_comment_is_refused_beside_the_field(page: Page, watch: Watch) -> None:
    watch.expect_refusal(f"/errors/{WITH_STATUS}/comments/")
    page.goto(f"/errors/{WITH_STATUS}/")
    page.get_by_label("Comment", exact=True).fill(" \n ")
    page.get_by_role("button", name="Comment", exact=True).click()

    expect(page.locator("#comments .err")).to_have_text("Write something first.")


def test_errors_are_filtered_by_code_and_chips_take_the_filter_away(
    page: Page, portal: Stack
) -> None:
    page.goto("/errors/?per_page=100")
    page.get_by_text("Type a filter").click()
    page.get_by_label("Code", exact=True).fill("1001, 1200")
    go(page, page.locator("#filters").get_by_role("button", name="Apply").first)
    chips = page.locator(".chip")

    expect(chips).to_have_count(2)
    assert set(codes(page)) == {"API1001", "API1200"}
    assert len(codes(page)) == portal.count("events_errorevent", "code IN (1001, 1200)")

    go(page, page.get_by_role("link", name="Remove the filter Code 1001"))

    expect(chips).to_have_count(1)
    assert len(codes(page)) == portal.count("events_errorevent", "code = 1200")
    assert set(codes(page)) == {"API1200"}

    go(page, page.get_by_role("link", name="Clear").first)

    expect(chips).to_have_count(0)
    assert address(page) == "/errors/?per_page=100"


def test_filter_that_is_not_understood_is_said_beside_its_field(page: Page) -> None:
    page.goto("/errors/")
    page.get_by_text("Type a filter").click()
    page.get_by_label("Code", exact=True).fill("thirteen hundred")
    go(page, page.locator("#filters").get_by_role("button", name="Apply").first)

    expect(page.locator("#filters .err")).to_be_visible()
    expect(page.get_by_label("Code", exact=True)).to_have_value("thirteen hundred")
    expect(page.locator("main").get_by_role("status")).to_contain_text("not understood")


@pytest.mark.parametrize("kind", ["errors", "messages"])
def test_paging_to_the_end_and_back_shows_each_row_once(
    page: Page, portal: Stack, kind: str
) -> None:
    page.goto(f"/{kind}/?per_page=25")
    forth = _pages_towards(page, "Older")
    back = _pages_towards(page, "Newer")

    held = portal.database.query(f"SELECT {KEYS[kind]} FROM {TABLES[kind]}")
    shown = [row for rows in forth for row in rows]
    assert len(forth) > 3
    assert sorted(row.replace("-", "") for row in shown) == sorted(str(key) for (key,) in held)
    assert back == forth[::-1]


def _pages_towards(page: Page, title: str) -> list[list[str]]:
    """Return the rows of this page and of all further ones in one direction."""
    link = page.get_by_role("link", name=re.compile(f"^{title}"))
    pages = [row_ids(page)]
    while link.count():
        go(page, link)
        pages.append(row_ids(page))
    return pages


def test_errors_are_sorted_both_ways_and_the_way_back_restores_the_order(page: Page) -> None:
    page.goto("/errors/?per_page=100")
    newest_first = row_ids(page)
    head = page.get_by_role("columnheader", name="Code")

    go(page, head.get_by_role("link"))
    ascending = _numbers(page)
    expect(head).to_have_attribute("aria-sort", "ascending")
    go(page, head.get_by_role("link"))
    descending = _numbers(page)
    expect(head).to_have_attribute("aria-sort", "descending")
    page.go_back()
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.go_back()
    first = page.get_by_role("columnheader", name="Event time")
    expect(first).to_have_attribute("aria-sort", "descending")

    assert ascending == sorted(ascending)
    assert descending == sorted(descending, reverse=True)
    assert ascending[0] < descending[0]
    assert row_ids(page) == newest_first


def _numbers(page: Page) -> list[int]:
    return [int(code.removeprefix("API")) for code in codes(page)]


def test_message_page_opens_from_the_list_and_tells_its_story(page: Page) -> None:
    page.goto("/messages/?sub_account=northwind_ph_hq&channel=sms&from=2026-07-02T07:00:00Z"
              "&to=2026-07-02T09:00:00Z")  # fmt: skip
    go(page, page.locator(f".id > a[title='{FALLEN_BACK}']"))

    expect(page).to_have_url(f"/messages/{FALLEN_BACK}/")
    story = page.locator(".rail")
    expect(story.locator(".lane").nth(0)).to_contain_text("WhatsApp")
    expect(story).to_contain_text("Undelivered")
    expect(story.locator(".plate", has_text="WhatsApp")).to_have_text("WhatsApp1002")
    expect(story.locator(".lane").nth(1)).to_contain_text("SMS")
    expect(story).to_contain_text("Delivered")
    expect(page.locator("main")).to_contain_text("•••••0143")
    expect(page.locator("main")).not_to_contain_text("12025550143")


def test_codes_are_searched_by_number_and_by_words(page: Page) -> None:
    page.goto("/codes/")
    page.get_by_label("Find a code").fill("1300")
    page.get_by_role("button", name="Find").click()
    go(page, page.locator("[data-rows] .plate", has_text="1300").first)

    expect(page).to_have_url("/codes/api_error/1300/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Not found")

    page.goto("/codes/")
    page.get_by_label("Find a code").fill("rate limit")
    page.get_by_role("button", name="Find").click()

    expect(page.locator("[data-rows] tbody tr").first).to_contain_text(
        re.compile("rate", re.IGNORECASE)
    )


def test_several_ids_are_listed_in_the_order_of_the_text(page: Page) -> None:
    look_up(page, SEVERAL)
    rows = page.locator(".found > li")

    expect(rows).to_have_count(3)
    expect(page.get_by_role("heading", level=1)).to_have_text("3 things in this text")
    expect(rows.nth(0)).to_contain_text("errorId")
    expect(rows.nth(0)).to_contain_text(WITH_STATUS)
    expect(rows.nth(0)).to_contain_text("Not found")
    expect(rows.nth(1)).to_contain_text("Not held by us")
    expect(rows.nth(2)).to_contain_text("Delivered")
    expect(page.locator("mark.k[id]")).to_have_count(3)

    go(page, rows.nth(2).get_by_role("link", name="Open"))

    expect(page).to_have_url(f"/messages/{FALLEN_BACK}/")


def test_unknown_id_gets_the_page_that_helps(page: Page) -> None:
    look_up(page, f"errorId: {UNKNOWN}")

    expect(page.get_by_role("heading", level=1)).to_contain_text(UNKNOWN)
    _expect_help(page)


@pytest.mark.parametrize("where", ["/errors/{}/", "/messages/{}/", "/e/{}"])
def test_unknown_id_in_an_address_gets_the_page_that_helps(
    page: Page, watch: Watch, where: str
) -> None:
    path = where.format(UNKNOWN)
    watch.expect_refusal(path)

    answer = page.goto(path)

    assert answer is not None
    assert answer.status == 404
    _expect_help(page)


def _expect_help(page: Page) -> None:
    main = page.locator("main")
    expect(main).to_contain_text("Not held by us")
    expect(page.get_by_role("heading", name="What the id itself says")).to_be_visible()
    expect(page.get_by_role("heading", name="Why it may be missing")).to_be_visible()
    expect(page.get_by_role("heading", name="Tell the customer")).to_be_visible()


def test_address_with_an_id_as_it_was_copied_leads_to_its_record(page: Page) -> None:
    page.goto("/e/{" + CLIENT_DOCUMENT.upper() + "}")

    expect(page).to_have_url(f"/errors/{CLIENT_DOCUMENT}/")


def test_after_signing_out_pages_ask_for_sign_in_and_come_back(
    open_page: OpenPage, javascript: bool
) -> None:
    page = open_page("", java_script_enabled=javascript)
    page.goto("/")
    fill_sign_in(page, AGENT, PASSWORD)
    expect(page).to_have_url("/")
    page.get_by_label("agent, your menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url("/accounts/login/")

    page.goto(f"/messages/{FALLEN_BACK}/")
    expect(page).to_have_url(f"/accounts/login/?next=/messages/{FALLEN_BACK}/")
    fill_sign_in(page, AGENT, PASSWORD)

    expect(page).to_have_url(f"/messages/{FALLEN_BACK}/")
