"""Drafts that machines start: for a person who looks at them, and one for each call however often it is made."""

import hashlib
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from support_portal.accounts.admission import Admitted
from support_portal.accounts.models import User
from support_portal.inquiries import services
from support_portal.inquiries.freezing import Wanted
from support_portal.inquiries.models import Inquiry, Start
from support_portal.inquiries.services import Added
from support_portal.notices.models import Kind as About
from support_portal.notices.services import News, tell


class NotTheirs(Exception):
    """The person may not see all of the evidence, and so not the inquiry."""


class OtherCall(Exception):
    """The key stands for another call already."""


def start_once(
    author: User, wanted: Sequence[Wanted], token: Admitted, key: str, *, kind: str = ""
) -> tuple[Inquiry, bool]:
    """Start a draft for a person, who is told; return it, and whether this call started it."""
    asked = _digest(author, wanted, kind)
    if before := _started(token, key, asked):
        return before, False
    try:
        with transaction.atomic():
            inquiry = services.start(author, wanted, kind=kind, through=token)
            _must_be_theirs(inquiry, author)
            Start.objects.create(inquiry=inquiry, token_id=token.id, key=key, asked=asked)
            tell([_news(inquiry, author, token)])
    except IntegrityError:  # the same call at the same time was quicker
        if before := _started(token, key, asked):
            return before, False
        raise
    return inquiry, True


def add_for(inquiry: Inquiry, wanted: Sequence[Wanted], author: User, token: Admitted) -> Added:
    """Add evidence to a draft for a person who may see all of it."""
    with transaction.atomic():
        added = services.add(inquiry, wanted, author, through=token)
        _must_be_theirs(inquiry, author)
    return added


def _started(token: Admitted, key: str, asked: str) -> Inquiry | None:
    found = Start.objects.filter(token_id=token.id, key=key).select_related("inquiry").first()
    if found and found.asked != asked:
        raise OtherCall
    return found.inquiry if found else None


def _must_be_theirs(inquiry: Inquiry, author: User) -> None:
    if not Inquiry.objects.visible_to(author).filter(pk=inquiry.pk).exists():
        raise NotTheirs


def _news(inquiry: Inquiry, author: User, token: Admitted) -> News:
    return News(
        author,
        About.INQUIRY,
        f"{inquiry.reference} was started for you by the token {token.name}",
        services.address(inquiry),
        f"inquiry {inquiry.pk} started",
        inquiry.subject,
    )


def _digest(author: User, wanted: Sequence[Wanted], kind: str) -> str:
    ids = sorted(f"{each.name} {each.value} {each.at}" for each in wanted)
    return hashlib.sha256("\n".join([str(author.pk), kind, *ids]).encode()).hexdigest()
