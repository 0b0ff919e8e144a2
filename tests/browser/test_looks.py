"""Themes, narrow screens, and what assistive technology is told, on every page."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Session
from tests.browser.records import (
    CLIENT_DOCUMENT,
    FALLEN_BACK,
    UNFRIENDLY,
    UNKNOWN,
    WITH_STATUS,
)
from tests.browser.steps import AGENT, LEAD
from tests.browser.watching import Watch

PAGES = {
    "home": "/",
    "errors": "/errors/?per_page=25",
    "errors_commented": "/errors/?per_page=25&code=1300",
    "errors_none": "/errors/?code=999999",
    "errors_not_understood": "/errors/?code=x&country=Europe",
    "messages": "/messages/?per_page=25",
    "error": f"/errors/{CLIENT_DOCUMENT}/",
    "error_unfriendly": f"/errors/{UNFRIENDLY}/?raw=1",
    "error_revealed": f"/errors/{UNFRIENDLY}/?raw=1&reveal=1",
    "copy": f"/errors/{UNFRIENDLY}/copy/engineers/",
    "message": f"/messages/{FALLEN_BACK}/",
    "results": f"/lookup?q=errorId+{WITH_STATUS}%0Aumid+{FALLEN_BACK}%0A{UNKNOWN}%0Acode+1002",
    "result_candidates": "/lookup?q=1cc1eda1",
    "not_found_told": f"/lookup?q=2026-07-02T08:00:00Z+errorId+{UNKNOWN}+subAccountId:+northwind_ph_hq+code:+1002",
    "not_found_client_id": "/lookup?q=clientMessageId:+nobody-has-this",
    "notices": "/notices/",
    "notices_unread": "/notices/?show=unread",
    "watches": "/watches/",
    "nothing_recognised": "/lookup?q=good+morning",
    "bare_code": "/lookup?q=1002",
    "not_found": f"/errors/{UNKNOWN}/",
    "inquiries": "/inquiries/",
    "codes": "/codes/",
    "codes_search": "/codes/?q=limit",
    "code": "/codes/api_error/1300/",
    "code_unlisted": "/codes/api_error/4242/",
    "code_note": "/codes/api_error/1300/note",
    "code_override": "/codes/api_error/4242/override",
    "never_seen": "/codes/drift/?kind=unknown",
    "intake": "/intake/",
    "quarantine": "/intake/quarantine/",
    "files": "/intake/files/",
    "quarantine_discarded": "/intake/quarantine/?state=discarded",
    "deliveries": "/intake/deliveries/",
    "deliveries_none": "/intake/deliveries/?sender=nobody",
    "zone": "/session/zone",
    "no_such_page": "/nowhere/",
}
SIGNED_OUT = {"login": "/accounts/login/"}
REFUSED = {"not_found", "no_such_page"}
FOR_LEADS = {"quarantine", "code", "code_override", "never_seen"}
SIZES = {1440: 900, 390: 844}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1440, 1280, 1100, 1024, 768, 390, 360, 320)
NEEDS_SCRIPTS = "[data-copy], [data-copy-from], [data-copy-link], [data-open]"
AXE = "() => axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
BACKGROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const beyond = [...document.body.querySelectorAll("*")].filter((each) =>
    each.getBoundingClientRect().right > width + 1 && !each.closest(".scroll, pre"));
  return beyond.slice(0, 5).map((each) => each.outerHTML.slice(0, 120)).concat("too wide");
}"""

Violation = dict[str, list[dict[str, object]]]


@pytest.mark.parametrize("name", [*PAGES, *SIGNED_OUT])
def test_page_is_accessible_in_both_themes_wide_and_narrow(
    open_page: OpenPage, watch: Watch, name: str
) -> None:
    page = _open(open_page, watch, name)
    page.evaluate(Axe().axe_script)
    found = []

    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            found += [(width, theme, *_told(violation)) for violation in _violations(page)]

    assert found == []


