"""Machines that call: admitted by token and scope, and told what is wrong in problem+json."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from support_portal.accounts.admission import Admitted, admit_token
from support_portal.accounts.usage import ledger
from support_portal.core.problems import problem
from support_portal.ingest.calls import Asked

View = Callable[..., HttpResponse]
BEARER = "bearer "
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="support portal"'}
RETRY = {"Retry-After": "5"}


class Refused(Exception):
    """The call is not answered as asked; ``status`` is the HTTP status that says so."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def for_machines(view: View) -> View:
    """Open ``view`` to callers without a session, and turn refusals into problem+json."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def answer(request: Asked, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            return _told(refusal)
        except (OperationalError, InterfaceError):
            # Disk full, locked or away: say so now, before anything is promised.
            return _told(Refused(503, "The database does not answer, so nothing was done.", RETRY))

    return answer


def require_method(request: Asked, *methods: str) -> None:
    """Refuse every other method."""
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise Refused(405, f"Only {allowed} is taken here.", {"Allow": allowed})


def admit(request: Asked, scope: str) -> Admitted:
    """Return the token that calls; Refused when there is none alive or it lacks ``scope``."""
    value = request.headers.get("Authorization", "")
    token: Admitted | None = None
    if value.lower().startswith(BEARER):
        token = admit_token(value[len(BEARER) :].strip())
    if token is None:
        detail = "Send 'Authorization: Bearer <token>' with a token that is alive."
        raise Refused(401, detail, CHALLENGE)
    if not token.may(scope):
        raise Refused(403, f"This token lacks the scope {scope}.")
    _count(token)
    return token


def _count(token: Admitted) -> None:
    """Refuse a call that goes over the quota of its token."""
    if over := ledger.enter(token):
        detail = f"This token may send {over.limit:,} {over.unit} a minute, and these are used up."
        raise Refused(429, detail, {"Retry-After": str(over.seconds)})


def _told(refusal: Refused) -> HttpResponse:
    answer = problem(refusal.status, refusal.detail)
    for name, value in refusal.headers.items():
        answer[name] = value
    return answer
