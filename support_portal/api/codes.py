"""One reason code."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api.auth import reads
from support_portal.api.parameters import SHOWN, number_of
from support_portal.ingest.callers import Refused
from support_portal.lookup import answers
from support_portal.reason_codes import registries


@reads
def detail(request: HttpRequest, _reader: Admitted, registry: str, code: str) -> HttpResponse:
    """Return what a registry says about a code; an unlisted one is told as not known."""
    if registry not in registries():
        known = ", ".join(registries())
        raise Refused(404, f"There is no registry {registry[:SHOWN]!r}. There are: {known}.")
    return JsonResponse(answers.code(registry, number_of(code)))
