"""What became of a delivery."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api.auth import SCOPE
from support_portal.api.parameters import id_of
from support_portal.ingest import reports
from support_portal.ingest.callers import Refused, admit, for_machines, require_method
from support_portal.ingest.models import Delivery
from support_portal.lookup import answers

QUARANTINE_LIMIT = 1000  # items an answer; the next ones have an address
SENDS = "events:write"


@for_machines
def detail(request: HttpRequest, delivery: str) -> HttpResponse:
    """Return whether the delivery still waits, what was recorded, and what was set aside."""
    require_method(request, "GET", "HEAD")
    asking, everything = _admitted(request)
    wanted = id_of(delivery, "delivery")
    # The body may be large and is not told.
    kept = Delivery.objects.defer("body").filter(id=wanted).first()
    # What was sent by others may be of any sub-account.
    if kept is None or not (everything or kept.token_id == asking.id):
        raise Refused(404, f"There is no delivery {wanted}; old ones are removed after a time.")
    entries = reports.set_aside(kept)
    if (after := _after(request)) is not None:
        entries = entries.filter(position__gt=after)
    page = list(entries[: QUARANTINE_LIMIT + 1])
    return JsonResponse(
        answers.delivery(
            kept,
            page[:QUARANTINE_LIMIT],
            more=len(page) > QUARANTINE_LIMIT,
            by_rule=reports.ignored_by_rule(wanted) if kept.ignored else {},
            before=reports.before(kept) if kept.drained_at is None else None,
        )
    )


def _admitted(request: HttpRequest) -> tuple[Admitted, bool]:
    """Return who asks, and whether it may see what others sent.

    A sender may always ask after its own deliveries: it was promised that they are kept.
    """
    try:
        reader = admit(request, SCOPE)
    except Refused as refusal:
        if refusal.status != 403:
            raise
        return admit(request, SENDS), False
    return reader, reader.sub_accounts is None


def _after(request: HttpRequest) -> int | None:
    """Return the position that the page begins behind; None for the first page."""
    text = request.GET.get("after", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(400, "'after' is the position of an item, a whole number.")
    return int(text)
