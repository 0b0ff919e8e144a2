"""Alive, and able to serve."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from support_portal.ingest.limits import gate
from support_portal.ingest.listening.selectors import deaf_since, signs
from support_portal.ingest.selectors import intake_status


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer while the process lives; touches nothing else."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the portal serves, takes things in and is not behind, else 503 and why."""
    try:
        connection.ensure_connection()
        status = intake_status()
        full = gate.standing().full
        deaf = deaf_since(signs(timezone.now()))
    except DatabaseError:
        return JsonResponse({"ready": False, "reason": "the database does not answer"}, status=503)
    reason = ""
    if full:
        reason = f"nothing is taken in: {full.sentence}"
    elif deaf:
        reason = f"nothing can be written since {deaf.isoformat()}"
    elif status.late:
        reason = "the inbox is behind: is the worker running?"
    return JsonResponse(
        {
            "ready": not reason,
            "reason": reason,
            "pending": status.pending,
            "lag_seconds": round(status.lag_seconds, 3),
            "quarantined": status.quarantined,
        },
        status=503 if reason else 200,
    )
