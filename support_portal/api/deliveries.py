"""What became of a delivery."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api import answers
from support_portal.api.auth import reads
from support_portal.api.parameters import id_of
from support_portal.ingest.callers import Refused
from support_portal.ingest.models import Delivery, QuarantineEntry

QUARANTINE_LIMIT = 1000


@reads
def detail(request: HttpRequest, reader: Admitted, delivery: str) -> HttpResponse:
    """Return whether the delivery still waits, what was recorded, and what was set aside."""
    wanted = id_of(delivery, "delivery")
    # The body may be large and is not told.
    kept = Delivery.objects.defer("body").filter(id=wanted).first()
    # What was sent by others may be of any sub-account.
    if kept is None or (reader.sub_accounts is not None and kept.token_id != reader.id):
        raise Refused(404, f"There is no delivery {wanted}; old ones are removed after a time.")
    entries = QuarantineEntry.objects.filter(delivery_id=wanted).defer("body")
    return JsonResponse(answers.delivery(kept, entries.order_by("position")[:QUARANTINE_LIMIT]))
