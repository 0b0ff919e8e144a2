"""Reading comments for pages that show other things as well."""

import json
from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Count

from support_portal.comments.models import Comment
from support_portal.core.composed import Composed

_KEYS = {  # thousands of them are one parameter
    "postgresql": "IN (SELECT json_array_elements_text(%s::json))",
    "sqlite": "IN (SELECT value FROM json_each(%s))",
}


MOST_COMMENTS = 20_000  # that are looked through for the records they are about

_thread = Composed(Comment.objects.about)


def thread(kind: str, key: str) -> list[Comment]:
    """Return the comments on one target, oldest first."""
    return _thread(kind, key)


def counts(kind: str, keys: Iterable[str]) -> dict[str, int]:
    """Return how many comments each of ``keys`` has; those without any are left out."""
    table = connection.ops.quote_name(Comment._meta.db_table)
    statement = (
        f"SELECT target_key, count(*) FROM {table} WHERE target_kind = %s"  # noqa: S608 - names
        f" AND target_key {_KEYS[connection.vendor]} AND gone_at IS NULL GROUP BY target_key"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [kind, json.dumps(list(keys))])
        return dict(cursor.fetchall())


def commented(kind: str) -> tuple[frozenset[UUID], bool]:
    """Return the ids of the records of a kind that were commented last, and whether there are more."""
    present = Comment.objects.present().filter(target_kind=kind)
    keys = list(present.order_by("-id").values_list("target_key", flat=True)[: MOST_COMMENTS + 1])
    return frozenset(map(UUID, keys[:MOST_COMMENTS])), len(keys) > MOST_COMMENTS


def all_counts(kind: str, most: int) -> dict[str, int] | None:
    """Return the counts of every target that has comments; None when they are more than ``most``."""
    present = Comment.objects.present().filter(target_kind=kind)
    rows = present.values_list("target_key").order_by("target_key")
    found = dict(rows.annotate(total=Count("id"))[: most + 1])
    return None if len(found) > most else found
