"""The two doors: our own services post to one, 8x8 posts to the other."""

import hmac

from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts import secrets
from support_portal.accounts.models import HookKey
from support_portal.ingest.bodies import has_text, read_body
from support_portal.ingest.callers import Refused, admit, for_machines, require_method
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.models import Delivery, Source
from support_portal.ingest.services import receive

SCOPE = "events:write"
MEDIA_TYPES = ("application/", "text/")


@for_machines
def events(request: HttpRequest) -> HttpResponse:
    """Keep events of our own services: one object, an array, or NDJSON."""
    require_method(request, "POST")
    token = admit(request, SCOPE)
    kind = request.content_type or ""
    if kind and not kind.startswith(MEDIA_TYPES):
        raise Refused(415, f"{kind[:60]} is no text; send JSON or NDJSON.")
    body = read_body(request)
    if not has_text(body):
        raise Refused(400, "The body holds no text: send JSON or NDJSON in UTF-8.")
    delivery = _keep(request, body, source=Source.API, sender=token.name)
    return JsonResponse({"delivery": str(delivery.id)}, status=202)


@for_machines
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """Keep whatever 8x8 posts: a refusal would be repeated four times and then lost."""
    require_method(request, "POST")
    known = HookKey.objects.authenticate(key)
    if known is None or not _authorized(request, known):
        raise Refused(401, "This webhook address or its Authorization value is not known.")
    body = read_body(request)
    delivery = _keep(request, body, source=Source.HOOK, sender=known.name)
    return JsonResponse({"delivery": str(delivery.id)})


def _keep(request: HttpRequest, body: bytes, *, source: Source, sender: str) -> Delivery:
    kind = request.content_type or ""
    delivery = receive(body, source=source, sender=sender, content_type=kind)
    doorbell.ring()
    return delivery


def _authorized(request: HttpRequest, key: HookKey) -> bool:
    agreed = bytes(key.authorization_digest)
    if not agreed:
        return True
    return hmac.compare_digest(secrets.digest(request.headers.get("Authorization", "")), agreed)
