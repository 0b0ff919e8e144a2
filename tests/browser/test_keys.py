"""The portal without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.records import CLIENT_DOCUMENT, PASTED, WITH_STATUS
from tests.browser.steps import address, row_ids

PLACES = {
    "h": "/",
    "e": "/errors/",
    "m": "/messages/",
    "c": "/codes/",
    "i": "/inquiries/",
    "t": "/intake/",
    "n": "/notices/",
    "w": "/watches/",
}
CLIPBOARD = "() => navigator.clipboard.readText()"
WRITE_CLIPBOARD = "(text) => navigator.clipboard.writeText(text)"
CURSOR = "rows => rows.findIndex(row => 'cursor' in row.dataset)"
# Everything a person can see and act on, each with how it looks while it is not in focus.
REMEMBER = """() => {
  const looks = (element) => {
    const around = [element, element.parentElement, element.parentElement?.parentElement];
    return around.filter(Boolean).map((each) => {
      const style = getComputedStyle(each);
      return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow,
              style.borderColor, style.backgroundColor].join();
    }).join();
  };
  const wanted = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const seen = (element) => element.checkVisibility({visibilityProperty: true})
    && element.getClientRects().length && !element.disabled && element.type !== "hidden";
  document.activeElement.blur();
  const all = [...document.querySelectorAll(wanted)].filter(seen);
  const before = new Map(all.map((element) => [element, looks(element)]));
  const reached = new Set();
  const unseen = [];
  const missed = () => all.filter((each) => !reached.has(each)).map((each) => each.outerHTML);
  document.addEventListener("focusin", ({target}) => {
    if (!before.has(target) || reached.has(target)) return;
    reached.add(target);
    const box = target.getBoundingClientRect();
    const visible = box.width && box.bottom > 0 && box.top < innerHeight;
    if (!visible || looks(target) === before.get(target)) unseen.push(target.outerHTML);
  });
  window.tabbing = {missed, unseen};
  return all.length;
}"""
MISSED = "() => window.tabbing.missed()"
UNSEEN = "() => window.tabbing.unseen"
PARTS_OF_A_TIME = 7  # a field for a time is one thing with a stop for each of its parts


def test_slash_paste_enter_opens_the_record(scripted: Page) -> None:
    scripted.goto("/codes/")
    scripted.evaluate(WRITE_CLIPBOARD, f"  {CLIENT_DOCUMENT.upper()} ")
    scripted.keyboard.press("/")
    scripted.keyboard.press("Control+V")
    scripted.keyboard.press("Enter")

    expect(scripted).to_have_url(f"/errors/{CLIENT_DOCUMENT}/")


def test_several_lines_are_looked_up_by_enter_and_shift_adds_one(scripted: Page) -> None:
    scripted.goto("/errors/")
    scripted.keyboard.press("/")
    scripted.keyboard.insert_text(PASTED)
    scripted.keyboard.press("Shift+Enter")
    expect(scripted).to_have_url("/errors/")
    scripted.keyboard.press("Enter")

    expect(scripted).to_have_url(f"/errors/{CLIENT_DOCUMENT}/")


def test_text_longer_than_an_address_is_posted(scripted: Page) -> None:
    scripted.goto("/errors/")
    scripted.keyboard.press("/")
    scripted.keyboard.insert_text("and the log before it\n" * 500 + PASTED)
    scripted.keyboard.press("Enter")

    expect(scripted).to_have_url(f"/errors/{CLIENT_DOCUMENT}/")


def test_j_and_k_move_along_the_rows_and_enter_opens_one(scripted: Page) -> None:
    scripted.goto("/errors/")
    ids = row_ids(scripted)
    rows = scripted.locator("[data-rows] tbody tr")

    for key in "jjjk":
        scripted.keyboard.press(key)

    assert rows.evaluate_all(CURSOR) == 1
    expect(rows.nth(1).get_by_role("link").first).to_be_focused()
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(f"/errors/{ids[1]}/")


def test_brackets_turn_the_pages(scripted: Page) -> None:
    scripted.goto("/errors/?per_page=25")
    first = row_ids(scripted)
    scripted.keyboard.press("]")
    expect(scripted.locator("[data-key='[']")).to_be_visible()
    second = row_ids(scripted)
    scripted.keyboard.press("[")
    expect(scripted.locator("[data-key='[']")).to_have_count(0)

    assert set(first).isdisjoint(second)
    assert row_ids(scripted) == first


def test_g_and_a_letter_go_to_the_pages(scripted: Page) -> None:
    scripted.goto("/accounts/login/")
    for key, place in PLACES.items():
        scripted.keyboard.press("Escape")  # the start page begins in its field
        scripted.keyboard.press("g")
        scripted.keyboard.press(key)
        expect(scripted).to_have_url(place)
        scripted.wait_for_load_state()  # the address changes before the page's keys are there


def test_question_mark_opens_the_keys_and_escape_closes_them(scripted: Page) -> None:
    scripted.goto("/errors/")
    keys = scripted.get_by_role("dialog", name="Keys")

    scripted.keyboard.press("?")
    expect(keys).to_be_visible()
    scripted.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    scripted.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()


def test_single_keys_can_be_switched_off(scripted: Page) -> None:
    scripted.goto("/errors/")
    scripted.keyboard.press("?")
    scripted.get_by_label("Keys without Ctrl are on").uncheck()
    scripted.keyboard.press("Escape")
    scripted.reload()

    scripted.keyboard.press("/")

    expect(scripted.locator("[data-paste] textarea")).not_to_be_focused()


def test_keys_are_letters_while_one_writes(scripted: Page) -> None:
    scripted.goto(f"/errors/{WITH_STATUS}/")
    scripted.keyboard.press("c")
    scripted.keyboard.type("/gej?")

    expect(scripted.get_by_label("Comment", exact=True)).to_have_value("/gej?")
    assert address(scripted) == f"/errors/{WITH_STATUS}/"


def test_copy_button_puts_the_whole_id_on_the_clipboard(scripted: Page) -> None:
    scripted.goto("/errors/?from=2026-07-02T07:00:00Z&to=2026-07-02T09:00:00Z&code=1300")
    row = scripted.locator("[data-rows] tbody tr", has=scripted.locator(f"[title='{WITH_STATUS}']"))
    row.get_by_role("button", name="Copy errorId").click()

    expect(scripted.locator("#toasts")).to_have_text("Copied")
    assert scripted.evaluate(CLIPBOARD) == WITH_STATUS


def test_words_for_the_customer_are_copied(scripted: Page) -> None:
    scripted.goto(f"/errors/{WITH_STATUS}/")
    scripted.get_by_role("button", name="Copy text").click()

    expect(scripted.locator("#toasts")).to_have_text("Copied")
    assert scripted.evaluate(CLIPBOARD) == scripted.locator("#say").inner_text()


def test_y_copies_the_link_of_the_page(scripted: Page) -> None:
    scripted.goto("/errors/?code=1001")
    scripted.keyboard.press("y")

    expect(scripted.locator("#toasts")).to_have_text("Link copied")
    assert scripted.evaluate(CLIPBOARD) == scripted.url


@pytest.mark.parametrize(
    "where",
    ["/", "/errors/?per_page=25&code=1001,1002", f"/errors/{CLIENT_DOCUMENT}/", "/codes/"],
)
def test_tab_reaches_everything_and_shows_where_it_is(scripted: Page, where: str) -> None:
    scripted.goto(where)
    scripted.wait_for_load_state("networkidle")  # parts of a list come after its rows
    count = scripted.evaluate(REMEMBER)
    times = scripted.locator("input[type='datetime-local']").count()

    for _ in range(count + times * PARTS_OF_A_TIME + 2):
        scripted.keyboard.press("Tab")

    assert count > 10
    assert scripted.evaluate(MISSED) == []
    assert scripted.evaluate(UNSEEN) == []
