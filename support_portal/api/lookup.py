"""The paste engine for machines."""

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api.auth import asks
from support_portal.ingest.bodies import read_body
from support_portal.ingest.callers import Refused
from support_portal.lookup import look_up
from support_portal.lookup.listing import listing

TEXT_LIMIT = 1_000_000  # characters: a person waits for the answer


class Question(msgspec.Struct):
    """What is asked: a text with anything in it."""

    text: str


@asks
def lookup(request: HttpRequest, reader: Admitted) -> HttpResponse:
    """Return everything in the text that can be looked up, with what is known of it."""
    try:
        question = msgspec.json.decode(read_body(request), type=Question)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Refused(400, 'Send a JSON object in UTF-8: {"text": "…"}.') from None
    if len(question.text) > TEXT_LIMIT:
        raise Refused(413, f"The text is longer than {TEXT_LIMIT:,} characters.")
    return JsonResponse(listing(look_up(question.text, reader), reader))
