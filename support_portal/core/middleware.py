"""Middleware that knows no word of the domain."""

import random
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from support_portal.core.logs import request_id

Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Name each request, so that a person can quote it and a log line can be found."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Set ``request.id`` and send it back in ``X-Request-ID``."""
        name = f"r-{random.getrandbits(32):08x}"
        token = request_id.set(name)
        request.id = name  # read by the shell and by error pages
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = name
        return response


class TimeZoneMiddleware:
    """Show times in the zone of the person who asks."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the user's zone for this request."""
        name = getattr(request.user, "time_zone", "") or "UTC"
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
