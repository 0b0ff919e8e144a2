"""Counts that stop at a limit, several of them in one query."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery


class Counted(Subquery):
    """How many rows a queryset has, but no more than ``most`` are looked at."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any], most: int) -> None:
        super().__init__(rows.order_by().values("pk")[:most])


def in_words(count: int, most: int) -> str:
    """Say a number: "" for none, 99+ for more than ``most`` of 99."""
    return f"{most}+" if count > most else str(count or "")
