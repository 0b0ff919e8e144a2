"""From a pasted errorId to a saved .eml: by keyboard alone, and without scripts."""

import email
import re
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.records import Sender, api_error, new_id
from tests.browser.steps import look_up
from tests.browser.watching import Watch
from tests.stack import Stack, wait_until

WITHIN = 10.0


def fresh_error(portal: Stack) -> str:
    """Report an error of today and wait until it is held."""
    error_id = new_id()
    told = api_error(error_id, code=1300, status=404)
    told["error"]["timestamp"] = datetime.now(UTC).isoformat()  # type: ignore[index]
    Sender(portal.port).send(told)
    wait_until(
        lambda: portal.count("events_errorevent", f"error_id = '{error_id.replace('-', '')}'"),
        seconds=WITHIN,
        what="the error",
    )
    return error_id


def check(path: Path, error_id: str) -> None:
    """Read the saved file as a mail program does."""
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"errorId: {error_id}" in body.get_content()
    assert mail["To"] == "cpaas-support@8x8.com"
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "evidence.csv",
        "evidence.ndjson",
    ]


def test_from_a_paste_to_a_saved_mail_by_keyboard(scripted: Page, portal: Stack) -> None:
    error_id = fresh_error(portal)
    scripted.goto("/codes/")
    scripted.keyboard.press("/")
    scripted.keyboard.insert_text(f'"errorId": "{error_id}"')
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(f"/errors/{error_id}/")

    scripted.keyboard.press("i")
    scripted.wait_for_url(re.compile("/inquiries/"))
    if "/add" in scripted.url:  # there are other drafts: the choice stands on a proposal
        scripted.get_by_label("A new inquiry").press("Space")
        scripted.keyboard.press("Enter")
    expect(scripted.locator("h1")).to_contain_text("Error 1300")

    scripted.keyboard.press("s")
    expect(scripted.locator("#sent")).to_contain_text("SHA-256")
    with scripted.expect_download() as saved:
        scripted.keyboard.press("s")

    check(saved.value.path(), error_id)


def test_the_same_walk_needs_no_scripts(open_page: OpenPage, portal: Stack) -> None:
    page = open_page(java_script_enabled=False)
    error_id = fresh_error(portal)
    look_up(page, f"errorId {error_id}")

    page.get_by_role("button", name="Add to inquiry").click()
    if "/add" in page.url:
        page.get_by_label("A new inquiry").check()
        page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("In your words").fill("Since this morning.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#letter-text")).to_contain_text("Since this morning.")
    page.get_by_role("button", name="Send as .eml").click()
    with page.expect_download() as saved:
        page.locator("#sent").get_by_role("link", name="Save INQ-").first.click()

    check(saved.value.path(), error_id)


def test_two_people_lose_nothing(open_page: OpenPage, portal: Stack, watch: Watch) -> None:
    first, second = open_page(), open_page("lead")
    error_id = fresh_error(portal)
    first.goto(f"/errors/{error_id}/")
    first.get_by_role("button", name="Add to inquiry").click()
    if "/add" in first.url:
        first.get_by_label("A new inquiry").check()
        first.get_by_role("button", name="Add", exact=True).click()
    second.goto(first.url)
    watch.expect_refusal(urlsplit(first.url).path)

    first.get_by_label("In your words").fill("Said by the first.")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_role("status").first).to_contain_text("Saved.")
    second.get_by_label("In your words").fill("Said by the second.")
    second.get_by_role("button", name="Save", exact=True).click()

    expect(second.get_by_role("status").first).to_contain_text("Somebody was quicker.")
    expect(second.get_by_role("status").first).to_contain_text("Said by the first.")
    expect(second.get_by_label("In your words")).to_have_value("Said by the second.")
