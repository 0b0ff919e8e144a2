"""What forms send to add records to an inquiry: "error_id 9e30…", with the time of what is missing."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.http import QueryDict
from django.utils.dateparse import parse_datetime

from support_portal.dashboard import clock
from support_portal.inquiries.freezing import Named, Wanted
from support_portal.lookup import Item
from support_portal.payloads.ids import parse_id

NAMES = {"error": Named.ERROR, "message": Named.MESSAGE}
MOST = 5_000


def evidence_of(item: Item, at: datetime | None = None) -> list[str]:
    """Return a line for each record that a recognised thing leads to, or one for its id."""
    held = [f"{NAMES[hit.kind]} {hit.id}" for hit in item.hits if hit.kind in NAMES]
    kind = item.thing.kind
    if held or item.found is not False or kind not in list(Named):
        return held
    return [f"{kind} {item.thing.value}" + (f" {clock.iso(at)}" if at else "")]


def wanted_in(form: QueryDict) -> list[Wanted]:
    """Return what a form wants to add: all its lines, or those of the rows that are ticked."""
    plain = form.get("wanted", "").splitlines()
    ticked = {row.partition(" ")[0] for row in form.getlist("row")}
    numbered = (line.partition(" ") for line in form.get("evidence", "").splitlines())
    chosen = (rest for number, _, rest in numbered if not ticked or number in ticked)
    lines = [*plain, *chosen][:MOST]
    return list({each.value: each for each in _read(lines)}.values())


def line(wanted: Wanted) -> str:
    """Return the line of one id."""
    at = f" {clock.iso(wanted.at)}" if wanted.at else ""
    return f"{wanted.name} {wanted.value}{at}"


def _read(lines: list[str]) -> Iterator[Wanted]:
    for each in lines:
        name, value, *rest = [*each.split(), "", ""]
        found = parse_id(value)
        if name in list(Named) and found:
            yield Wanted(Named(name), UUID(str(found)), moment_in(rest[0]))


def moment_in(text: str) -> datetime | None:
    """Return the moment that is written in a form, None where it is none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
