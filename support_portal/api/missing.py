"""Addresses below /api/ that do not exist."""

from django.http import HttpRequest, HttpResponse

from support_portal.api.parameters import SHOWN
from support_portal.ingest.callers import Refused, for_machines


@for_machines
def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """Say so in the language of machines; a page would be of no use to them."""
    raise Refused(404, f"There is nothing at {request.path[:SHOWN]!r}.")
