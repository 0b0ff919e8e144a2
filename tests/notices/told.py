"""Notices that tests begin with."""

from support_portal.accounts.models import User
from support_portal.notices.models import Kind, Notice
from support_portal.notices.services import News, tell


def news(person: User, title: str = "It has arrived", *, once: str = "watch 0") -> News:
    """Return something to tell ``person``."""
    return News(person, Kind.ARRIVED, title, "/e/1cc1eda1-f5dd-ea11-8288-000000000001", once)


def told(person: User, many: int) -> list[Notice]:
    """Tell ``person`` so many things; return them, oldest first."""
    tell([news(person, f"News {number}", once=f"news {number}") for number in range(many)])
    return list(Notice.objects.of(person).reverse())