def test_keys_dialog_is_accessible(scripted: Page) -> None:
    scripted.goto("/errors/?code=1300")
    scripted.keyboard.press("?")
    expect(scripted.get_by_role("dialog")).to_be_visible()
    scripted.evaluate(Axe().axe_script)

    assert _violations(scripted) == []


@pytest.mark.parametrize("theme", THEMES)
def test_copy_menu_is_accessible(scripted: Page, theme: Literal["light", "dark"]) -> None:
    scripted.emulate_media(color_scheme=theme)
    scripted.goto(f"/errors/{WITH_STATUS}/")
    scripted.locator("[data-copies] summary").click()
    expect(scripted.get_by_role("link", name="8x8 support")).to_be_visible()
    scripted.evaluate(Axe().axe_script)

    assert _violations(scripted) == []


def test_pages_fit_the_screen(open_page: OpenPage, watch: Watch) -> None:
    watch.refusals |= {PAGES[name] for name in REFUSED}
    page = open_page(LEAD)
    beyond = {}

    for name, path in PAGES.items():
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            beyond[name, width] = page.evaluate(OVERFLOW)

    assert {place: what for place, what in beyond.items() if what} == {}


@pytest.mark.parametrize("name", ["error", "message", "errors", "not_found"])
def test_nothing_is_offered_that_would_need_scripts(
    open_page: OpenPage, watch: Watch, name: str
) -> None:
    watch.expect_refusal(PAGES[name])
    page = open_page(java_script_enabled=False)
    page.goto(PAGES[name])

    offered = page.locator(NEEDS_SCRIPTS).filter(visible=True)

    assert set(offered.all_inner_texts()) == set()


def _open(open_page: OpenPage, watch: Watch, name: str) -> Page:
    """Open a page as whoever sees most of it."""
    person = "" if name in SIGNED_OUT else LEAD if name in FOR_LEADS else AGENT
    path = (PAGES | SIGNED_OUT)[name]
    if name in REFUSED:
        watch.expect_refusal(path)
    page = open_page(person)
    page.goto(path)
    return page


def _violations(page: Page) -> list[Violation]:
    found: list[Violation] = page.evaluate(AXE)
    return found


def _told(violation: Violation) -> tuple[object, ...]:
    return (violation["id"], [node["html"] for node in violation["nodes"][:3]])


def test_theme_follows_the_system_until_one_is_chosen(open_page: OpenPage) -> None:
    page = open_page(color_scheme="dark")
    page.goto("/")
    dark = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="light")

    assert page.locator("html").get_attribute("data-theme") is None
    assert page.evaluate(BACKGROUND) != dark


def test_chosen_theme_is_in_the_first_byte_and_remembered(
    open_page: OpenPage, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript, color_scheme="light")
    page.goto("/errors/?code=1001")
    light = page.evaluate(BACKGROUND)
    while page.locator("html").get_attribute("data-theme") != "dark":
        with page.expect_navigation():
            page.get_by_role("button", name="Theme").click()
    expect(page).to_have_url("/errors/?code=1001")
    again = page.context.new_page()
    answer = again.goto("/codes/")

    assert answer is not None
    assert answer.text().startswith('<!doctype html>\n<html lang="en" data-theme="dark">')
    assert again.evaluate(BACKGROUND) == page.evaluate(BACKGROUND)
    assert page.evaluate(BACKGROUND) != light


def test_theme_chosen_before_signing_in_stays(open_page: OpenPage, session: Session) -> None:
    page = open_page("")
    page.goto("/accounts/login/")
    with page.expect_navigation():
        page.get_by_role("button", name="Theme").click()
    chosen = page.locator("html").get_attribute("data-theme") or "none"

    page.context.add_cookies(session(AGENT)["cookies"])  # type: ignore[arg-type]
    page.goto("/")

    expect(page.locator("html")).to_have_attribute("data-theme", chosen)
