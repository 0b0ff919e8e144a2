"""From a paste to the bell and the record, by keyboard, and without scripts."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.records import WITH_STATUS, Sender, api_error, new_id
from tests.browser.steps import look_up
from tests.browser.watching import Watch
from tests.stack import Stack, wait_until

CLIPBOARD = "() => navigator.clipboard.readText()"
WITHIN = 10.0  # a whole suite may run beside it


def arrives(portal: Stack, error_id: str) -> None:
    """Report an error that is watched, and wait until the notice is there."""
    Sender(portal.port).send(api_error(error_id))
    wait_until(
        lambda: portal.count("notices_notice", f"link LIKE '%{error_id}'"),
        seconds=WITHIN,
        what="the notice",
    )


def test_paste_watch_bell_and_record_by_keyboard(scripted: Page, portal: Stack) -> None:
    first, second = new_id(), new_id()
    rows = scripted.locator(".found > li")
    scripted.goto("/codes/")
    scripted.keyboard.press("/")
    scripted.keyboard.insert_text(f"errorId {first}\numid {second}\nerrorId {WITH_STATUS}")
    scripted.keyboard.press("Enter")
    expect(scripted.get_by_role("heading", level=1)).to_have_text("3 things in this text")
    scripted.wait_for_load_state()  # keys work when its scripts have run

    scripted.keyboard.press("w")
    expect(scripted.locator("#said")).to_contain_text("2 ids are watched for 7 days.")
    expect(rows.filter(has_text="Watched")).to_have_count(2)

    arrives(portal, first)
    scripted.keyboard.press("g")
    scripted.keyboard.press("n")
    expect(scripted.locator("#bell")).to_have_attribute("aria-label", "Notices, 1 unread")
    scripted.wait_for_load_state()
    scripted.keyboard.press("j")
    scripted.keyboard.press("Enter")

    expect(scripted).to_have_url(f"/errors/{first}/")
    expect(scripted.locator("#bell")).to_have_attribute("aria-label", "Notices")


def test_rows_are_walked_ticked_and_copied_by_keyboard(scripted: Page) -> None:
    absent = new_id()
    rows = scripted.locator(".found > li")
    scripted.goto(f"/lookup?q=errorId+{absent}%0AerrorId+{WITH_STATUS}%0Acode:+1300")

    for key in "jjxkx":
        scripted.keyboard.press(key)
    expect(scripted.locator("[data-chosen]")).to_have_text("2 ticked")
    scripted.get_by_text("Copy as table").focus()
    for key in ("Enter", "Tab", "Enter"):
        scripted.keyboard.press(key)
    expect(scripted.locator("#toasts")).to_have_text("2 rows copied")
    lines = scripted.evaluate(CLIPBOARD).strip().split("\n")
    assert [line.split("\t")[2] for line in lines] == ["Value", absent, WITH_STATUS]

    scripted.get_by_role("button", name="Missing", exact=True).click()
    expect(rows.nth(0).get_by_role("checkbox")).to_be_checked()
    expect(scripted.locator("[data-chosen]")).to_have_text("1 ticked")
    scripted.keyboard.press("j")
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(f"/errors/{WITH_STATUS}/")


def test_one_key_watches_a_missing_id_and_its_page_tells_when_it_arrives(
    scripted: Page, portal: Stack, watch: Watch
) -> None:
    absent = new_id()
    path = f"/e/{absent}"
    watch.expect_refusal(path)
    scripted.goto(path)

    scripted.keyboard.press("w")
    expect(scripted.locator("#watch")).to_contain_text("Not here yet")
    expect(scripted.locator(".head")).to_contain_text("You watch it")
    Sender(portal.port).send(api_error(absent))

    expect(scripted.locator("#watch")).to_contain_text("It has arrived.", timeout=15_000)
    expect(scripted.locator("#bell .count")).to_be_visible()
    scripted.locator("#watch").get_by_role("link", name="Open").click()
    expect(scripted).to_have_url(f"/errors/{absent}/")


def test_watching_giving_up_and_the_table_need_no_scripts(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    first, second = new_id(), new_id()
    look_up(page, f"errorId {first} umid {second} code: 1300")

    page.get_by_label("Choose 2, umid").check()
    page.get_by_role("button", name="Watch the ticked ones").click()
    expect(page.get_by_role("status").first).to_contain_text("It is watched for 7 days.")
    expect(page.locator("[data-rows] tbody tr").first).to_contain_text(second[:8])
    page.get_by_role("button", name="Give up").first.click()
    expect(page.get_by_role("status").first).to_contain_text("It is not watched any more.")

    look_up(page, f"errorId {first} umid {second} code: 1300")
    page.get_by_text("Copy as table").click()
    page.get_by_role("button", name="For a chat or ticket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 rows as a table")
    expect(page.get_by_label("The table")).to_contain_text(f"| 1 | errorId | {first} | no |")
