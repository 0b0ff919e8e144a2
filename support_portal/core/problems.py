"""Errors of the JSON API: RFC 9457 problem details."""

from typing import Any

from django.http import JsonResponse

TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Not to be done",
    429: "Too many requests",
    503: "Not available now",
}


def problem(status: int, detail: str, **extra: Any) -> JsonResponse:
    """Return a problem+json answer that says what is wrong in ``detail``."""
    body = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail}
    return JsonResponse(body | extra, status=status, content_type="application/problem+json")
