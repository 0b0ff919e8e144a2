"""What a list does in the hands of somebody: rows are ticked, ranges dragged, columns chosen."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.records import Sender, api_error, new_id
from tests.browser.steps import address, row_ids
from tests.stack import Stack, wait_until

BOXES = "input[name=row]"
PILL = "[data-newer]"
BARS = ".histogram svg[data-brush]"
NOW = "() => document.dispatchEvent(new Event('visibilitychange'))"  # asks without its ten seconds

LISTS = [
    "/errors/",
    "/errors/?code=1300&last=7d",
    "/errors/?http=4xx",
    "/messages/",
    "/errors/by-code/",
]
MOST_SHIFT = 0.05  # half of what browsers call good
SHIFTS = """() => new Promise((resolve) => {
  const told = (entry) => ({value: entry.value, moved: entry.sources.map(
    ({node, previousRect, currentRect}) =>
      `${node?.outerHTML?.slice(0, 80)} ${previousRect.top} to ${currentRect.top}`)});
  new PerformanceObserver((list) => resolve(list.getEntries().map(told)))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve([]), 500);  // there were none
})"""


def test_shift_ticks_all_rows_from_the_last_one_on(scripted: Page) -> None:
    scripted.goto("/errors/?per_page=25")
    boxes = scripted.locator(BOXES)

    boxes.nth(2).click()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(scripted.locator("[data-chosen]")).to_have_text("5 selected")
    boxes.nth(4).click(modifiers=["Shift"])  # takes away from there to the last one
    expect(scripted.locator("[data-chosen]")).to_have_text("2 selected")

    assert [place for place in range(8) if boxes.nth(place).is_checked()] == [2, 3]


def test_rows_stay_ticked_from_page_to_page_and_all_are_meant_by_their_number(
    scripted: Page, portal: Stack
) -> None:
    scripted.goto("/errors/?per_page=25")
    ticked = row_ids(scripted)[:2]
    for key in "jxjx":
        scripted.keyboard.press(key)
    scripted.keyboard.press("]")
    expect(scripted.locator("[data-key='[']")).to_be_visible()
    scripted.locator(BOXES).first.click()

    expect(scripted.locator("[data-chosen]")).to_have_text("3 selected")
    expect(scripted.locator("[data-elsewhere]")).to_have_text("2 on other pages")
    ((held,),) = portal.database.query("SELECT count(*) FROM events_errorevent")
    expect(scripted.locator("#selection .tick")).to_contain_text(f"All {held:,} of this filter")
    scripted.keyboard.press("[")
    expect(scripted.locator("[data-key='[']")).to_have_count(0)
    values = [box.get_attribute("value") for box in scripted.locator(f"{BOXES}:checked").all()]
    assert values == ticked


def test_dragging_over_the_bars_chooses_their_range(scripted: Page) -> None:
    scripted.goto("/errors/")
    bars = scripted.locator(BARS)
    expect(bars).to_be_visible()
    box = bars.bounding_box()
    assert box is not None

    scripted.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    scripted.mouse.down()
    scripted.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20, steps=5)
    scripted.mouse.up()

    expect(scripted.locator("#browse .chip", has_text="From")).to_be_visible()
    expect(scripted.locator("#browse .chip", has_text="To")).to_be_visible()
    assert "from=" in address(scripted)
    assert "to=" in address(scripted)


def test_the_bars_as_a_table_leave_the_rows_within_reach(scripted: Page) -> None:
    scripted.set_viewport_size({"width": 1280, "height": 200})
    scripted.goto("/errors/?last=24h")

    scripted.locator("#histogram summary").click()
    table = scripted.get_by_role("region", name="The bars as a table")
    expect(table).to_be_visible()

    assert table.evaluate(
        "each => each.offsetHeight <= innerHeight / 2 && each.offsetHeight < each.scrollHeight"
    )


def test_a_phone_shows_what_is_known_beside_a_row(scripted: Page) -> None:
    scripted.set_viewport_size({"width": 390, "height": 844})
    scripted.goto("/errors/?has=comments")
    row = scripted.locator("tbody tr", has=scripted.locator(BOXES)).first
    note, meaning = row.locator(".state[title*=comment]"), row.locator("td.grow")

    expect(note).to_be_visible()

    above, below = meaning.bounding_box(), note.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] >= above["y"] + above["height"]


def test_new_rows_are_told_and_do_not_move_the_others(scripted: Page, portal: Stack) -> None:
    error_id = new_id()
    scripted.goto("/errors/?per_page=25")
    before = row_ids(scripted)
    expect(scripted.locator(PILL)).to_be_hidden()

    Sender(portal.port).send(api_error(error_id, at=datetime.now(tz=UTC)))
    wait_until(lambda: scripted.request.get(f"/errors/{error_id}/").ok, seconds=10, what=error_id)
    scripted.evaluate(NOW)
    expect(scripted.locator(PILL)).to_have_text("1 new")
    assert row_ids(scripted) == before
    scripted.locator(PILL).click()

    expect(scripted.locator("[data-rows] tbody tr").first).to_contain_text(error_id[:8])


def test_the_focus_stays_where_it_sorts_and_pages(scripted: Page) -> None:
    scripted.goto("/errors/?per_page=25")

    for link in ("#sort-code", "#page-older", "#page-older"):
        scripted.locator(link).focus()
        before = address(scripted)
        scripted.keyboard.press("Enter")
        scripted.wait_for_function(
            "before => location.pathname + location.search !== before", arg=before
        )
        expect(scripted.locator(link)).to_be_focused()


def test_a_wide_table_keeps_its_head_in_sight(scripted: Page) -> None:
    columns = "time,error_id,code,meaning,whose,sub_account,country,notes,channel,recipient,http"
    scripted.goto(f"/errors/?columns={columns}")
    table = scripted.locator(".scroll:has(> table[data-rows])")

    table.evaluate("each => { each.scrollIntoView({block: 'end'}); each.scrollTo(0, 500); }")

    expect(table.locator("thead th").nth(1)).to_be_in_viewport()
    moved = table.evaluate("each => each.querySelector('th').getBoundingClientRect().top"
                           " - each.getBoundingClientRect().top")  # fmt: skip
    assert moved < 2
    scripted.goto("/errors/?columns=usual")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=["phone", "desk"])
def test_what_comes_after_the_rows_moves_nothing(
    open_page: OpenPage, size: tuple[int, int], path: str
) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]})
    page.goto(path)
    expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    page.wait_for_load_state("networkidle")

    shifts = page.evaluate(SHIFTS)
    assert sum(shift["value"] for shift in shifts) < MOST_SHIFT, shifts
