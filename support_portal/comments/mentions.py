"""``@name`` in a comment: whom it calls."""

import re
from collections.abc import Iterator

from django.db.models import Q
from django.db.models.functions import Lower

from support_portal.accounts.models import User

MOST = 50  # names in one comment that are looked up
# What user names are made of.  Behind a letter or a digit it is a mail address, and no name.
NAME = re.compile(r"(?<![\w.@+/-])@([\w.@+-]{1,150})")
QUOTED = ">"


def mentioned(body: str) -> list[User]:
    """Return the people whom a text calls; what it quotes calls nobody again."""
    spellings = list(dict.fromkeys(_spellings(body)))[: 4 * MOST]
    if not spellings:
        return []
    active = User.objects.filter(is_active=True).alias(lower=Lower("username"))
    # SQLite lowers the letters of English alone, so a name is found as it is written too.
    meant = Q(username__in=spellings) | Q(lower__in={each.lower() for each in spellings})
    known = active.filter(meant).select_related("team").order_by("pk")
    by_name: dict[str, User] = {}
    for person in known:
        by_name.setdefault(person.username.lower(), person)
        by_name[person.username] = person
    found = (by_name.get(each) or by_name.get(each.lower()) for each in spellings)
    return list(dict.fromkeys(person for person in found if person))[:MOST]


def _spellings(body: str) -> Iterator[str]:
    """Yield each name as it may be meant: what ends a sentence may end a name as well."""
    for line in body.split("\n"):
        if line.startswith(QUOTED):
            continue
        for found in NAME.finditer(line):
            name = found[1]
            yield name
            while (shorter := name[:-1]) and name[-1] in ".@+-":
                name = shorter
                yield name
