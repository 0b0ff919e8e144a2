"""What a text holds, as machines are told of it: by the API and by the command."""

from collections.abc import Iterable

from support_portal.events.models import Reader
from support_portal.lookup import answers, shapes
from support_portal.lookup.helping import Near, NotHeld, not_held
from support_portal.lookup.hits import Hit
from support_portal.lookup.resolving import Answer, Item


def listing(found: Answer, reader: Reader) -> shapes.LookupAnswer:
    """Return the answer for what was found, in order of appearance.

    Like the page, it says what helps when the only thing that was searched is not held.
    """
    searched = [item for item in found.items if item.searched]
    missing = searched[0] if len(searched) == 1 and not searched[0].found else None
    return {
        "items": [
            _item(item, _help(not_held(item, found, reader)) if item is missing else None)
            for item in found.items
        ],
        "left_out": found.left_out,
    }


def _item(item: Item, helping: shapes.HelpShape | None) -> shapes.ItemShape:
    reading = item.reading
    return {
        "kind": item.kind,
        "value": item.thing.value,
        "start": item.thing.start,
        "end": item.thing.end,
        "found": item.found,
        "note": item.thing.note or None,
        "line": item.line or None,
        "url": item.href or None,
        "registry": (reading.registry or None) if reading else None,
        "code": reading.code if reading else None,
        "name": reading.name if reading else None,
        "verdict": answers.verdict(item.verdict) if item.verdict else None,
        "records": [_record(hit) for hit in item.hits],
        "more": item.more,
        "help": helping,
    }


def _record(hit: Hit) -> shapes.RecordShape:
    return {
        "kind": hit.kind,
        "id": str(hit.id),
        "at": answers.time(hit.at),
        "via": hit.via,
        "line": hit.line,
        "url": hit.href,
    }


def _help(found: NotHeld) -> shapes.HelpShape:
    return {
        "id_hint": answers.id_hint(found.family) if found.family else None,
        "moment": answers.time(found.moment),
        "moment_told": found.moment_told,
        "near": _near(found.near),
        "sub_account": found.sub_account or None,
        "beside": _near(found.beside),
        "not_heard": [answers.deaf(interval) for interval in found.deaf],
        "intake_lag_seconds": found.lag.seconds if found.lag else None,
        "gone_before": answers.time(found.gone_before),
    }


def _near(found: Iterable[Near]) -> list[shapes.NearShape]:
    return [{"seconds": near.offset, "record": _record(near.hit)} for near in found]
