"""Files that are saved and never shown, whatever somebody called them."""

import re
from typing import TypeVar

from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

# What a file may not be called: no control characters, no way out of a folder.
_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069/\\:"<>|?*]'
)
R = TypeVar("R", bound=HttpResponseBase)


def safe_name(name: str) -> str:
    """Return a name of others as a file may be called."""
    return _UNSAFE.sub("_", name)


def downloaded(response: R, name: str) -> R:
    """Let browsers save an answer under a name, and not guess what it is."""
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
