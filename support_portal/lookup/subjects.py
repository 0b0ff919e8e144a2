"""Records as what people talk about: found by kind and key, for whoever may see them."""

from collections.abc import Callable, Mapping
from uuid import UUID

from support_portal.events import held
from support_portal.events.models import (
    EVERYTHING,
    ErrorEvent,
    ErrorGroup,
    Message,
    Reader,
    allowed,
)
from support_portal.inquiries.models import Inquiry
from support_portal.insights.incidents import title
from support_portal.insights.models import Incident
from support_portal.lookup import addresses
from support_portal.notices.subjects import Subject, Viewer
from support_portal.payloads.ids import parse_id
from support_portal.reason_codes import Registry, registries

LONGEST_KEY = 100
GROUP = "group"


def of_error(error: ErrorEvent) -> Subject:
    """Return an error."""
    id = str(error.error_id)
    return Subject(
        "error", id, f"errorId {id}", addresses.error_page(id), _of_sub_account(error.sub_account)
    )


def of_message(message: Message) -> Subject:
    """Return a message."""
    id = str(message.umid)
    return Subject(
        "message",
        id,
        f"umid {id}",
        addresses.message_page(id),
        _of_sub_account(message.sub_account),
    )


def of_incident(incident: Incident) -> Subject:
    """Return an incident."""
    href = addresses.incident_page(incident.id)
    sees = _of_sub_account(incident.sub_account)
    return Subject("incident", str(incident.id), f"incident {title(incident)}", href, sees)


def of_code(table: Registry, code: int) -> Subject:
    """Return a code, which all staff see."""
    href = addresses.code_page(table.key, code)
    return Subject("code", f"{table.key}/{code}", f"code {table.label} {code}", href, _everybody)


def of_inquiry(inquiry: Inquiry) -> Subject:
    """Return an inquiry."""
    number = inquiry.number

    def sees(reader: Viewer) -> bool:
        return Inquiry.objects.visible_to(reader).filter(pk=number).exists()

    href = addresses.inquiry_page(number)
    return Subject("inquiry", str(number), f"inquiry {inquiry.reference}", href, sees)


def of_group(group: ErrorGroup) -> Subject:
    """Return errors that are alike, which whoever sees one of them sees."""
    group_id = group.group_id

    def sees(reader: Viewer) -> bool:
        return ErrorEvent.objects.visible_to(reader).filter(group_id=group_id).exists()

    href = addresses.group_page(group_id)
    return Subject(GROUP, str(group_id), f"errors alike with code {group.code}", href, sees)


def find(kind: str, key: str, reader: Viewer) -> Subject | None:
    """Return what is named by kind and key; None when it is not here or not for this reader."""
    finder = _FINDERS.get(kind)
    subject = finder(key, reader) if finder and len(key) <= LONGEST_KEY else None
    return subject if subject and subject.seen_by(reader) else None


def anywhere(kind: str, key: str) -> Subject | None:
    """Return what is named by kind and key, for whoever has the command line."""
    finder = _FINDERS.get(kind)
    return finder(key, EVERYTHING) if finder and len(key) <= LONGEST_KEY else None


def _of_sub_account(name: str) -> Callable[[Viewer], bool]:
    def sees(reader: Viewer) -> bool:
        seen = allowed(reader)
        return seen is None or name in seen

    return sees


def _everybody(_: Viewer) -> bool:
    return True


def _error(key: str, reader: Reader) -> Subject | None:
    id = parse_id(key)
    error = held.error(id, reader) if id else None
    return of_error(error) if error else None


def _message(key: str, reader: Reader) -> Subject | None:
    id = parse_id(key)
    message = held.message(id, reader) if id else None
    return of_message(message) if message else None


def _incident(key: str, _: Reader) -> Subject | None:
    id: UUID | None = parse_id(key)
    incident = Incident.objects.filter(pk=id).first() if id else None
    return of_incident(incident) if incident else None


def _code(key: str, _: Reader) -> Subject | None:
    name, _slash, code = key.partition("/")
    table, number = registries().get(name), _number(code)
    return of_code(table, number) if table and number is not None else None


def _inquiry(key: str, _: Reader) -> Subject | None:
    number = _number(key)
    inquiry = Inquiry.objects.filter(pk=number).first() if number is not None else None
    return of_inquiry(inquiry) if inquiry else None


def _group(key: str, _: Reader) -> Subject | None:
    number = _number(key)
    group = ErrorGroup.objects.filter(pk=number).first() if number is not None else None
    return of_group(group) if group else None


def _number(text: str) -> int | None:
    """Return a whole number that a column of 64 bits holds."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 20):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


_FINDERS: Mapping[str, Callable[[str, Reader], Subject | None]] = {
    "error": _error,
    "message": _message,
    "incident": _incident,
    "code": _code,
    "inquiry": _inquiry,
    GROUP: _group,
}
