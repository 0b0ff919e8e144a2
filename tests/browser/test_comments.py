"""Writing to each other in a browser: by keyboard, with and without scripts, across a reload."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.records import UNFRIENDLY
from tests.browser.steps import LEAD

CODE = "/codes/voice_error/-2007/"  # no other test looks at it
OTHER, THIRD = "/codes/voice_error/-2008/", "/codes/voice_error/-2009/"


def _box(page: Page) -> None:
    page.get_by_label("Comment", exact=True).focus()


def test_a_colleague_is_called_by_keyboard(scripted: Page) -> None:
    scripted.goto(CODE)
    _box(scripted)
    scripted.keyboard.type("please look @le")
    expect(scripted.get_by_role("option")).to_contain_text("@lead")
    scripted.keyboard.press("ArrowDown")
    scripted.keyboard.press("Enter")
    box = scripted.get_by_label("Comment", exact=True)
    expect(box).to_have_value("please look @lead ")
    expect(box).to_be_focused()
    expect(scripted.get_by_role("listbox")).to_have_count(0)

    scripted.keyboard.type("at @")
    expect(scripted.get_by_role("listbox")).to_be_visible()
    scripted.keyboard.press("Escape")
    expect(scripted.get_by_role("listbox")).to_have_count(0)
    expect(box).to_be_focused()
    scripted.get_by_role("button", name="Comment", exact=True).press("Enter")

    expect(scripted.locator("#comments .called")).to_have_text("@lead")
    expect(scripted.get_by_label("Comment", exact=True)).to_have_value("")


def test_the_button_below_the_offered_colleagues_is_pressed_once(scripted: Page) -> None:
    scripted.goto(CODE)
    _box(scripted)
    scripted.keyboard.type("it is for @lead")
    expect(scripted.get_by_role("listbox")).to_be_visible()
    scripted.get_by_role("button", name="Comment", exact=True).click()

    expect(scripted.locator("#comments .talk")).to_contain_text("it is for @lead")
    expect(scripted.get_by_role("listbox")).to_have_count(0)


def test_who_was_called_is_led_to_the_comment(page: Page, open_page: OpenPage) -> None:
    page.goto(THIRD)
    page.get_by_label("Comment", exact=True).fill("for you, @lead")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#comments .called").first).to_have_text("@lead")
    told = open_page(LEAD)
    told.goto("/notices/")
    told.get_by_role("link", name="mentioned you on code").first.click()

    expect(told.locator("#comments li:target")).to_contain_text("for you, @lead")


def test_a_draft_survives_a_reload_and_goes_when_it_is_sent(scripted: Page) -> None:
    scripted.goto(OTHER)
    scripted.get_by_label("Comment", exact=True).fill("half a thought")
    scripted.reload()
    box = scripted.get_by_label("Comment", exact=True)
    expect(box).to_have_value("half a thought")

    scripted.get_by_role("button", name="Comment", exact=True).click()
    expect(scripted.locator("#comments .talk")).to_contain_text("half a thought")
    scripted.reload()
    expect(box).to_have_value("")

    scripted.get_by_role("link", name="Reply").first.click()
    expect(box).to_have_value("> " + _author(scripted) + " wrote:\n> half a thought\n\n")
    scripted.reload()
    expect(box).to_have_value("> " + _author(scripted) + " wrote:\n> half a thought\n\n")
    expect(scripted.get_by_text("An answer to")).to_be_visible()
    box.press_sequentially("and an answer")
    scripted.get_by_role("button", name="Comment", exact=True).click()
    expect(scripted.get_by_role("link", name="answers")).to_be_visible()


def test_what_was_typed_survives_the_end_of_a_session(scripted: Page) -> None:
    cookies = scripted.context.cookies()
    scripted.goto(OTHER)
    box = scripted.get_by_label("Comment", exact=True)
    box.fill("said too late")
    scripted.context.clear_cookies(name="sessionid")
    with scripted.expect_response(lambda answer: "/accounts/login/" in answer.url):
        scripted.get_by_role("button", name="Comment", exact=True).click()
    scripted.context.add_cookies(cookies)
    scripted.goto(OTHER)
    expect(box).to_have_value("said too late")

    scripted.get_by_role("button", name="Comment", exact=True).click()
    expect(scripted.locator("#comments .talk")).to_contain_text("said too late")
    scripted.get_by_role("link", name="Edit", exact=True).last.click()
    box.fill("said otherwise")
    edited = scripted.url
    scripted.context.clear_cookies(name="sessionid")
    scripted.get_by_role("button", name="Save", exact=True).click()
    expect(scripted).to_have_url(re.compile("/accounts/login/"))
    scripted.context.add_cookies(cookies)
    scripted.goto(edited)
    expect(box).to_have_value("said otherwise")


def test_an_answer_without_scripts(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(CODE)
    page.get_by_label("Comment", exact=True).fill("plain words")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.get_by_role("link", name="Reply").last.click()

    expect(page.get_by_label("Comment", exact=True)).to_have_value(
        f"> {_author(page)} wrote:\n> plain words\n\n"
    )
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("link", name="answers")).to_be_visible()


def _author(page: Page) -> str:
    return page.locator("#comments .talk li:last-child header strong").inner_text()


def test_colleagues_see_who_else_is_here_and_who_left(open_page: OpenPage) -> None:
    address = f"/errors/{UNFRIENDLY}/"
    mine, theirs = open_page(), open_page(LEAD)
    theirs.goto(address)
    expect(theirs.locator("[data-presence]")).to_be_hidden()
    mine.goto(address)
    expect(mine.locator("[data-presence]")).to_contain_text("is looking at this")

    theirs.goto("/codes/")
    expect(mine.locator("[data-presence]")).to_be_hidden()
