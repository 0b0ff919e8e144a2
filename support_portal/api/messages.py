"""One message with its receipts."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api import answers
from support_portal.api.auth import reads
from support_portal.api.parameters import id_of
from support_portal.events.models import DeliveryReceipt, ErrorEvent, Happening, Message
from support_portal.ingest.callers import Refused

RECEIPT_LIMIT = 1000
ERROR_LIMIT = 100
HAPPENING_LIMIT = 100


@reads
def detail(request: HttpRequest, reader: Admitted, umid: str) -> HttpResponse:
    """Return the message with its receipts, what happened around it, and errors that name it."""
    wanted = id_of(umid, "umid")
    message = Message.objects.visible_to(reader).filter(umid=wanted).first()
    if message is None:
        raise Refused(404, f"No receipt for the umid {wanted} has come in.")
    receipts = DeliveryReceipt.objects.visible_to(reader).of([wanted])[:RECEIPT_LIMIT]
    errors = ErrorEvent.objects.visible_to(reader).filter(umid=wanted).newest_first()[:ERROR_LIMIT]
    around = Happening.objects.visible_to(reader).around([wanted])[:HAPPENING_LIMIT]
    return JsonResponse(answers.message(message, receipts, errors, around))
