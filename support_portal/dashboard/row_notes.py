"""What rows of the large tables say beside their record: how often it came, and what colleagues do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString

from support_portal.accounts.models import User
from support_portal.comments.selectors import counts
from support_portal.dashboard import pieces, standings
from support_portal.dashboard.markup import draw, joined
from support_portal.dashboard.standings import Shown
from support_portal.inquiries.models import PREFIX
from support_portal.inquiries.models import State as InquiryState
from support_portal.inquiries.selectors import Holding, holding
from support_portal.teamwork.models import State

# How a group stands, in a word that a row has room for.
WORDS = {
    State.WATCHING: "Watching",
    State.WAITING: "Waiting",
    State.SOLVED: "Solved",
    State.MUTED: "Muted",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the records of a page."""

    comments: Mapping[str, int] = field(default_factory=dict)
    inquiries: Mapping[UUID, Sequence[Holding]] = field(default_factory=dict)  # newest first
    groups: Mapping[int, Shown] = field(default_factory=dict)  # how errors that are alike stand


def beside(what: str, records: Sequence[Any], person: User) -> Beside:
    """Ask for all records of a page at once: as many queries for one as for a hundred."""
    if not records:
        return Beside()
    return Beside(
        counts(what, [str(each.pk) for each in records]),
        holding([each.pk for each in records], person),
        standings.of_groups(each.group_id for each in records) if what == "error" else {},
    )


def notes(record: Any, known: Beside, *, repeats: int = 0, group: int = 0) -> SafeString:
    """Draw what there is to say of a record; of most there is nothing."""
    parts = []
    if repeats:
        parts.append(_chip("repeat", f"{repeats + 1}×", f"came {repeats + 1} times"))
    if comments := known.comments.get(str(record.pk), 0):
        said = f"{comments} comment" + ("s" if comments > 1 else "")
        parts.append(_chip("comment", str(comments), said))
    if held := known.inquiries.get(record.pk):
        parts.append(_inquiry(held[0], len(held) - 1))
    if (stands := known.groups.get(group)) and (word := _standing(stands)):
        who = f", {stands.who}" if stands.who else ""
        parts.append(_chip(stands.icon, word, f"those that are alike: {stands.word}{who}"))
    return joined(parts, " ")


def _standing(stands: Shown) -> str:
    """Return the word of a group; "" when it is open and nobody's, as all are at first."""
    if stands.state is State.OPEN:
        first_name = stands.who.partition(" ")[0]
        return first_name or ("Came back" if stands.since and stands.tone == "warn" else "")
    return WORDS[stands.state]


def _inquiry(newest: Holding, others: int) -> SafeString:
    """Draw the newest inquiry that a record is in, and that there are more."""
    name = f"{PREFIX}{newest.number}"
    more = f" and {others} more" if others else ""
    state = InquiryState(newest.state).label.lower()
    return draw(
        '<a class="state" href="{}" title="{}">{}{}</a>',
        _address("inquiries:detail", newest.number), f"in inquiry {name}, {state}{more}",
        pieces.icon("inquiry"), name + ("+" if others else ""),
    )  # fmt: skip


@lru_cache(maxsize=500)
def _address(name: str, number: int) -> str:
    return reverse(name, args=[number])


@lru_cache(maxsize=500)
def _chip(icon: str, shown: str, said: str) -> SafeString:
    return draw(
        '<span class="state" title="{}">{}<bdi class="clip" aria-hidden="true">{}</bdi>'
        '<span class="vh">{}</span></span>',
        said, pieces.icon(icon), shown, said,
    )  # fmt: skip
