"""Notices what must never happen on a page, whatever a test looks at."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Request,
    Response,
    WebError,
)

TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""
REFUSED = "Failed to load resource"
OWN_SCHEMES = ("data", "blob")


@dataclass
class Watch:
    """What was noticed in the contexts that are watched."""

    origin: str
    noticed: list[str] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of ``context``."""
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("dialog", self._dismiss)
        context.on("request", self._follow)
        context.on("response", self._weigh)

    def expect_refusal(self, path: str) -> None:
        """Take no notice when the portal answers ``path`` with a status of 400 to 499."""
        self.refusals.add(path)

    def _hear(self, message: ConsoleMessage) -> None:
        where = urlsplit(message.location["url"]).path
        refused = message.text.startswith(REFUSED) and where in self.refusals
        if message.type in ("error", "warning") and not refused:
            self.noticed.append(f"console {message.type}: {message.text} ({where})")

    def _catch(self, error: WebError) -> None:
        self.noticed.append(f"page error: {error.error}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.noticed.append(f"dialog: {dialog.type} {dialog.message}")
        dialog.dismiss()

    def _follow(self, request: Request) -> None:
        address = urlsplit(request.url)
        own = request.url.startswith(f"{self.origin}/") or address.scheme in OWN_SCHEMES
        if not own:
            self.noticed.append(f"foreign request: {request.url}")

    def _weigh(self, response: Response) -> None:
        if response.status >= 500:
            self.noticed.append(f"answer {response.status}: {response.url}")
