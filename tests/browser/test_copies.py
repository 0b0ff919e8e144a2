"""Copying a record and revealing its characters, by keyboard, with and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.records import FALLEN_BACK, UNFRIENDLY, WITH_STATUS
from tests.browser.steps import address, look_up

CLIPBOARD = "() => navigator.clipboard.readText()"
ERROR, MESSAGE = f"/errors/{WITH_STATUS}/", f"/messages/{FALLEN_BACK}/"


@pytest.mark.parametrize("where", [ERROR, MESSAGE])
def test_the_menu_is_opened_walked_and_used_by_keyboard(scripted: Page, where: str) -> None:
    scripted.goto(where)
    menu = scripted.locator("[data-copies]")
    menu.locator("summary").focus()
    scripted.keyboard.press("Enter")
    scripted.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="8x8 support")).to_be_focused()
    scripted.keyboard.press("ArrowUp")
    expect(menu.get_by_role("button", name="Link")).to_be_focused()
    scripted.keyboard.press("ArrowDown")
    scripted.keyboard.press("ArrowDown")
    scripted.keyboard.press("Enter")

    expect(scripted.locator("#toasts")).to_have_text("For the customer: copied")
    expect(menu.locator("summary")).to_be_focused()
    expect(menu.get_by_role("link", name="8x8 support")).to_be_hidden()
    assert scripted.evaluate(CLIPBOARD).startswith(scripted.locator("#say").inner_text())
    assert address(scripted) == where


def test_escape_closes_the_menu(scripted: Page) -> None:
    scripted.goto(ERROR)
    menu = scripted.locator("[data-copies]")
    menu.locator("summary").focus()
    scripted.keyboard.press("Space")
    scripted.keyboard.press("Tab")
    scripted.keyboard.press("Escape")

    expect(menu.get_by_role("link").first).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_capital_y_copies_markdown(scripted: Page) -> None:
    scripted.goto(ERROR)
    scripted.keyboard.press("Shift+Y")

    expect(scripted.locator("#toasts")).to_have_text("Markdown: copied")
    text = scripted.evaluate(CLIPBOARD)
    assert text.startswith("### API error 1300: Not found\n")
    assert f"- errorId: `{WITH_STATUS}`\n" in text


def test_the_link_is_an_entry_of_the_menu(scripted: Page) -> None:
    scripted.goto(ERROR)
    scripted.locator("[data-copies] summary").click()
    scripted.get_by_role("button", name="Link").click()

    expect(scripted.locator("#toasts")).to_have_text("Link copied")
    assert scripted.evaluate(CLIPBOARD) == scripted.url


def test_a_copy_is_a_page_with_the_text_in_a_field(page: Page) -> None:
    page.goto(f"{ERROR}copy/8x8/")

    expect(page.get_by_role("heading", name="Copy for 8x8 support")).to_be_visible()
    field = page.get_by_label("The text to copy")
    assert f"errorId: {WITH_STATUS}\n" in field.input_value()
    page.get_by_role("link", name="Our engineers").click()
    assert "Service: order-desk\n" in field.input_value()
    page.get_by_role("link", name="As Markdown").click()
    assert "- Service: `order-desk`\n" in field.input_value()
    page.get_by_role("link", name="Back to the record").click()
    assert address(page) == ERROR


def test_characters_are_revealed_and_hidden_again(page: Page, javascript: bool) -> None:
    page.goto(f"/errors/{UNFRIENDLY}/")
    switch = page.locator(".foot").get_by_role("link", name="Reveal characters")
    page.keyboard.press(".") if javascript else switch.click()

    page.wait_for_url(f"**/errors/{UNFRIENDLY}/?reveal=1")
    marks = page.locator(".v-lead .char")
    expect(marks.first).to_have_attribute("title", "U+202E RIGHT-TO-LEFT OVERRIDE")
    expect(page.locator(".v-lead")).to_contain_text("<svg onload=alert(2)>")
    page.get_by_role("link", name="Hide them").click()
    page.wait_for_url(f"**/errors/{UNFRIENDLY}/")
    expect(marks).to_have_count(0)


def test_the_switch_keeps_what_htmx_did_to_the_address(scripted: Page) -> None:
    scripted.goto("/errors/?per_page=25")
    scripted.get_by_role("link", name="Code", exact=True).click()
    scripted.wait_for_url("**sort=code*")
    sorted_by_code = scripted.url
    scripted.keyboard.press(".")

    scripted.wait_for_url("**reveal=1*")
    expect(scripted.locator("th[aria-sort]")).to_contain_text("Code")
    scripted.keyboard.press(".")
    scripted.wait_for_url(sorted_by_code)


def test_a_posted_text_is_revealed_by_posting_it_again(page: Page) -> None:
    look_up(page, "Your parcel \u200bis at the depot. " * 80)  # too long for an address
    expect(page.locator(".pasted")).to_be_visible()
    page.get_by_role("button", name="Reveal characters").click()

    expect(page.locator(".pasted .char").first).to_have_attribute(
        "title", "U+200B ZERO WIDTH SPACE"
    )
    expect(page.locator("main")).to_contain_text("As one SMS: ")
    page.get_by_role("button", name="Hide characters").click()
    expect(page.locator(".pasted .char")).to_have_count(0)


def test_the_key_posts_a_posted_text_again(scripted: Page) -> None:
    look_up(scripted, "Your parcel \u200bis at the depot. " * 80)
    expect(scripted.locator(".pasted")).to_be_visible()
    scripted.keyboard.press(".")

    expect(scripted.locator(".pasted .char").first).to_be_visible()
