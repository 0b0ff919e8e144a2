"""Time in which we did not hear, in words: on the intake page, on timelines, in the shell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.core.composed import Figure
from support_portal.dashboard import clock, pieces
from support_portal.events.models import Reader
from support_portal.ingest.listening.models import DeafInterval, DeafKind, Role, SignOfLife
from support_portal.ingest.listening.selectors import deaf_between
from support_portal.ingest.listening.services import MISSED

MOST_SHOWN = 10
TITLES = {
    DeafKind.DOWN: "We did not listen",
    DeafKind.REFUSED: "We could not keep what was sent",
    DeafKind.SILENT: "A sub-account was silent",
}
_NAME_IT = "Write below what it was or what was done; then it is no longer asked for."


@dataclass(frozen=True, slots=True)
class Deaf:
    """An interval and what it means."""

    interval: DeafInterval
    title: str
    when: str
    length: str
    meaning: str
    lost: str  # the time whose webhooks never came; "" when none
    steps: tuple[str, ...]

    @property
    def tone(self) -> str:
        """Return the tone: what may be lost is a warning until somebody has looked after it."""
        urgent = self.lost or self.interval.ended_at is None
        return "warn" if urgent and not self.interval.note else "none"

    @property
    def word(self) -> str:
        """Say in two words how it stands."""
        if self.tone == "warn":
            return "to look after"
        if self.interval.note:
            return "looked after"
        return "over" if self.silent else "nothing lost"

    @property
    def silent(self) -> bool:
        """Tell whether it was not our fault."""
        return self.interval.kind == DeafKind.SILENT


def in_words(interval: DeafInterval) -> Deaf:
    """Say what an interval means and what to do."""
    kind = DeafKind(interval.kind)
    lost_until = interval.lost_until
    lost = until(interval.began_at, lost_until) if lost_until else ""
    return Deaf(
        interval=interval,
        title=TITLES[kind],
        when=until(interval.began_at, interval.ended_at),
        length=clock.duration((interval.ended_at or timezone.now()) - interval.began_at),
        meaning=_meaning(interval, lost),
        lost=lost,
        steps=_steps(interval, lost),
    )


def recent(user: User) -> list[Deaf]:
    """Return the newest intervals that ``user`` may know of."""
    rows = DeafInterval.objects.visible_to(user).newest_first()[:MOST_SHOWN]
    return [in_words(row) for row in rows]


def beside(user: User, sub_account: str, began: datetime, ended: datetime) -> list[Deaf]:
    """Return the intervals that touch a record of ``sub_account`` between two moments."""
    return [in_words(row) for row in deaf_between(user, sub_account, began, ended)]


def figures(reader: Reader) -> dict[str, Figure]:
    """Return what ``now`` needs for a reader."""
    silent = DeafInterval.objects.visible_to(reader).filter(
        kind=DeafKind.SILENT, ended_at=None, note=""
    )
    signs = SignOfLife.objects.filter(role=Role.WEB).order_by("-seen_at")
    return {
        "heard_at": Figure(signs.values_list("seen_at")),
        "database_now": Figure(signs.annotate(now=Now()).values_list("now")),
        "silent": Figure(silent.order_by(), counted=True),
    }


def now(found: Mapping[str, Any]) -> str:
    """Say in one sentence what is not heard at present, "" when all is."""
    heard_at, count = found["heard_at"], found["silent"]
    if heard_at is None:
        return ""
    if found["database_now"] - heard_at > MISSED:
        return f"Nothing can be kept since {second(heard_at)}."
    if not count:
        return ""
    return "A sub-account is silent." if count == 1 else f"{count} sub-accounts are silent."


def until(began: datetime, ended: datetime | None) -> str:
    """Say from when to when, to the second, with the day where it is another than today."""
    start = _moment(began, timezone.localdate())
    if ended is None:
        return f"since {start}"
    return f"{start} to {_moment(ended, timezone.localtime(began).date())}"


def second(moment: datetime) -> str:
    """Say a moment to the second, with the day where it is another than today."""
    return _moment(moment, timezone.localdate())


def _moment(moment: datetime, day: object) -> str:
    local = timezone.localtime(moment)
    time = f"{local:%H:%M:%S}"
    return time if local.date() == day else f"{clock.short_day(moment)}, {time}"


def _meaning(interval: DeafInterval, lost: str) -> str:
    if interval.kind == DeafKind.SILENT:
        return _meaning_of_silence(interval)
    refused = _refused(interval)
    if lost:
        return (
            f"{refused}What 8x8 first tried from {lost} it repeated for 131 s and then gave up:"
            " receipts of that time may be missing."
        )
    return (
        f"{refused}It was shorter than the 131 s for which 8x8 repeats: nothing is lost, only late."
    )


def _refused(interval: DeafInterval) -> str:
    if not interval.refused:
        return ""
    doors = " and ".join(pieces.SOURCES.get(word, word) for word in interval.sources.split())
    calls = "1 call was" if interval.refused == 1 else f"{interval.refused:,} calls were"
    return f"{calls} answered with an error ({doors}). "


def _meaning_of_silence(interval: DeafInterval) -> str:
    usual = f"At least {interval.expected:,} items usually come in such a time, and none did."
    if interval.ended_at:
        return f"{usual} It has sent again since."
    return f"{usual} We listened meanwhile."


def _steps(interval: DeafInterval, lost: str) -> tuple[str, ...]:
    if interval.kind == DeafKind.SILENT:
        if interval.ended_at:
            return ("If messages were sent in this time, ask 8x8 to send their receipts again.",)
        return (
            "Look in 8x8 Connect whether the webhook of this sub-account still points to us.",
            "Ask those who send whether they stopped. If it is meant, write that below.",
        )
    if not lost:
        return ("Nothing needs to be done.",)
    return (
        "In 8x8 Connect, send the failed webhook deliveries of this time again.",
        f"Or pull the log export of {lost} and upload it under Files.",
        _NAME_IT,
    )
