"""The two doors in front of the site: what comes for them goes past everything made for people.

Sessions, cookies, redirects and the table of addresses cost more than keeping a webhook does.  The
same views answer under the site too (``ingest.urls``), so there is one way in either case.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from support_portal.core.connections import drop_broken
from support_portal.core.middleware import RequestIdMiddleware
from support_portal.ingest import views
from support_portal.ingest.calls import Call

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, Any], Any]  # Django and the web server type these differently
Answer = Callable[[Call], HttpResponse]
EVENTS = "/api/v1/events"
HOOKS = "/hooks/8x8/"


def in_front_of(site: Application) -> Application:
    """Return an application that answers at the doors itself and leaves the rest to ``site``."""

    def application(environ: Environ, start_response: StartResponse) -> Any:
        answer = _door(environ["PATH_INFO"])
        try:
            if answer is None or environ.get("SCRIPT_NAME"):
                return site(environ, start_response)
            response = RequestIdMiddleware(answer)(Call(environ))
        finally:
            # A restart of the database would shut the door; Django takes every file for usable.
            drop_broken()
        response["Content-Length"] = str(len(response.content))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    return application


def _door(path: str) -> Answer | None:
    if path == EVENTS:
        return views.events
    if not path.startswith(HOOKS):
        return None
    key = path[len(HOOKS) :].removesuffix("/")
    return None if not key or "/" in key else lambda call: views.hook(call, key)
