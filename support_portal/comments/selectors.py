"""Reading comments for pages that show other things as well."""

from collections.abc import Iterable

from django.db.models import Count

from support_portal.comments.models import Comment


def thread(kind: str, key: str) -> list[Comment]:
    """Return the comments on one target, oldest first."""
    return list(Comment.objects.about(kind, key))


def counts(kind: str, keys: Iterable[str]) -> dict[str, int]:
    """Return how many comments each of ``keys`` has; those without any are left out."""
    rows = Comment.objects.filter(target_kind=kind, target_key__in=list(keys))
    found = rows.values_list("target_key").annotate(total=Count("id")).order_by()
    return dict(found)
