"""The paste engine for machines."""

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.api.auth import asks
from support_portal.ingest.bodies import read_body
from support_portal.ingest.callers import Refused
from support_portal.lookup import Answer, Hit, Item, answers, look_up

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
    return JsonResponse(answer(look_up(question.text, reader)))


def answer(found: Answer) -> answers.Answer:
    """Return the answer for what was found, in order of appearance."""
    return {"items": [_item(item) for item in found.items], "left_out": found.left_out}


def _item(item: Item) -> answers.Answer:
    reading = item.reading
    return {
        "kind": item.kind,
        "value": item.thing.value,
        "start": item.thing.start,
        "end": item.thing.end,
        "found": item.found,
        "line": item.line or None,
        "url": item.href or None,
        "registry": (reading.registry or None) if reading else None,
        "code": reading.code if reading else None,
        "name": reading.name if reading else None,
        "verdict": answers.verdict(item.verdict) if item.verdict else None,
        "records": [_record(hit) for hit in item.hits],
        "more": item.more,
    }


def _record(hit: Hit) -> answers.Answer:
    return {
        "kind": hit.kind,
        "id": str(hit.id),
        "at": answers.time(hit.at),
        "via": hit.via,
        "line": hit.line,
        "url": hit.href,
    }
