"""The two doors: our own services post to one, 8x8 posts to the other."""

from django.http import HttpResponse

from support_portal.accounts.admission import Admitted, admit_hook
from support_portal.accounts.usage import ledger
from support_portal.ingest.bodies import has_text, read_body
from support_portal.ingest.callers import Refused, admit, for_machines, require_method
from support_portal.ingest.calls import Asked
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.limits import gate
from support_portal.ingest.models import Source
from support_portal.ingest.services import receive

SCOPE = "events:write"
MEDIA_TYPES = ("application/", "text/")


@for_machines
def events(request: Asked) -> HttpResponse:
    """Keep events of our own services: one object, an array, or NDJSON."""
    require_method(request, "POST")
    token = admit(request, SCOPE)
    gate.check()
    kind = request.content_type or ""
    if kind and not kind.startswith(MEDIA_TYPES):
        raise Refused(415, f"{kind[:60]} is no text; send JSON or NDJSON.")
    body = read_body(request)
    if not has_text(body):
        raise Refused(400, "The body holds no text: send JSON or NDJSON in UTF-8.")
    return _keep(request, body, token, source=Source.API, status=202)


@for_machines
def hook(request: Asked, key: str) -> HttpResponse:
    """Keep whatever 8x8 posts: a refusal would be repeated four times and then lost."""
    require_method(request, "POST")
    known = admit_hook(key, request.headers.get("Authorization", ""))
    if known is None:
        raise Refused(401, "This webhook address or its Authorization value is not known.")
    gate.check()
    ledger.enter(known)
    body = read_body(request)
    return _keep(request, body, known, source=Source.HOOK, status=200)


def _keep(
    request: Asked, body: bytes, sender: Admitted, *, source: Source, status: int
) -> HttpResponse:
    ledger.weigh(sender, len(body))
    delivery = receive(
        body,
        source=source,
        sender=sender.name,
        token_id=sender.id if source == Source.API else None,
        content_type=request.content_type or "",
    )
    doorbell.ring()
    told = f'{{"delivery": "{delivery.id}"}}'
    return HttpResponse(told, status=status, content_type="application/json")
