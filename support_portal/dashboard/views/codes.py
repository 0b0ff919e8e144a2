"""The tables of reason codes, and the page of one code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from support_portal.accounts.models import User
from support_portal.browsing.codes import API_TABLES, RECEIPT_TABLES
from support_portal.dashboard import alone, answers, drifted
from support_portal.dashboard.account_words import rows_for
from support_portal.dashboard.knowing import knowledge_of
from support_portal.dashboard.pasted import cleaned
from support_portal.dashboard.thread import CommentForm, thread_about
from support_portal.dashboard.views import comments
from support_portal.events.models import ErrorEvent, Message
from support_portal.inquiries import remembering
from support_portal.inquiries.letters import TABLED
from support_portal.knowledge import drift
from support_portal.knowledge.opinions import opinions
from support_portal.knowledge.readings import of_reasons
from support_portal.lookup.hits import Hit, error_hit, message_hit
from support_portal.lookup.subjects import of_code
from support_portal.lookup.team import with_team
from support_portal.reason_codes import (
    Reading,
    Reason,
    Registry,
    look_up,
    reasons_for,
    registries,
    search,
)

CLIENT_DOCUMENT = "client document"
HTTP_TABLE = "http_status"
MOST_ROWS = 300
LATELY = 5


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code in a list, with how many tables give its number a meaning."""

    table: Registry
    reading: Reading
    meanings: int


@dataclass(frozen=True, slots=True)
class Lately:
    """The newest records with a code, and where all of them are listed."""

    hits: Sequence[Hit]
    kind: str  # errors or messages
    query: str

    @property
    def href(self) -> str:
        """Return the address of the list."""
        return f"{reverse(f'{self.kind}:list')}?{self.query}"


@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Show all tables, one of them, or what a search finds."""
    words = cleaned(request.GET.get("q", ""))[:200].strip()
    tables = registries()
    key = request.GET.get("table", "")
    selected = tables.get(key)
    found = search(words, key) if words or selected else []
    context = {
        "words": words,
        "tables": list(tables.values()),
        "selected": selected,
        "rows": [_row(reading, tables) for reading in of_reasons(found[:MOST_ROWS])],
        "found": len(found),
        "total": sum(len(table.codes) for table in tables.values()),
        "document": [] if words else client_document(),
        "may_correct": cast(User, request.user).may("correct codes"),
        "several": sum(1 for number in _numbers(tables) if len(reasons_for(number)) > 1),
    }
    return render(request, "codes/list.html", context)


@require_safe
def code(request: HttpRequest, registry: str, code: int) -> HttpResponse:
    """Show what a number means in one table; a number it does not list is said to be unlisted."""
    return _page(request, _table(registry), code)


@require_POST
def comment(request: comments.HtmxRequest, registry: str, code: int) -> HttpResponse:
    """Add a comment."""
    comments.writer(request)
    table = _table(registry)
    return comments.posted(
        request, of_code(table, code), lambda form: _page(request, table, code, form)
    )


def _table(registry: str) -> Registry:
    table = registries().get(registry)
    if table is None:
        raise Http404("no such table")
    return table


def _page(
    request: HttpRequest, table: Registry, code: int, form: CommentForm | None = None
) -> HttpResponse:
    person = cast(User, request.user)
    reading = look_up(table, code)
    # What is said about an operator or a country stands below, with the notes.
    answer = answers.for_opinion(opinions([reading]).on(reading))
    context = {
        "table": table,
        "reading": answer.reading,
        "reason": reading.reason,
        "answer": answer,
        "knowledge": knowledge_of(table.key, code),
        "drift": drifted.shown(drift.of_code(table.key, code), person),
        "explains": rows_for(reading, person),
        "lately": _lately(person, table.key, code),
        "alone": alone.of_code(table.key, code, person, timezone.now()),
        "memory": remembering.of_code(table.key, code, person),
        "target": _target(reading.reason),
        "newest": TABLED,
        "may_inquire": person.may("inquire"),
        "may_note": person.may("note"),
        "may_correct": person.may("correct codes"),
        "thread": thread_about(of_code(table, code), person, form, request.GET.get("reply", "")),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form else HTTPStatus.OK
    return render(request, "codes/detail.html", context, status=status)


def client_document() -> list[Reason]:
    """Return the rows of the client document, in its order."""
    rows = registries()[HTTP_TABLE].codes.values()
    return [reason for reason in rows if reason.source == CLIENT_DOCUMENT]


def _numbers(tables: Mapping[str, Registry]) -> set[int]:
    return {number for table in tables.values() for number in table.codes}


def _row(reading: Reading, tables: Mapping[str, Registry]) -> CodeRow:
    return CodeRow(tables[reading.registry], reading, len(reasons_for(reading.code)))


def _target(reason: Reason | None) -> Reason | None:
    """Return the code of another table that a provider code is turned into."""
    if reason is None or reason.maps_to is None:
        return None
    key, number = reason.maps_to
    return registries()[key].codes.get(number)


def _lately(user: User, key: str, number: int) -> Lately | None:
    """Return the newest records with this code; None for tables whose numbers we do not store."""
    if key in API_TABLES:
        errors = ErrorEvent.objects.visible_to(user).filter(code=number).newest_first()
        hits = with_team([error_hit(error) for error in errors[:LATELY]])
        return Lately(hits, "errors", urlencode({"code": number}))
    if key in RECEIPT_TABLES:
        failed = Message.objects.visible_to(user).filter(error_code=number, error_registry=key)
        hits = with_team([message_hit(each) for each in failed.newest_first()[:LATELY]])
        return Lately(hits, "messages", urlencode({"code": number, "table": key}))
    return None
