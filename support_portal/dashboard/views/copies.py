"""A record as text to copy, in one of several voices: a page with a field, or the bare text."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from support_portal.accounts.models import User
from support_portal.dashboard import copies
from support_portal.dashboard.raw import masked_payload
from support_portal.dashboard.views.lookup import not_held_id
from support_portal.dashboard.voices import (
    Document,
    Evidence,
    for_8x8,
    for_customer,
    for_engineers,
    in_short,
    internal_in,
    markdown,
    plain,
)
from support_portal.events.models import ErrorEvent, Message
from support_portal.lookup.records import error_answer, message_answer


@dataclass(frozen=True, slots=True)
class Voice:
    """Who reads the copy, and what it says."""

    reader: str
    speak: Callable[[Evidence], Document]


VOICES: Mapping[str, Voice] = {
    "8x8": Voice("8x8 support", for_8x8),
    "customer": Voice("the customer", for_customer),
    "engineers": Voice("our engineers", for_engineers),
    "summary": Voice("a ticket or a chat", in_short),
}
FORMATS: Mapping[str, Callable[[Document], str]] = {"text": plain, "markdown": markdown}
JSON = "json"  # no voice: what machines are told
READERS = {name: voice.reader for name, voice in VOICES.items()} | {JSON: "a program"}


@never_cache
@require_safe
def error(request: HttpRequest, error_id: UUID, voice: str) -> HttpResponse:
    """Show an error in one voice."""
    user = cast(User, request.user)
    found = ErrorEvent.objects.visible_to(user).filter(error_id=error_id).first()
    if found is None:
        return not_held_id(request, "error_id", error_id)
    evidence = copies.of_error(found, user, request.build_absolute_uri)
    return _copy(request, voice, evidence, lambda: error_answer(error_id, user))


@never_cache
@require_safe
def message(request: HttpRequest, umid: UUID, voice: str) -> HttpResponse:
    """Show a message in one voice."""
    user = cast(User, request.user)
    found = Message.objects.visible_to(user).filter(umid=umid).first()
    if found is None:
        return not_held_id(request, "umid", umid)
    evidence = copies.of_message(found, user, timezone.now(), request.build_absolute_uri)
    return _copy(request, voice, evidence, lambda: message_answer(umid, user))


def _copy(
    request: HttpRequest,
    name: str,
    evidence: Evidence,
    record: Callable[[], Mapping[str, object] | None],
) -> HttpResponse:
    """Answer with the bare text where it is asked for, as the script that copies does."""
    form = request.GET.get("as", "text")
    if name not in READERS or form not in FORMATS:
        raise Http404
    text = _as_json(record()) if name == JSON else FORMATS[form](VOICES[name].speak(evidence))
    if request.get_preferred_type(["text/html", "text/plain"]) == "text/plain":
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    else:
        context = {
            "evidence": evidence,
            "voice": name,
            "reader": READERS[name],
            "readers": READERS,
            "form": "" if name == JSON else form,
            "text": text,
            "replaced": _replaced(internal_in(evidence)) if name == "customer" else "",
        }
        response = render(request, "records/copy.html", context)
    patch_vary_headers(response, ["Accept"])
    return response


def _as_json(answer: Mapping[str, object] | None) -> str:
    """Return the API's answer; here a person reads it, so numbers in texts are masked too."""
    return masked_payload(json.dumps(answer).encode())[0] + "\n"


def _replaced(found: str) -> str:
    """Say why the words for the customer are not those of the page."""
    return (
        f"They name “{found}”, which is not for customers. A lead can change them." if found else ""
    )
