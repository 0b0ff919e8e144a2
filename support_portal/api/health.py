"""Alive, and able to serve."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.ingest.callers import for_machines, require_method
from support_portal.ingest.limits import gate
from support_portal.ingest.listening.selectors import deaf_since, signs
from support_portal.ingest.listening.services import database_now
from support_portal.ingest.selectors import intake_status
from support_portal.lookup.shapes import ReadyAnswer


@for_machines
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer while the process lives; touches nothing else."""
    require_method(request, "GET", "HEAD")
    return HttpResponse("alive\n", content_type="text/plain")


@for_machines
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the portal serves, takes things in and is not behind, else 503 and why."""
    require_method(request, "GET", "HEAD")
    try:
        connection.ensure_connection()
        status = intake_status()
        full = gate.standing().full
        deaf = deaf_since(signs(database_now()))
    except DatabaseError:
        absent: ReadyAnswer = {"ready": False, "reason": "the database does not answer"}
        return JsonResponse(absent, status=503)
    reason = ""
    if full:
        reason = f"nothing is taken in: {full.sentence}"
    elif deaf:
        reason = f"nothing can be written since {deaf.isoformat()}"
    elif status.late:
        reason = "the inbox is behind: is the worker running?"
    answer: ReadyAnswer = {
        "ready": not reason,
        "reason": reason,
        "pending": status.pending,
        "lag_seconds": round(status.lag_seconds, 3),
        "quarantined": status.quarantined,
    }
    return JsonResponse(answer, status=503 if reason else 200)
