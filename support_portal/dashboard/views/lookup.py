"""Lookup: anything pasted, straight to its record or to a page that helps."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from support_portal.accounts.models import User
from support_portal.dashboard import missing
from support_portal.dashboard.pasted import pasted
from support_portal.dashboard.results import results, table
from support_portal.dashboard.views.watches import WatchForm
from support_portal.knowledge.readings import of_reasons
from support_portal.lookup import Answer, Item, look_up
from support_portal.lookup.resolving import resolve
from support_portal.payloads.recognise import Thing, unread
from support_portal.reason_codes import Reading, Registry, reasons_for, registries
from support_portal.watches.looking import address_of
from support_portal.watches.services import USUAL_DAYS

LONGEST_CLIENT_ID = 350


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """What a number means in one table."""

    table: Registry
    reading: Reading


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
        return _as_client_id(request, found.text, absent=absent)
    return results_page(request, found)


def results_page(request: HttpRequest, found: Answer) -> HttpResponse:
    """Show the text, and beside it what is in it."""
    shown = results(found, cast(User, request.user))
    context = {
        "results": shown,
        "pasted": shown.pasted,
        "pasted_text": found.text,
        "not_read": unread(found.text),
        "table": table(shown.rows, request.build_absolute_uri("/").rstrip("/")),
        "days": USUAL_DAYS,
        "may_inquire": cast(User, request.user).may("inquire"),
    }
    return render(request, "lookup/results.html", context)


def _as_client_id(request: HttpRequest, text: str, *, absent: HTTPStatus) -> HttpResponse:
    """Take a text in which nothing is recognised for the name that a client gave."""
    name = text.strip()
    if len(name) <= LONGEST_CLIENT_ID:
        thing = Thing("client_message_id", name, 0, len(text), "")
        found = resolve(text, [thing], cast(User, request.user))
        if hit := found.the_one:
            return redirect(hit.href)
        if found.items[0].found:
            return results_page(request, found)
    context = {"pasted": pasted(text, ()), "pasted_text": text}
    return render(request, "lookup/nothing.html", context, status=absent)


def not_held_page(
    request: HttpRequest, item: Item, found: Answer, *, status: HTTPStatus
) -> HttpResponse:
    """Say that we do not hold it, and what may help."""
    context = missing.missing_context(item, found, cast(User, request.user))
    posted = request.method == "POST"  # no address leads back to a text that was posted
    back = address_of(item.thing.kind, item.thing.value) if posted else request.get_full_path()
    context |= {"form": WatchForm(), "back": back}
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
            CodeMeaning(registries()[reading.registry], reading)
            for reading in of_reasons(reasons_for(number))
        ],
        "number": number,
    }
    return render(request, "lookup/code.html", context)
