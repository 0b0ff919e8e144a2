"""Storing facts that may be told more than once and not quite alike: in the end one row each.

Where two tellings differ the larger value stays, a rule that knows no order of arrival: a time with
more decimals is larger than the same time cut, and anything is larger than nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from support_portal.core.bulk import insert_rows, update_rows
from support_portal.events.arrivals import Arrived, Recorded
from support_portal.events.recipients import recipient

Key = tuple[Any, ...]
WHOM = ("country", "destination_masked", "destination_digest", "destination_sealed")
CAME = ("received_at", "delivery_id", "position")


class Merged:
    """The rows of one model as they will be, by key."""

    def __init__(
        self, model: type[models.Model], key: Sequence[str], told: Sequence[str], ids: set[Any]
    ) -> None:
        self.model, self.key, self.told = model, tuple(key), tuple(told)
        self.fields = (*self.key, *CAME, "repeats", *self.told, *WHOM)
        stored = model._default_manager.filter((f"{key[0]}__in", ids)).values(*self.fields)
        self._stored = {self._key_of(row): row for row in stored}
        self._fresh: dict[Key, dict[str, Any]] = {}
        self._changed: dict[Key, dict[str, Any]] = {}

    def add(
        self, arrival: Arrived[Any], told: Mapping[str, Any], number: str, counted: Recorded
    ) -> None:
        """Take in one telling; ``told`` holds the values of key and told fields."""
        key = self._key_of(told)
        row = self._fresh.get(key) or self._stored.get(key)
        if row is None:
            self._fresh[key] = _first(arrival, told, number)
            counted.new[arrival.delivery_id] += 1
            return
        counted.repeated[arrival.delivery_id] += 1
        row["repeats"] += 1
        for name in self.told:
            row[name] = larger(row[name], told[name])
        _address(row, number)
        if key in self._stored:
            self._changed[key] = row

    def write(self) -> None:
        """Insert what is new and update what was told again."""
        insert_rows(self.model, self.fields, map(self._values, self._fresh.values()))
        changing = ("repeats", *self.told, *WHOM)
        update_rows(
            self.model,
            changing,
            self.key,
            ([row[name] for name in (*changing, *self.key)] for row in self._changed.values()),
        )

    def _values(self, row: Mapping[str, Any]) -> list[Any]:
        return [row[name] for name in self.fields]

    def _key_of(self, row: Mapping[str, Any]) -> Key:
        return tuple(row[name] for name in self.key)


def larger(one: Any, other: Any) -> Any:
    """Return the larger of two values; nothing is the smallest."""
    return max((value for value in (one, other) if value is not None), default=None)


def _first(arrival: Arrived[Any], told: Mapping[str, Any], number: str) -> dict[str, Any]:
    row = {
        **told,
        "received_at": arrival.received_at,
        "delivery_id": arrival.delivery_id,
        "position": arrival.position,
        "repeats": 0,
        **dict.fromkeys(("country", "destination_masked"), ""),
        **dict.fromkeys(("destination_digest", "destination_sealed")),
    }
    _address(row, number)
    return row


def _address(row: dict[str, Any], number: str) -> None:
    """Set the number, all its forms or none; of two the one with the higher digest stays."""
    whom = recipient(number)
    if whom.digest and whom.digest > bytes(row["destination_digest"] or b""):
        row.update(zip(WHOM, whom, strict=True))
