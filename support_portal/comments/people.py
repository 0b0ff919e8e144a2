"""Whom a comment can call."""

from django.db.models import Q

from support_portal.accounts.models import User
from support_portal.notices.subjects import Subject

MOST = 8
MOST_ASKED = 40  # people of whom it is looked whether they may see the record
LONGEST = 150


def suggested(beginning: str, about: Subject) -> list[User]:
    """Return people who may see the record and whose user name or name begins so."""
    text = beginning[:LONGEST].replace("\x00", "")
    named = (
        Q(username__istartswith=text)
        | Q(first_name__istartswith=text)
        | Q(last_name__istartswith=text)
    )
    rows = User.objects.filter(named, is_active=True).select_related("team").order_by("username")
    return [person for person in rows[:MOST_ASKED] if about.seen_by(person)][:MOST]
