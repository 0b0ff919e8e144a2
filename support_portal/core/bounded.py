"""Counts that stop at a limit."""

from typing import Any

from django.db.models import QuerySet

from support_portal.core.composed import Figure


def counted(rows: "QuerySet[Any, Any]", most: int) -> Figure:
    """Return how many rows a queryset has as a part of another query; no more than ``most`` are looked at."""
    return Figure(rows.order_by().values("pk")[:most], counted=True)


def in_words(count: int, most: int) -> str:
    """Say a number: "" for none, 99+ for more than ``most`` of 99."""
    return f"{most}+" if count > most else str(count or "")
