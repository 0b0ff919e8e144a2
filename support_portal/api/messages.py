"""One message with its receipts."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api.auth import reads
from support_portal.api.parameters import id_of
from support_portal.ingest.callers import Refused
from support_portal.lookup.records import message_answer


@reads
def detail(request: HttpRequest, reader: Admitted, umid: str) -> HttpResponse:
    """Return the message with its receipts, what happened around it, and errors that name it."""
    wanted = id_of(umid, "umid")
    answer = message_answer(wanted, reader)
    if answer is None:
        raise Refused(404, f"No receipt for the umid {wanted} has come in.")
    return JsonResponse(answer)
