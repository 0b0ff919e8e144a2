"""One API error."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api.auth import reads
from support_portal.api.parameters import id_of
from support_portal.ingest.callers import Refused
from support_portal.lookup.records import error_answer


@reads
def detail(request: HttpRequest, reader: Admitted, error_id: str) -> HttpResponse:
    """Return the error with this errorId, decoded."""
    wanted = id_of(error_id, "errorId")
    answer = error_answer(wanted, reader)
    if answer is None:
        raise Refused(404, f"No error with the errorId {wanted} has come in.")
    return JsonResponse(answer)
