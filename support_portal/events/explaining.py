"""Which events of the account explain which codes: a declared table, each row with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from support_portal.events.models import AccountEvent, Reader

LOOK_BACK = timedelta(days=30)
MOST = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """Events of these kinds (and statuses, if any are named) may lead to these codes."""

    kinds: frozenset[str]
    statuses: frozenset[str]  # empty: any
    codes: frozenset[tuple[str, int]]  # registry and number
    why: str

    @property
    def condition(self) -> Q:
        """Return the same as a condition of the database."""
        statuses = Q(status__in=self.statuses) if self.statuses else Q()
        return Q(kind__in=self.kinds) & statuses

    def fits(self, event: AccountEvent) -> bool:
        """Tell whether ``event`` is meant."""
        return event.kind in self.kinds and (not self.statuses or event.status in self.statuses)


@dataclass(frozen=True, slots=True)
class Explanation:
    """An event, and why it may be the cause."""

    event: AccountEvent
    why: str


def _codes(**numbers: Sequence[int]) -> frozenset[tuple[str, int]]:
    return frozenset((key, number) for key, listed in numbers.items() for number in listed)


RULES = (
    Rule(
        frozenset({"template_status_update"}),
        frozenset({"REJECTED", "PAUSED", "FLAGGED", "DISABLED", "PENDING_DELETION"}),
        _codes(
            chatapps_dlr_whatsapp=(1031, 1033, 1035, 1036),
            whatsapp_provider=(132001, 132007, 132015, 132016),
            api_error=(3038, 3060),
        ),
        "A template that is rejected, paused, disabled or being deleted cannot be sent.",
    ),
    Rule(
        frozenset({"template_quality_update"}),
        frozenset(),
        _codes(
            chatapps_dlr_whatsapp=(1023, 1035, 1036), whatsapp_provider=(131048, 132015, 132016)
        ),
        "WhatsApp pauses templates whose quality falls, and holds their messages back as spam.",
    ),
    Rule(
        frozenset({"phone_number_quality_update"}),
        frozenset({"DOWNGRADE", "FLAGGED", "THROUGHPUT_DOWNGRADE"}),
        _codes(chatapps_dlr_whatsapp=(1002, 1008, 1023), whatsapp_provider=(4, 80007, 131048)),
        "A number with a lower limit or a bad mark may send fewer messages than before.",
    ),
    Rule(
        frozenset({"account_update"}),
        frozenset({"ACCOUNT_RESTRICTION", "ACCOUNT_VIOLATION"}),
        _codes(
            chatapps_dlr_whatsapp=(1007, 1019, 1033, 1053),
            whatsapp_provider=(368, 131031, 132007, 138009),
        ),
        "WhatsApp refuses what an account under a restriction may not do.",
    ),
)


def explaining(
    registry: str, code: int, reader: Reader, until: datetime | None = None
) -> list[Explanation]:
    """Return the newest events that may explain ``code``, of the days before ``until`` if given.

    A code that no rule names costs no query.
    """
    rules = [rule for rule in RULES if (registry, code) in rule.codes]
    if not rules:
        return []
    named = reduce(or_, (rule.condition for rule in rules))
    events = AccountEvent.objects.visible_to(reader).filter(named)
    if until is not None:
        events = events.filter(occurred_at__lte=until, occurred_at__gt=until - LOOK_BACK)
    return [
        Explanation(event, next(rule.why for rule in rules if rule.fits(event)))
        for event in events.newest_first()[:MOST]
    ]
