"""Who may do what: what a page offers, and what the server takes."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.records import WITH_STATUS
from tests.browser.steps import AGENT, LEAD, VIEWER, post
from tests.stack import Stack

COMMENTS = f"/errors/{WITH_STATUS}/comments/"
REPLAY = "/intake/quarantine/replay"


def test_viewer_reads_comments_and_cannot_write_any(
    open_page: OpenPage, javascript: bool, portal: Stack
) -> None:
    page = open_page(VIEWER, java_script_enabled=javascript)
    page.goto(f"/errors/{WITH_STATUS}/")
    before = portal.count("comments_comment")

    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    expect(page.locator("#comments textarea, [href='#id_body']")).to_have_count(0)
    assert post(page.context, COMMENTS, body="written all the same") == 403
    assert portal.count("comments_comment") == before


@pytest.mark.parametrize("where", ["/intake/", "/intake/quarantine/"])
@pytest.mark.parametrize("name", [AGENT, VIEWER])
def test_only_leads_are_offered_a_replay(open_page: OpenPage, name: str, where: str) -> None:
    page = open_page(name)
    page.goto(where)

    expect(page.get_by_role("main")).to_contain_text("No errorId")
    expect(page.get_by_role("button", name="Replay")).to_have_count(0)
    assert post(page.context, REPLAY, all="yes") == 403


def test_lead_replays_what_was_not_understood(open_page: OpenPage, javascript: bool) -> None:
    page = open_page(LEAD, java_script_enabled=javascript)
    page.goto("/intake/")
    page.get_by_role("listitem").filter(has_text="No errorId").get_by_role("button").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Replay “No errorId”")
    expect(page.locator(".facts > div", has_text="Still not")).to_contain_text("1")


def test_team_sees_the_sub_accounts_it_looks_after_and_no_others(open_page: OpenPage) -> None:
    page = open_page("layla")

    page.goto("/messages/")
    shown = set(page.locator("[data-rows] bdi.clip").all_inner_texts())
    answer = page.request.get(f"/errors/{WITH_STATUS}/")

    assert shown
    assert shown <= {"northwind_id_lastmile", "northwind_my_depots"}
    assert answer.status == 404
