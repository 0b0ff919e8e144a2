"""What a lead and an agent know about a code, said and read in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.steps import AGENT, LEAD
from tests.browser.watching import Watch

CODE = "/codes/voice_error/-2004/"  # no other test looks at it


@pytest.mark.parametrize("scripts", [True, False])
def test_a_lead_says_it_otherwise_and_takes_it_back_by_keyboard(
    open_page: OpenPage, scripts: bool
) -> None:
    page = open_page(LEAD, java_script_enabled=scripts)
    page.goto(CODE)
    _press(page, "Say it otherwise")
    expect(page.get_by_role("heading", level=1)).to_contain_text("otherwise")
    page.get_by_label("What happened").focus()
    page.keyboard.type("The country is closed for us.")
    page.get_by_label("Why", exact=True).focus()
    page.keyboard.type("their mail of Friday")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#verdict")).to_contain_text("country is closed for us")
    expect(page.get_by_text("The team says otherwise.")).to_be_visible()

    _press(page, "Take back")
    expect(page.get_by_label("Why")).to_be_focused()
    page.keyboard.type("it is open again")
    page.get_by_role("button", name="Take back").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#verdict")).not_to_contain_text("closed for us")


def test_two_agents_write_at_once_and_nothing_is_lost(open_page: OpenPage, watch: Watch) -> None:
    watch.expect_refusal(CODE + "note")
    quicker, slower = open_page(AGENT), open_page(LEAD)
    for page in (quicker, slower):
        page.goto(CODE + "note")
    quicker.get_by_label("Note", exact=True).fill("from the quicker one")
    quicker.get_by_role("button", name="Save").click()
    slower.get_by_label("Note", exact=True).fill("from the slower one")
    with slower.expect_response(lambda answer: answer.request.method == "POST") as answer:
        slower.get_by_role("button", name="Save").click()

    assert answer.value.status == 409
    expect(slower.get_by_text("from the quicker one")).to_be_visible()
    expect(slower.get_by_label("Note", exact=True)).to_have_value("from the slower one")


def _press(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.focus()
    page.keyboard.press("Enter")
