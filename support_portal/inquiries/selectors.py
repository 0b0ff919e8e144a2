"""What pages ask about inquiries."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from support_portal.accounts.models import User
from support_portal.core.bounded import counted, in_words
from support_portal.core.bulk import find_rows
from support_portal.core.composed import Composed, Figure, padded
from support_portal.events.models import ErrorGroup, Reader, Seeing, allowed, listed
from support_portal.events.states import FAILURES
from support_portal.inquiries.clusters import clusters, on_evidence
from support_portal.inquiries.models import (
    Evidence,
    Inquiry,
    InquiryQuerySet,
    Letter,
    Mail,
    Mailbox,
    Reply,
    State,
)
from support_portal.insights import incidents
from support_portal.insights.models import Incident, Kind
from support_portal.insights.models import State as IncidentState

MOST_COUNTED = 99
MOST_ALIKE = 5
MOST_CODES, MOST_INCIDENTS = 20, 50


def open_count(reader: Reader) -> Figure:
    """Return how many open inquiries ``reader`` sees, as a part of another query."""
    return counted(Inquiry.objects.open().visible_to(reader), MOST_COUNTED + 1)


def evidence_counts(numbers: Iterable[int]) -> dict[int, int]:
    """Return how many pieces of evidence each inquiry has."""
    rows = Evidence.objects.filter(inquiry__in=list(numbers)).values_list("inquiry_id")
    return dict(rows.annotate(total=Count("id")).order_by())


def drafts(reader: Reader) -> QuerySet[Inquiry]:
    """Return the drafts that evidence can be added to, newest first."""
    return (
        Inquiry.objects.visible_to(reader)
        .filter(state=State.DRAFT)
        .select_related("created_by")
        .newest_first()
    )


def alike(rows: Iterable[Evidence], reader: Reader, *, beside: int = 0) -> list[Inquiry]:
    """Return open inquiries on the same failure as this evidence, the newest few."""
    about = clusters(rows)
    if not about:
        return []
    same = Evidence.objects.filter(on_evidence(about)).values("inquiry_id")
    found = Inquiry.objects.open().visible_to(reader).filter(number__in=same)
    return list(
        found.exclude(number=beside).select_related("created_by").newest_first()[:MOST_ALIKE]
    )


@dataclass(frozen=True, slots=True)
class About:
    """An inquiry as the pages of what it is about tell of it."""

    inquiry: Inquiry
    reply: Reply | None  # the last one


def about_records(ids: Collection[UUID], reader: Reader) -> list[About]:
    """Return the inquiries that have one of these records as evidence, the newest few."""
    return _told(_about_records(list(ids), listed(reader)))


class Holding(NamedTuple):
    """An inquiry that has a record as evidence, by its number."""

    number: int
    state: str


def holding(ids: Collection[UUID], reader: Reader) -> dict[UUID, list[Holding]]:
    """Return by record the inquiries that have it as evidence, the newest first.

    Most records of a list are in none, which one question with one parameter tells.
    """
    pieces = find_rows(Evidence, ("record_id", "inquiry_id"), "record_id", ids)
    numbers = padded(number for _, number in pieces)
    told = _worth_naming(numbers, listed(reader)) if numbers else ()
    seen = {number: Holding(number, state) for number, state in told}
    found: dict[UUID, list[Holding]] = {}
    for id, number in sorted(pieces, key=itemgetter(1), reverse=True):
        if number in seen:
            found.setdefault(id, []).append(seen[number])
    return found


_worth_naming = Composed(
    lambda numbers, sub_accounts: (
        _worth_telling(Seeing(sub_accounts))
        .filter(number__in=numbers)
        .values_list("number", "state")
    )
)


def evidence_about(kind: str, key: str) -> QuerySet[Evidence] | None:
    """Return the evidence about an error, a message, errors that are alike, or an incident."""
    if kind in ("error", "message"):
        return Evidence.objects.filter(record_id=key)
    if kind == "group":
        group = ErrorGroup.objects.filter(pk=key).first()
        alike = f":{group.code}:{group.pk}" if group else None
        return Evidence.objects.filter(cluster__endswith=alike) if alike else None
    incident = Incident.objects.filter(pk=key).first() if kind == "incident" else None
    return _in_incident(incident) if incident else None


def about_incident(incident: Incident, reader: Reader) -> list[About]:
    """Return the inquiries with evidence that is part of an incident, the newest few."""
    return _told(_about(_in_incident(incident), reader))


def _in_incident(incident: Incident) -> QuerySet[Evidence]:
    rows = Evidence.objects.filter(at__gte=incident.began_at)
    if incident.ended_at:
        rows = rows.filter(at__lte=incident.ended_at)
    if incident.kind == Kind.ERROR:
        rows = rows.exclude(error_id=None).filter(code=incident.code)
    else:
        rows = rows.filter(error_id=None, state__in=FAILURES)
        if incident.code is not None:
            rows = rows.filter(code=incident.code, registry=incident.registry)
    places = {name: value for name in incidents.TRAITS if (value := getattr(incident, name))}
    return rows.filter(**places)


def incidents_of(rows: Sequence[Evidence], reader: Reader) -> list[Incident]:
    """Return the incidents that evidence is part of, the newest few; one query."""
    times = [row.at for row in rows if row.at]
    kinds = {(Kind.ERROR if row.error_id else Kind.MESSAGE, row.code) for row in rows}
    if not times:
        return []
    either = Q(kind=Kind.MESSAGE, code=None)
    for kind, code in list(kinds)[:MOST_CODES]:
        either |= Q(kind=kind, code=code)
    during = Q(over_at__gte=min(times)) | Q(ended_at=None)
    found = (
        Incident.objects.visible_to(reader)
        .exclude(state=IncidentState.CLOSED)
        .filter(either, during, began_at__lte=max(times))
        .select_related("merged_into")
        .newest_first()[:MOST_INCIDENTS]
    )
    mine = [each for each in found if any(_is_part(row, each) for row in rows)]
    whole = {each.pk: each for each in (incidents.whole(one, reader) or one for one in mine)}
    return list(whole.values())[:MOST_ALIKE]


def _is_part(row: Evidence, incident: Incident) -> bool:
    end = incident.ended_at
    if row.at is None or row.at < incident.began_at or (end and row.at > end):
        return False
    same = all(getattr(incident, name) in ("", getattr(row, name)) for name in incidents.TRAITS)
    if incident.kind == Kind.ERROR:
        return same and row.error_id is not None and row.code == incident.code
    failed = same and row.error_id is None and row.state in FAILURES
    coded = (incident.code, incident.registry) == (row.code, row.registry)
    return failed and (incident.code is None or coded)


def _worth_telling(reader: Reader) -> InquiryQuerySet:
    """Return the inquiries that pages of records tell of: not drafts that came to nothing."""
    no_letter = ~Exists(Letter.objects.filter(inquiry=OuterRef("pk")))
    return Inquiry.objects.visible_to(reader).exclude(no_letter, state=State.CLOSED)


def _about(rows: QuerySet[Evidence], reader: Reader) -> QuerySet[Any]:
    last_reply = Reply.objects.filter(inquiry=OuterRef("pk")).order_by("-id").values("id")[:1]
    return (
        _worth_telling(reader)
        .filter(number__in=rows.values("inquiry_id"))
        .select_related("created_by")
        .annotate(last_reply=Subquery(last_reply))
        .newest_first()[:MOST_ALIKE]
    )


_about_records = Composed(
    lambda ids, sub_accounts: _about(
        Evidence.objects.filter(record_id__in=ids), Seeing(sub_accounts)
    )
)


def _told(found: Iterable[Any]) -> list[About]:
    inquiries = list(found)
    replies = Reply.objects.in_bulk([each.last_reply for each in inquiries if each.last_reply])
    return [About(each, replies.get(each.last_reply)) for each in inquiries]


def letters_of(inquiry: Inquiry, reader: Reader) -> list[Letter]:
    """Return the letters of which ``reader`` may see every sample, the last one first.

    One that was withdrawn may tell of evidence that was taken out of the inquiry since.
    """
    seen = allowed(reader)
    letters = inquiry.letters.order_by("-id")
    return [each for each in letters if seen is None or _sub_accounts(each) <= set(seen)]


def _sub_accounts(letter: Letter) -> set[str]:
    """Return the sub-accounts that a letter tells of; "" where none is known."""
    quoted = {json.loads(line)["subAccountId"] or "" for line in letter.ndjson.splitlines()}
    return quoted | set(letter.scope)


def may_sort(person: User) -> bool:
    """Tell whether somebody may say what mails answer, which may be of any sub-account."""
    return person.may("inquire") and person.sub_accounts is None


def unassigned() -> QuerySet[Mail]:
    """Return the mails of which nobody knows what they answer, newest first, without their bodies."""
    waiting = Mail.objects.filter(inquiry=None, discarded_at=None)
    return waiting.select_related("proposed").defer("body").order_by("-id")


def unassigned_count() -> str:
    """Return how many those are: "" for none."""
    return in_words(unassigned()[: MOST_COUNTED + 1].count(), MOST_COUNTED)


def mailboxes() -> list[Mailbox]:
    """Return how far the mailbox of the settings was read."""
    return list(Mailbox.objects.filter(name=settings.INBOX.name)) if settings.INBOX.host else []
