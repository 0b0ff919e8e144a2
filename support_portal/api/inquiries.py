"""Inquiries to 8x8: read, started as drafts, filled with evidence.  Sending them is for people."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from support_portal.accounts.admission import Admitted
from support_portal.accounts.models import User
from support_portal.api.auth import callers_only
from support_portal.api.inquiry_answers import (
    AddedAnswer,
    InquiriesAnswer,
    KindWord,
    inquiry_shape,
    whole,
)
from support_portal.api.parameters import SHOWN, idempotency_key, page_limit
from support_portal.core.keyset import paginate
from support_portal.ingest.bodies import read_body
from support_portal.ingest.callers import Refused, for_machines, require_method
from support_portal.inquiries import starting
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.inquiries.models import PREFIX, Evidence, Inquiry, InquiryQuerySet, Kind, State
from support_portal.inquiries.selectors import evidence_counts, letters_of
from support_portal.inquiries.services import AT_ONCE, NotADraft
from support_portal.inquiries.starting import NotTheirs, OtherCall
from support_portal.payloads.ids import parse_id

READS, WRITES = "inquiries:read", "inquiries:write"
REFERENCE = re.compile(rf"(?:{PREFIX})?([0-9]{{1,15}})", re.ASCII | re.IGNORECASE)
PAGING = ("cursor", "limit")


class WantedRecord(msgspec.Struct):
    """A record by its id; the time is for what is not held."""

    id: str
    name: Named = Named.ANY
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


Records = Annotated[list[WantedRecord], msgspec.Meta(min_length=1, max_length=AT_ONCE)]


class NewInquiry(msgspec.Struct):
    """What a draft is started of; its kind is told from the records unless it is named."""

    author: str
    records: Records
    kind: KindWord | None = None


class MoreEvidence(msgspec.Struct):
    """What is added to a draft, and on whose behalf."""

    author: str
    records: Records


Asked = TypeVar("Asked", NewInquiry, MoreEvidence)


def listed(request: HttpRequest, reader: Admitted) -> HttpResponse:
    """Return inquiries of which the token may read all evidence, the newest first."""
    rows = Inquiry.objects.visible_to(reader).select_related("created_by").newest_first()
    for name in request.GET:
        if name in FILTERS:
            rows = FILTERS[name](rows, request.GET.get(name, ""))
        elif name not in PAGING:
            known = ", ".join([*FILTERS, *PAGING])
            raise Refused(400, f"{name[:SHOWN]!r} is not understood. There are: {known}.")
    page = paginate(rows, cursor=request.GET.get("cursor", ""), size=page_limit(request))
    if page.bad_cursor:
        raise Refused(400, "'cursor' is what 'next' of the page before said.")
    counts = evidence_counts(row.pk for row in page)
    answer: InquiriesAnswer = {
        "inquiries": [inquiry_shape(row, counts.get(row.pk, 0)) for row in page],
        "next": page.older or None,
    }
    return JsonResponse(answer)


def start(request: HttpRequest, token: Admitted) -> HttpResponse:
    """Start a draft for a person, who is told and looks it over; the same call again starts no other."""
    key = idempotency_key(request)
    asked = _asked(request, NewInquiry)
    author, wanted = _author(asked.author), _wanted(asked.records)
    kind = _words("kind", asked.kind, Kind.values)[0] if asked.kind is not None else ""
    try:
        inquiry, new = starting.start_once(author, wanted, token, key, kind=kind)
    except OtherCall:
        raise Refused(422, "This Idempotency-Key was sent with another call before.") from None
    except NotTheirs:
        raise Refused(400, _not_theirs(author)) from None
    if not Inquiry.objects.visible_to(token).filter(pk=inquiry.pk).exists():  # people added to it
        raise Refused(409, f"This call started {inquiry.reference}, which this token may not read.")
    answer = JsonResponse(whole(inquiry, []), status=201 if new else 200)
    answer["Location"] = f"{request.path}/{inquiry.reference}"
    return answer


def detail(request: HttpRequest, reader: Admitted, reference: str) -> HttpResponse:
    """Return an inquiry with its evidence, its letters and the answers to them."""
    inquiry = _inquiry(reference, reader)
    return JsonResponse(whole(inquiry, letters_of(inquiry, reader)))


def add(request: HttpRequest, token: Admitted, reference: str) -> HttpResponse:
    """Add evidence to a draft; what is there already stays as it was, so it may be sent again."""
    asked = _asked(request, MoreEvidence)
    author = _author(asked.author)
    inquiry = _inquiry(reference, token)
    try:
        added = starting.add_for(inquiry, _wanted(asked.records), author, token)
    except NotADraft:
        raise Refused(409, f"{inquiry.reference} is no draft any more.") from None
    except NotTheirs:
        raise Refused(400, _not_theirs(author)) from None
    inquiry.refresh_from_db()
    answer: AddedAnswer = {
        "inquiry": inquiry_shape(inquiry, inquiry.evidence.count()),
        "added": added.new,
        "already": added.already,
        "left_out": added.over,
    }
    return JsonResponse(answer)


_READ = callers_only(listed, READS, "GET", "HEAD")
_START = callers_only(start, WRITES, "POST")
one = callers_only(detail, READS, "GET", "HEAD")
evidence = callers_only(add, WRITES, "POST")


@for_machines
def collection(request: HttpRequest) -> HttpResponse:
    """Answer by method."""
    require_method(request, "GET", "HEAD", "POST")
    return (_START if request.method == "POST" else _READ)(request)


def _in_states(rows: InquiryQuerySet, value: str) -> InquiryQuerySet:
    return rows.filter(state__in=_words("state", value, State.values))


def _of_kinds(rows: InquiryQuerySet, value: str) -> InquiryQuerySet:
    return rows.filter(kind__in=_words("kind", value, Kind.values))


def _by(rows: InquiryQuerySet, value: str) -> InquiryQuerySet:
    return rows.filter(created_by__username=_text("author", value))


def _with_ticket(rows: InquiryQuerySet, value: str) -> InquiryQuerySet:
    return rows.filter(ticket=_text("ticket", value))


def _with_record(rows: InquiryQuerySet, value: str) -> InquiryQuerySet:
    found = parse_id(value)
    if found is None:
        raise Refused(400, f"'record' is the UUID of a record, not {value[:SHOWN]!r}.")
    return rows.filter(number__in=Evidence.objects.filter(record_id=found).values("inquiry_id"))


FILTERS: dict[str, Callable[[InquiryQuerySet, str], InquiryQuerySet]] = {
    "state": _in_states,
    "kind": _of_kinds,
    "author": _by,
    "ticket": _with_ticket,
    "record": _with_record,
}


def _words(name: str, value: str, known: Sequence[str]) -> list[str]:
    words = value.split(",")
    wrong = next((word for word in words if word not in known), None)
    if wrong is not None:
        raise Refused(400, f"{name!r} is one of {', '.join(known)}, not {wrong[:SHOWN]!r}.")
    return words


def _text(name: str, value: str) -> str:
    if not value.isprintable():  # neither U+0000, which PostgreSQL does not take
        raise Refused(400, f"{name!r} holds what no name holds.")
    return value


def _asked(request: HttpRequest, kind: type[Asked]) -> Asked:
    try:
        return msgspec.json.decode(read_body(request), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        why = str(error)[:200] if isinstance(error, msgspec.ValidationError) else "it is no JSON"
        raise Refused(
            400, f'Send {{"author": "…", "records": [{{"id": "…"}}]}} in UTF-8: {why}.'
        ) from None


def _author(name: str) -> User:
    person = User.objects.filter(username=_text("author", name)).select_related("team").first()
    if person is None or not person.may("inquire"):
        raise Refused(400, f"{name[:SHOWN]!r} is nobody who may write inquiries.")
    return person


def _wanted(records: Sequence[WantedRecord]) -> list[Wanted]:
    found = []
    for each in records:
        value = parse_id(each.id)
        if value is None:
            raise Refused(400, f"{each.id[:SHOWN]!r} is no UUID.")
        found.append(Wanted(each.name, value, each.at))
    return found


def _inquiry(reference: str, reader: Admitted) -> Inquiry:
    number = REFERENCE.fullmatch(reference)
    seen = Inquiry.objects.visible_to(reader).select_related("created_by")
    found = seen.filter(pk=int(number[1])).first() if number else None
    if found is None:
        raise Refused(404, f"There is no inquiry {reference[:SHOWN]!r}.")
    return found


def _not_theirs(author: User) -> str:
    return f"{author.get_username()} may not see all of these records."
