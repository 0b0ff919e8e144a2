"""What the list of inquiries can be narrowed to, read from its address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from support_portal.accounts.models import User
from support_portal.dashboard.addresses import changed, not_understood
from support_portal.inquiries.models import PREFIX, Evidence, InquiryQuerySet, State

OPEN, OVERDUE, WAITING, ALL = "open", "overdue", "waiting", "all"
TABS = {OPEN: "Open", OVERDUE: "Overdue", WAITING: "Waiting for 8x8", ALL: "All"}
LONGEST = 60
_CODE = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_NUMBER = re.compile(rf"(?:{PREFIX})?([0-9]{{1,15}})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class InquiryFilter:
    """What is asked for; texts as they were typed."""

    chosen: str = ""  # a key of TABS; "" where the address has none
    mine: bool = False
    code: str = ""
    table: str = ""  # of the code; "": of any
    words: str = ""  # a ticket of 8x8's or a number of ours
    error: str = ""  # of the code
    wrong: str = ""  # what else is not understood

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "InquiryFilter":
        """Read an address; what is not understood is said and finds nothing."""
        show = str(said.get("show", ""))
        code = " ".join(str(said.get("code", "")).split())[:LONGEST]
        return cls(
            chosen=show if show in TABS else "",
            mine=show == "mine" or bool(said.get("mine")),
            code=code,
            table=str(said.get("table", "")).replace("\x00", "")[:40],
            words=" ".join(str(said.get("q", "")).replace("\x00", "").split())[:LONGEST],
            error="" if not code or _CODE.fullmatch(code) else "A code is a whole number.",
            wrong=not_understood(said, show=[*TABS, "mine"], code=None, table=None, q=None),
        )

    @property
    def show(self) -> str:
        """Return which are shown: the open ones, or all where one is looked for."""
        return self.chosen or (ALL if self.code or self.words else OPEN)

    @property
    def narrowed(self) -> bool:
        """Tell whether more is chosen than a tab."""
        return bool(self.mine or self.code or self.words)

    def applied(
        self, rows: InquiryQuerySet, person: User, now: datetime, day: date
    ) -> InquiryQuerySet:
        """Return what fits of ``rows``; ``day`` is today at the desk."""
        if self.error or self.wrong:
            return rows.none()
        if self.mine:
            rows = rows.of(person)
        if self.code:
            rows = rows.filter(pk__in=self._with_code())
        if self.words:
            rows = rows.filter(self._named())
        return self._standing(rows, now, day)

    def _with_code(self) -> Any:
        same = Evidence.objects.filter(code=int(self.code))
        return (same.filter(registry=self.table) if self.table else same).values("inquiry_id")

    def _named(self) -> Q:
        named = Q(ticket__icontains=self.words)
        if number := _NUMBER.fullmatch(self.words):
            named |= Q(number=int(number[1]))
        return named

    def _standing(self, rows: InquiryQuerySet, now: datetime, day: date) -> InquiryQuerySet:
        if self.show == OVERDUE:
            return rows.overdue(now, day)
        if self.show == WAITING:
            return rows.filter(state=State.SENT)
        return rows if self.show == ALL else rows.open()


def tabs(request: HttpRequest, asked: InquiryFilter) -> list[dict[str, object]]:
    """Return the tabs over the list."""
    return [
        {
            "word": word,
            "href": changed(request, show=None if key == OPEN and not _looks(asked) else key),
            "current": key == asked.show,
        }
        for key, word in TABS.items()
    ]


def _looks(asked: InquiryFilter) -> bool:
    return bool(asked.code or asked.words)
