"""Uploading files: chosen or dropped, with and without scripts, and stopped halfway."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.steps import LEAD
from tests.ingest.sent import error

FILES = "/intake/files/"
DROP = """([zone, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  zone.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def lines(first: int) -> str:
    return "\n".join(json.dumps(error(first + number)) for number in range(3))


@pytest.fixture
def files(open_page: OpenPage, javascript: bool) -> Page:
    page = open_page(LEAD, java_script_enabled=javascript)
    page.goto(FILES)
    return page


def test_chosen_files_are_sent_and_recorded(files: Page, javascript: bool, tmp_path: Path) -> None:
    names = [f"chosen {number} {javascript}.ndjson" for number in (1, 2)]
    for number, name in enumerate(names):
        (tmp_path / name).write_text(lines(900_000 + 10 * number + 100 * javascript))
    files.get_by_label("Choose files").set_input_files([tmp_path / name for name in names])
    files.get_by_role("button", name="Upload").click()

    for name in names:
        row = files.get_by_role("row").filter(has_text=name)
        expect(row).to_be_visible()
        if javascript:
            expect(row).to_contain_text("recorded", timeout=20_000)


def test_a_dropped_file_is_sent(open_page: OpenPage) -> None:
    page = open_page(LEAD)
    page.goto(FILES)
    zone = page.locator("[data-drop]").element_handle()
    page.evaluate(DROP, [zone, "\u202edropped.ndjson", lines(950_000)])

    expect(page.locator("[data-uploads] [data-name]")).to_have_text("dropped.ndjson")
    expect(page.get_by_role("list", name="Uploads of this page")).to_contain_text(
        "It has arrived. How far it is read stands in the list below."
    )
    expect(page.get_by_role("row").filter(has_text="dropped.ndjson")).to_be_visible()


def test_an_upload_can_be_stopped(open_page: OpenPage) -> None:
    page = open_page(LEAD)
    page.goto(FILES)
    page.route("**/intake/files/", lambda route: None)  # the answer never comes
    zone = page.locator("[data-drop]").element_handle()
    page.evaluate(DROP, [zone, "stopped.ndjson", lines(960_000)])
    page.get_by_role("button", name="Stop").click()

    expect(page.get_by_role("list", name="Uploads of this page")).to_contain_text(
        "Stopped. Nothing of it was taken."
    )


def test_a_table_is_taken_after_its_columns_were_confirmed(
    files: Page, javascript: bool, tmp_path: Path
) -> None:
    report = tmp_path / f"report {javascript}.csv"
    umid = f"9f4b5bb0-a414-4aed-8e6d-b48d0087b2{int(javascript):02}"
    report.write_text(f"Message,How,When\n{umid},sent,2026-07-20T08:14:09Z\n")
    files.get_by_label("Choose files").set_input_files(report)
    files.get_by_role("button", name="Upload").click()
    if javascript:
        files.get_by_role("link", name="Open").click()

    expect(files.get_by_label("How")).to_have_value("status_value")
    files.get_by_label("Message").select_option("umid")
    files.get_by_role("button", name="Take it with these columns").click()

    expect(files.get_by_role("heading", name=report.name)).to_be_visible()
    expect(files.get_by_role("button", name="Take it with these columns")).to_have_count(0)
