"""Lookup: anything pasted, straight to its record or to a page that helps."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from support_portal.accounts.models import User
from support_portal.dashboard import finding, missing, pasted
from support_portal.dashboard.finding import Finding, Hit
from support_portal.payloads.recognise import Thing, recognise
from support_portal.reason_codes import (
    Context,
    Reading,
    Reason,
    Registry,
    decode,
    reasons_for,
    registries,
)

CODE_KINDS = ("code", "http_status")
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
        return not self.hits and self.thing.kind in finding.UUID_KINDS

    @property
    def hit(self) -> Hit | None:
        """Return the only record, if there is just one."""
        return self.hits[0] if len(self.hits) == 1 and not self.further else None


@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Look up what was pasted."""
    asked = request.POST if request.method == "POST" else request.GET
    text = pasted.cleaned(asked.get("q", ""))
    if not text.strip():
        return render(request, "lookup/empty.html")
    return answer(request, text)


@require_safe
def resolve(request: HttpRequest, text: str) -> HttpResponse:
    """Look up what stands in the address: a link that can be made without knowing what it is."""
    return answer(request, pasted.cleaned(text), absent=HTTPStatus.NOT_FOUND)


def answer(request: HttpRequest, text: str, *, absent: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Go to the record that ``text`` leads to, or show what is in it."""
    things = recognise(text)
    if code := _only_code(things):
        return _code_page(request, code)
    findings = finding.find(things, cast(User, request.user))
    if hit := finding.the_one(findings):
        return redirect(hit.href)
    if len(findings) == 1 and not findings[0].held:
        return not_held_page(request, findings[0].thing, things, status=absent)
    if not things:
        return render(request, "lookup/nothing.html", _as_pasted(text, things), status=absent)
    return render(request, "lookup/results.html", _results(text, things, findings))


def not_held_page(
    request: HttpRequest, thing: Thing, things: Sequence[Thing], *, status: HTTPStatus
) -> HttpResponse:
    """Say that we do not hold it, and what may help."""
    found = missing.not_held(thing, things, cast(User, request.user))
    context = {"missing": found, "shown": pasted.shown_value(thing)}
    return render(request, "lookup/missing.html", context, status=status)


def not_held_id(request: HttpRequest, kind: str, value: object) -> HttpResponse:
    """Show the page for an id in an address that we do not hold, or go where it does lead."""
    thing = Thing(kind, str(value), 0, len(str(value)), "")
    user = cast(User, request.user)
    if hit := finding.the_one(finding.find([thing], user)):
        return redirect(hit.href)
    return not_held_page(request, thing, [thing], status=HTTPStatus.NOT_FOUND)


def _only_code(things: Sequence[Thing]) -> Thing | None:
    """Return the code when there is nothing else that could be meant."""
    kinds = {thing.kind for thing in things}
    return things[0] if len(things) == 1 and kinds <= set(CODE_KINDS) else None


def _code_page(request: HttpRequest, thing: Thing) -> HttpResponse:
    number = int(thing.value)
    context = {
        "reading": decode(Context.BARE, "", number),
        "meanings": [
            CodeMeaning(registries()[reason.registry], reason) for reason in reasons_for(number)
        ],
        "number": number,
    }
    return render(request, "lookup/code.html", context)


def _as_pasted(text: str, things: Sequence[Thing]) -> dict[str, Any]:
    return {
        "segments": pasted.segments(text, things),
        "text_cut": len(text) > pasted.LONGEST_SHOWN,
        "longest": pasted.LONGEST_SHOWN,
    }


def _results(text: str, things: Sequence[Thing], findings: Sequence[Finding]) -> dict[str, Any]:
    by_thing = {found.thing: found for found in findings}
    numbered = enumerate(zip(things, pasted.lines_of(text, things), strict=True), start=1)
    rows = [
        _row(number, line, thing, by_thing.get(thing))
        for number, (thing, line) in numbered
        if thing in by_thing or thing.kind in CODE_KINDS
    ][: finding.MOST_THINGS]
    held = sum(1 for found in findings if found.held)
    return _as_pasted(text, things) | {
        "rows": rows,
        "held": held,
        "absent": len(findings) - held,
        "times": sum(1 for thing in things if thing.kind == "time"),
        "left_out": _left_out(things, findings),
    }


def _left_out(things: Sequence[Thing], findings: Sequence[Finding]) -> int:
    searched = sum(1 for thing in things if thing.kind in finding.SEARCHED_KINDS)
    return searched - len(findings)


def _row(number: int, line: int, thing: Thing, found: Finding | None) -> Row:
    hits = found.hits if found else ()
    return Row(
        number=number,
        kind=pasted.NAMES[thing.kind],
        line=line,
        label=thing.label,
        shown=pasted.shown_value(thing),
        thing=thing,
        hits=hits[:SHOWN_HITS],
        more=max(0, len(hits) - SHOWN_HITS),
        further=bool(found and found.more),
        reading=_reading(thing),
        hint="" if hits else missing.how_it_was_read(thing),
    )


def _reading(thing: Thing) -> Reading | None:
    """Read a code by its number alone: its place in the text does not say enough."""
    if thing.kind == "http_status":
        return decode(Context.HTTP_STATUS, "", int(thing.value))
    return decode(Context.BARE, "", int(thing.value)) if thing.kind == "code" else None
