"""What people do on a page, in one word each."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

PASSWORD = "a password for all of the demo"
AGENT, LEAD, VIEWER = "agent", "lead", "viewer"
IDS = "elements => elements.map(element => element.title)"


def fill_sign_in(page: Page, name: str, password: str) -> None:
    """Fill in the form of the sign-in page and send it."""
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def look_up(page: Page, text: str) -> None:
    """Paste ``text`` into the large field of the start page and look it up."""
    page.goto("/")
    page.get_by_label("Paste an errorId").fill(text)
    page.locator("main").get_by_role("button", name="Look up").click()


def go(page: Page, link: Locator) -> None:
    """Follow ``link`` and wait for the page or the part of it that comes."""
    before = page.url
    link.click()
    page.wait_for_url(lambda url: url != before)


def address(page: Page) -> str:
    """Return path and query of the page."""
    parts = urlsplit(page.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def row_ids(page: Page) -> list[str]:
    """Return the ids in the rows of the table, in order."""
    ids: list[str] = page.locator("[data-rows] tbody .id > a").evaluate_all(IDS)
    return ids


def codes(page: Page) -> list[str]:
    """Return the codes in the rows of the table, each with its table, in order."""
    return page.locator("[data-rows] tbody tr > td:nth-child(4) .plate").all_text_contents()


def post(context: BrowserContext, path: str, **fields: str | float | bool) -> int:
    """Post a form that no page has to offer, and return the status of the answer."""
    tokens = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken"]
    form = {"csrfmiddlewaretoken": tokens[0], **fields}
    return context.request.post(path, form=form, max_redirects=0).status
