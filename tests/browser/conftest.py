"""A filled portal, a browser, and pages that fail a test when something foreign runs on them."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from support_portal.bootstrap import browser as browsers
from tests.browser.records import fill
from tests.browser.steps import AGENT, PASSWORD, post
from tests.browser.watching import Watch
from tests.stack import Stack, stack, wait_until

REQUIRED = {word.strip() for word in os.environ.get("PORTAL_TEST_REQUIRE", "").split(",")}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PREPARE_DEMO = f"""
import django; django.setup()
from django.utils import timezone
from support_portal.operations import demo
demo.prepare(now=timezone.now(), password={PASSWORD!r}, token="demo-token", hook_key="demo-hook")
"""
PATIENCE = (
    20_000  # milliseconds; two browsers and four processes share the machine with other tests
)
OpenPage = Callable[..., Page]
Session = Callable[[str], StorageState]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


# The fixtures end with this folder: the loop that Playwright leaves running in the thread would
# keep Django from the database in tests that come later.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Return a Chromium; skip without one, or fail when it is called for."""
    path = browsers.find()
    if not path and "browser" in REQUIRED:
        pytest.fail("PORTAL_TEST_REQUIRE names browser, and no Chromium starts here")
    if not path:
        pytest.skip("no Chromium starts here; PORTAL_TEST_BROWSER may name one")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def portal(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return a running portal with the demo's beginning and several pages of further records."""
    with stack(tmp_path_factory.mktemp("browser"), database="sqlite") as made:
        made.run(PREPARE_DEMO)
        made.start_web()
        made.start_worker()
        made.start_beat()
        fill(made)
        wait_until(made.settled, seconds=30, what="an empty inbox")
        yield made


@pytest.fixture(scope="package")
def origin(portal: Stack) -> str:
    """Return the address of the portal, without a slash."""
    return f"http://127.0.0.1:{portal.port}"


@pytest.fixture(scope="package")
def session(browser: Browser, origin: str) -> Session:
    """Return a function that signs a person in, once for all tests, and returns the cookies."""
    states: dict[str, StorageState] = {}

    def sign_in(name: str) -> StorageState:
        context = browser.new_context(base_url=origin)
        context.request.get("/accounts/login/")
        assert post(context, "/accounts/login/", username=name, password=PASSWORD) == 302
        state = context.storage_state()
        context.close()
        return state

    def remembered(name: str) -> StorageState:
        if name not in states:
            states[name] = sign_in(name)
        return states[name]

    return remembered


@pytest.fixture
def watch(origin: str) -> Watch:
    """Return what notices foreign doings on the pages of this test."""
    return Watch(origin)


@pytest.fixture
def open_page(browser: Browser, origin: str, session: Session, watch: Watch) -> Iterator[OpenPage]:
    """Return a function that opens a watched page in a context of its own."""
    contexts: list[BrowserContext] = []

    def opened(name: str = AGENT, **options: Any) -> Page:
        state = session(name) if name else None
        chosen = {"reduced_motion": "reduce", "storage_state": state, **options}
        context = browser.new_context(base_url=origin, **chosen)
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert watch.noticed == []


@pytest.fixture(params=[True, False], ids=["scripted", "plain"])
def javascript(request: pytest.FixtureRequest) -> bool:
    """Tell whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def page(open_page: OpenPage, javascript: bool) -> Page:
    """Return a page signed in as an agent, with and without scripts."""
    return open_page(java_script_enabled=javascript)


@pytest.fixture
def scripted(open_page: OpenPage) -> Page:
    """Return a page signed in as an agent, where scripts run and the clipboard is open."""
    return open_page(permissions=["clipboard-read", "clipboard-write"])
