"""Who may read: tokens with the scope ``records:read``.

A token sees everything, or only its sub-accounts and what names none, as staff do.
"""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from support_portal.ingest.callers import View, admit, for_machines, require_method

SCOPE = "records:read"


def readers_only(view: View, *methods: str) -> View:
    """Answer calls of ``methods`` that carry a token with the right to read; the view gets it too."""

    @for_machines
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require_method(request, *methods)
        reader = admit(request, SCOPE)
        return view(request, reader, *args, **kwargs)

    return answer


def reads(view: View) -> View:
    """Answer GET and HEAD for tokens with the right to read."""
    return readers_only(view, "GET", "HEAD")


def asks(view: View) -> View:
    """Answer POST, where a question is too long for an address, for tokens that may read."""
    return readers_only(view, "POST")
