"""Why items were not understood: words for the reasons, and how many wait for each."""

from typing import Any

from django.db.models import Max, Sum

from support_portal.ingest.quarantine_models import QuarantineGroup

REASONS = {
    "not_json": "Not JSON",
    "not_text": "Not text",
    "too_deep": "Nested too deeply",
    "no_error_id": "No errorId",
    "bad_error_id": "The errorId is no UUID",
    "bad_code": "The code is no number",
    "bad_time": "The time cannot be read",
    "no_umid": "No umid",
    "bad_umid": "The umid is no UUID",
    "smpp_id": "An SMPP receipt whose id is no umid",
    "bad_xml": "Not XML",
    "xml": "XML that is no receipt",
    "xml_doctype": "XML with a document type",
    "bad_row": "A row that does not fit its header",
    "unknown_account_event": "An account event we do not know",
    "unknown_version": "A version we do not know",
    "api_response": "An answer of the API without a message",
    "no_state": "No state",
    "unhandled_shape": "A shape we do not know",
    "unhandled_event": "An event we do not record",
    "refused": "Refused by the database",
    "unsealable": "Cannot be unsealed",
    "drain_failed": "Recording it failed",
    "foreign_sub_account": "Of a sub-account that its token may not send for",
}
# Beyond this many reasons a tab each helps nobody; the list itself shows them all.
MOST = 12


def reasons() -> list[dict[str, Any]]:
    """Return the reasons of what waits, the most frequent first; read from the counters."""
    rows = (
        QuarantineGroup.objects.waiting()
        .order_by()
        .values("reason")
        .annotate(total=Sum("waiting"), newest=Max("last_at"))
        .order_by("-total", "reason")
    )
    return [{**row, "title": title_of(row["reason"])} for row in rows[:MOST]]


def title_of(reason: str) -> str:
    """Return the words for a reason; one that we have no words for is shown as it is."""
    return REASONS.get(reason, reason.replace("_", " "))
