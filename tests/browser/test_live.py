"""What is posted shows on the pages within two seconds."""

import time

from playwright.sync_api import Page, expect

from tests.browser.records import Sender, api_error, new_id, sms_receipt
from tests.browser.steps import look_up
from tests.stack import Stack, wait_until

DEADLINE = 2.0


def test_api_error_shows_within_two_seconds_of_being_posted(page: Page, portal: Stack) -> None:
    error_id = new_id()

    _send_and_wait(page, portal, api_error(error_id), f"/errors/{error_id}/")
    look_up(page, error_id)

    expect(page).to_have_url(f"/errors/{error_id}/")
    expect(page.locator(".sub .plate").first).to_have_text("API1002")


def test_receipt_shows_within_two_seconds_of_being_posted(page: Page, portal: Stack) -> None:
    umid = new_id()

    _send_and_wait(page, portal, sms_receipt(umid, "sent", 0), f"/messages/{umid}/")
    page.goto(f"/messages/{umid}/")
    expect(page.locator(".rail")).to_contain_text("Sent")
    expect(page.locator(".rail")).not_to_contain_text("Undelivered")
    _send(portal, sms_receipt(umid, "undelivered", 1))
    wait_until(lambda: _says_undelivered(page), seconds=DEADLINE, what="the second receipt")


def _send_and_wait(page: Page, portal: Stack, event: object, path: str) -> None:
    """Send ``event`` and ask for ``path`` until it is found, for two seconds at most."""
    assert page.request.get(path).status == 404
    started = time.monotonic()

    _send(portal, event)

    left = DEADLINE - (time.monotonic() - started)
    wait_until(lambda: page.request.get(path).ok, seconds=left, what=path)


def _send(portal: Stack, event: object) -> None:
    Sender(portal.port).send(event)


def _says_undelivered(page: Page) -> bool:
    page.reload()
    return "Undelivered" in page.locator(".rail").inner_text()
