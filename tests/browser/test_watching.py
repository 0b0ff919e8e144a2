"""The watch notices what it is there for; otherwise the other tests would prove little."""

import pytest
from playwright.sync_api import Browser

from tests.browser.watching import Watch

RUNS = {
    "alert": ("alert('hello')", ["dialog: alert hello"]),
    "page_error": ("setTimeout(() => { throw new Error('broken') })", ["page error: broken"]),
    "console": ("console.error('unwell')", ["console error: unwell ()"]),
}
INLINE_SCRIPT = """
const script = document.createElement("script");
script.textContent = "alert('injected')";
document.body.append(script);
"""
FOREIGN_IMAGE = "document.body.append(Object.assign(new Image(), {src: 'http://192.0.2.1/x.png'}))"


@pytest.mark.parametrize("name", RUNS)
def test_what_runs_on_a_page_is_noticed(browser: Browser, name: str) -> None:
    script, expected = RUNS[name]

    assert _noticed(browser, "", script) == expected


def test_inline_script_is_blocked_and_noticed(browser: Browser, origin: str) -> None:
    noticed = _noticed(browser, origin, INLINE_SCRIPT)

    assert [line for line in noticed if "CSP: script-src-elem inline" in line]
    assert not [line for line in noticed if line.startswith("dialog")]


def test_foreign_image_is_blocked_and_noticed(browser: Browser, origin: str) -> None:
    noticed = _noticed(browser, origin, FOREIGN_IMAGE)

    assert [line for line in noticed if "CSP: img-src http://192.0.2.1/x.png" in line]


def test_foreign_request_is_noticed(browser: Browser, origin: str) -> None:
    noticed = _noticed(browser, origin, "0", elsewhere="http://192.0.2.1/")

    assert "foreign request: http://192.0.2.1/" in noticed


def _noticed(browser: Browser, origin: str, script: str, *, elsewhere: str = "") -> list[str]:
    """Run ``script`` on the sign-in page, or on an empty one, and return what was noticed."""
    watch = Watch(origin)
    context = browser.new_context()
    watch.over(context)
    page = context.new_page()
    page.goto(f"{origin}/accounts/login/" if origin else "about:blank")
    page.evaluate(f"() => {{ {script} }}")
    if elsewhere:
        context.route(elsewhere, lambda route: route.fulfill(body="elsewhere"))
        page.goto(elsewhere)
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    context.close()
    return watch.noticed
