"""Whose answer a mail is.

What names one of our Message-IDs answers that letter, for nobody else knows them.  Our reference and
8x8's ticket number can be guessed, so they count only from the places that letters go to; from anybody
else they are a proposal for a person.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from support_portal.inquiries.models import PREFIX, Inquiry, Letter
from support_portal.inquiries.replies.reading import Incoming

_REFERENCE = re.compile(rf"\b{PREFIX}([0-9]{{1,15}})\b", re.IGNORECASE | re.ASCII)
_TICKET = re.compile(
    r"\b(?:ticket|request|case)\b[ \t]{0,3}(?:id|number|no\.?)?[ \t]{0,3}[:(\[]{0,2}#?[ \t]?([0-9]{4,12})\b"
    r"|[\[(]#?([0-9]{5,12})[\])]",
    re.IGNORECASE | re.ASCII,
)
_LOOKED_AT = 3_000  # characters of a text that may name the ticket
_MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Match:
    """The inquiry that a mail answers, or only may."""

    inquiry: Inquiry | None
    sure: bool = False
    ticket: str = ""  # that the mail names, from a place that knows


def match(mail: Incoming) -> Match:
    """Tell which inquiry a mail answers."""
    known = is_from_8x8(mail.address) and not mail.failed  # else it may be anybody
    tickets = _tickets(mail) if known else []
    named = _by_letter(mail.answers)
    if named:
        return Match(named, sure=True, ticket=next(iter(tickets), ""))
    found = _by_reference(mail.subject) or _by_ticket(_tickets(mail))
    return Match(found, sure=known and found is not None, ticket=next(iter(tickets), ""))


def is_from_8x8(address: str) -> bool:
    """Tell whether an address is of a place that letters go to, or below one."""
    place = address.rpartition("@")[2].lower()
    ours = [*settings.INQUIRY_RECIPIENTS, settings.ZENDESK.host]
    places = {each.rpartition("@")[2].lower() for each in ours}
    return any(place == each or place.endswith(f".{each}") for each in places if place)


def is_ours(mail: Incoming) -> bool:
    """Tell whether it is a letter of ours that came round."""
    return bool(mail.message_id) and Letter.objects.filter(message_id=mail.message_id).exists()


def _by_letter(ids: Iterable[str]) -> Inquiry | None:
    wanted = list(ids)[:_MOST_IDS]
    letters = Letter.objects.filter(message_id__in=wanted).select_related("inquiry__created_by")
    found = {each.message_id: each.inquiry for each in letters} if wanted else {}
    return next((found[each] for each in wanted if each in found), None)


def _by_reference(subject: str) -> Inquiry | None:
    numbers = {int(each) for each in _REFERENCE.findall(subject)}
    return Inquiry.objects.filter(pk__in=numbers).first() if len(numbers) == 1 else None


def _by_ticket(tickets: list[str]) -> Inquiry | None:
    """Return the inquiry with one of these tickets, if there is exactly one."""
    spelt = [*tickets, *(f"#{each}" for each in tickets)]
    found = list(Inquiry.objects.filter(ticket__in=spelt)[:2]) if spelt else []
    return found[0] if len(found) == 1 else None


def _tickets(mail: Incoming) -> list[str]:
    """Return the ticket numbers that a mail names, in its subject first."""
    text = f"{mail.subject}\n{mail.text[:_LOOKED_AT]}"
    return list(dict.fromkeys(one or other for one, other in _TICKET.findall(text)))[:10]
