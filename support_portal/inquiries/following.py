"""Who follows an inquiry, and telling them what became of it."""

from collections.abc import Collection

from django.urls import reverse

from support_portal.accounts.models import User
from support_portal.events.models import allowed
from support_portal.inquiries.models import Follower, Inquiry
from support_portal.notices.models import Kind
from support_portal.notices.services import News
from support_portal.notices.services import tell as tell_people


def follow(inquiry: Inquiry, person: User) -> bool:
    """Let a person be told of an inquiry; False when they are already."""
    return Follower.objects.get_or_create(inquiry=inquiry, person=person)[1]


def leave(inquiry: Inquiry, person: User) -> None:
    """Let a person be told no more."""
    Follower.objects.filter(inquiry=inquiry, person=person).delete()


def follows(inquiry: Inquiry, person: User) -> bool:
    """Tell whether a person follows an inquiry."""
    return Follower.objects.filter(inquiry=inquiry, person=person).exists()


def followers(inquiry: Inquiry, named: Collection[str] | None = None) -> list[User]:
    """Return who follows an inquiry, works here, and may see all of it; the first one first.

    ``named`` are the sub-accounts of its evidence, for who knows them already.
    """
    people = User.objects.filter(is_active=True, followed__inquiry=inquiry)
    if named is None:
        named = inquiry.evidence.order_by().values_list("sub_account", flat=True).distinct()
    told = set(named)
    return [
        person
        for person in people.select_related("team").order_by("followed__id")
        if (seen := allowed(person)) is None or told <= set(seen)
    ]


def tell(
    inquiry: Inquiry, what: str, *, once: str, text: str = "", but: User | None = None
) -> list[User]:
    """Tell all followers but one what happened, in its transaction; return who is told.

    ``once`` names the occasion: nobody is told of the same twice.
    """
    told = [person for person in followers(inquiry) if but is None or person.pk != but.pk]
    link = reverse("inquiries:detail", args=[inquiry.pk])
    title = f"{inquiry.reference}: {what}"
    tell_people(
        [
            News(person, Kind.INQUIRY, title, link, f"{inquiry.reference} {once}", text)
            for person in told
        ]
    )
    return told
