"""One API error."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api import answers
from support_portal.api.auth import reads
from support_portal.api.parameters import id_of
from support_portal.events.models import ErrorEvent, ErrorVariant
from support_portal.ingest.callers import Refused

VARIANT_LIMIT = 100


@reads
def detail(request: HttpRequest, reader: Admitted, error_id: str) -> HttpResponse:
    """Return the error with this errorId, decoded."""
    wanted = id_of(error_id, "errorId")
    event = ErrorEvent.objects.visible_to(reader).filter(error_id=wanted).first()
    if event is None:
        raise Refused(404, f"No error with the errorId {wanted} has come in.")
    variants = ErrorVariant.objects.filter(error_id=wanted).order_by("received_at", "digest")
    return JsonResponse(answers.error(event, variants[:VARIANT_LIMIT]))
