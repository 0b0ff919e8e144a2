"""Lookup: anything pasted, straight to its record or to a page that helps."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from support_portal.accounts.models import User
from support_portal.dashboard import missing, pasted
from support_portal.lookup import Answer, Hit, Item, look_up
from support_portal.lookup.resolving import resolve
from support_portal.lookup.ways import UUID_KINDS
from support_portal.payloads.recognise import Thing
from support_portal.reason_codes import Reading, Reason, Registry, reasons_for, registries

SHOWN_HITS = 5


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """What a number means in one table."""

    table: Registry
    reason: Reason


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of the text in the list beside it."""

    number: int
    kind: str
    line: int
    label: str
    shown: str
    thing: Thing
    hits: tuple[Hit, ...]
    more: int
    further: bool
    reading: Reading | None
    hint: str

    @property
    def helps(self) -> bool:
        """Tell whether there is a page that helps with an id that we do not hold."""
        return not self.hits and self.thing.kind in UUID_KINDS

    @property
    def hit(self) -> Hit | None:
        """Return the only record, if there is just one."""
        return self.hits[0] if len(self.hits) == 1 and not self.further else None


@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Look up what was pasted."""
    asked = request.POST if request.method == "POST" else request.GET
    text = asked.get("q", "")
    if not text.strip():
        return render(request, "lookup/empty.html")
    return answer(request, text)


@require_safe
def resolve_address(request: HttpRequest, text: str) -> HttpResponse:
    """Look up what stands in the address: a link that can be made without knowing what it is."""
    return answer(request, text, absent=HTTPStatus.NOT_FOUND)


def answer(request: HttpRequest, text: str, *, absent: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Go to the record that ``text`` leads to, or show what is in it."""
    found = look_up(text, cast(User, request.user))
    if code := _only_code(found):
        return _code_page(request, code)
    if hit := found.the_one:
        return redirect(hit.href)
    if len(absent_ones := _searched(found)) == 1 and not absent_ones[0].found:
        return not_held_page(request, absent_ones[0], found, status=absent)
    if not found.items:
        return render(request, "lookup/nothing.html", _as_pasted(found), status=absent)
    return render(request, "lookup/results.html", _results(found))


def not_held_page(
    request: HttpRequest, item: Item, found: Answer, *, status: HTTPStatus
) -> HttpResponse:
    """Say that we do not hold it, and what may help."""
    context = missing.missing_context(item, found, cast(User, request.user))
    return render(request, "lookup/missing.html", context, status=status)


def not_held_id(request: HttpRequest, kind: str, value: object) -> HttpResponse:
    """Show the page for an id in an address that we do not hold, or go where it does lead."""
    text = str(value)
    found = resolve(text, [Thing(kind, text, 0, len(text), "")], cast(User, request.user))
    if hit := found.the_one:
        return redirect(hit.href)
    return not_held_page(request, found.items[0], found, status=HTTPStatus.NOT_FOUND)


def _searched(found: Answer) -> list[Item]:
    return [item for item in found.items if item.searched]


def _only_code(found: Answer) -> Item | None:
    """Return the code when there is nothing else that could be meant."""
    (item, *others) = found.items or (None,)
    return item if item and item.code and not others else None


def _code_page(request: HttpRequest, item: Item) -> HttpResponse:
    number = int(item.thing.value)
    context = {
        "reading": item.code,
        "meanings": [
            CodeMeaning(registries()[reason.registry], reason) for reason in reasons_for(number)
        ],
        "number": number,
    }
    return render(request, "lookup/code.html", context)


def _as_pasted(found: Answer) -> dict[str, Any]:
    things = [item.thing for item in found.items]
    return {
        "pasted_text": found.text,
        "segments": pasted.segments(found.text, things),
        "text_cut": len(found.text) > pasted.LONGEST_SHOWN,
        "longest": pasted.LONGEST_SHOWN,
    }


def _results(found: Answer) -> dict[str, Any]:
    lines = pasted.lines_of(found.text, [item.thing for item in found.items])
    numbered = enumerate(zip(found.items, lines, strict=True), start=1)
    held = [item.found for item in _searched(found)]
    return _as_pasted(found) | {
        "rows": [
            _row(number, line, item)
            for number, (item, line) in numbered
            if item.found is not None or item.code
        ],
        "held": sum(map(bool, held)),
        "absent": len(held) - sum(map(bool, held)),
        "times": sum(1 for item in found.items if item.thing.kind == "time"),
        "left_out": found.left_out,
    }


def _row(number: int, line: int, item: Item) -> Row:
    thing, hits = item.thing, item.hits
    return Row(
        number=number,
        kind=pasted.NAMES[thing.kind],
        line=line,
        label=thing.label,
        shown=pasted.shown_value(thing),
        thing=thing,
        hits=hits[:SHOWN_HITS],
        more=max(0, len(hits) - SHOWN_HITS),
        further=item.more,
        reading=item.code,
        hint="" if hits else missing.how_it_was_read(thing),
    )
