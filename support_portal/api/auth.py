"""Who may call: tokens with the scope that the call asks for.

A token sees everything, or only its sub-accounts and what names none, as staff do.
"""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from support_portal.ingest.callers import View, admit, for_machines, require_method

SCOPE = "records:read"


def callers_only(view: View, scope: str, *methods: str) -> View:
    """Answer calls of ``methods`` that carry a token with the right to do this; the view gets it too."""

    @for_machines
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_method(request, *methods)
        caller = admit(request, scope)
        return view(request, caller, *args, **kwargs)

    return answer


def reads(view: View) -> View:
    """Answer GET and HEAD for tokens with the right to read records."""
    return callers_only(view, SCOPE, "GET", "HEAD")


def asks(view: View) -> View:
    """Answer POST, where a question is too long for an address, for tokens that may read."""
    return callers_only(view, SCOPE, "POST")
