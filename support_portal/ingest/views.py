"""The two doors: our own services post to one, 8x8 posts to the other."""

import hmac

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from support_portal.accounts import secrets
from support_portal.accounts.models import ApiToken, HookKey
from support_portal.core.problems import problem
from support_portal.ingest.bodies import Refused, has_text, read_body
from support_portal.ingest.doorbell import doorbell
from support_portal.ingest.models import Source
from support_portal.ingest.services import receive

BEARER = "bearer "
MEDIA_TYPES = ("application/", "text/")
RETRY_SECONDS = "5"


@csrf_exempt
@login_not_required
def events(request: HttpRequest) -> HttpResponse:
    """Keep events of our own services: one object, an array, or NDJSON."""
    if request.method != "POST":
        return _post_only()
    token = _token(request)
    if token is None:
        answer = problem(401, "Send 'Authorization: Bearer <token>' with a token that is alive.")
        answer["WWW-Authenticate"] = 'Bearer realm="support portal"'
        return answer
    if not token.may("events:write"):
        return problem(403, "This token may not send events; it lacks the scope events:write.")
    media_type = request.content_type or ""  # none said: the body is looked at anyway
    if media_type and not media_type.startswith(MEDIA_TYPES):
        return problem(415, f"{media_type[:60]} is no text; send JSON or NDJSON.")
    return _keep(request, source=Source.API, sender=token.name, status=202)


@csrf_exempt
@login_not_required
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """Keep whatever 8x8 posts: a refusal would be repeated four times and then lost."""
    if request.method != "POST":
        return _post_only()
    known = HookKey.objects.authenticate(key)
    if known is None or not _authorized(request, known):
        return problem(401, "This webhook address or its Authorization value is not known.")
    return _keep(request, source=Source.HOOK, sender=known.name, status=200)


def _keep(request: HttpRequest, *, source: Source, sender: str, status: int) -> HttpResponse:
    try:
        body = read_body(request)
    except Refused as refusal:
        return problem(refusal.status, refusal.detail)
    if source == Source.API and not has_text(body):
        return problem(400, "The body holds no text: send JSON or NDJSON in UTF-8.")
    try:
        delivery = receive(
            body, source=source, sender=sender, content_type=request.content_type or ""
        )
    except OperationalError:
        # Disk full, locked or away: say so now, before anything is promised.
        answer = problem(503, "Nothing was kept: the database does not take writes now.")
        answer["Retry-After"] = RETRY_SECONDS
        return answer
    doorbell.ring()
    return JsonResponse({"delivery": str(delivery.id)}, status=status)


def _post_only() -> HttpResponse:
    answer = problem(405, "Only POST is taken here.")
    answer["Allow"] = "POST"
    return answer


def _token(request: HttpRequest) -> ApiToken | None:
    value = request.headers.get("Authorization", "")
    if not value.lower().startswith(BEARER):
        return None
    token: ApiToken | None = ApiToken.objects.authenticate(value[len(BEARER) :].strip())
    return token


def _authorized(request: HttpRequest, key: HookKey) -> bool:
    agreed = bytes(key.authorization_digest)
    if not agreed:
        return True
    return hmac.compare_digest(secrets.digest(request.headers.get("Authorization", "")), agreed)
