"""Senders as their pages show them: state, secrets, pace and what was done to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from support_portal.accounts.models import ApiToken, HookKey, SenderChange, SenderKind
from support_portal.accounts.selectors import SOON, Hour, last_hour, names
from support_portal.accounts.services import kind_of
from support_portal.dashboard import clock

Sender = ApiToken | HookKey
ICONS = {"created": "plus", "rotated": "repeat", "revoked": "reject", "old ended": "check"}


@dataclass(frozen=True, slots=True)
class State:
    """Whether a sender may come in, as a state is drawn."""

    tone: str
    icon: str
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """A sender in the list."""

    sender: Sender
    href: str
    state: State
    calls: str  # in the last hour
    refused: str
    old_lives: bool
    restricted: str  # to which sub-accounts


@dataclass(frozen=True, slots=True)
class Line:
    """A change in the history."""

    at: datetime
    who: str
    what: str
    details: list[str]
    name: str
    href: str
    icon: str


def state_of(sender: Sender, now: datetime) -> State:
    """Return whether ``sender`` may come in, and whether that ends soon."""
    if sender.revoked_at:
        return State("none", "reject", "revoked")
    if sender.expires_at and sender.expires_at <= now:
        return State("bad", "fail", "expired")
    if sender.expires_at and sender.expires_at <= now + SOON:
        return State("warn", "warn", "expires soon")
    return State("ok", "ok", "alive")


def old_lives(sender: Sender, now: datetime) -> bool:
    """Tell whether the secret before the last rotation still opens."""
    return bool(not sender.revoked_at and sender.old_until and sender.old_until > now)


def rows(senders: Iterable[Sender], kind: SenderKind, now: datetime) -> list[Row]:
    """Return the rows of one kind, with what each did in the last hour."""
    hours = last_hour(kind, now)
    return [_row(sender, kind, hours.get(sender.pk, Hour()), now) for sender in senders]


def _row(sender: Sender, kind: SenderKind, hour: Hour, now: datetime) -> Row:
    return Row(
        sender,
        address(kind.value, sender.pk),
        state_of(sender, now),
        f"{hour.requests:,}",
        f"{hour.refused:,}" if hour.refused else "",
        old_lives(sender, now),
        ", ".join(getattr(sender, "sub_accounts", None) or ()),
    )


def lines(found: Iterable[SenderChange]) -> list[Line]:
    """Return changes with the names of the senders as they are now."""
    told = list(found)
    named = names(told)
    return [
        Line(
            change.at,
            change.who,
            change.what,
            change.detail.splitlines(),
            named.get((change.kind, change.sender_id), "removed"),
            address(change.kind, change.sender_id),
            ICONS.get(change.what, "key"),
        )
        for change in told
    ]


def facts(sender: Sender, now: datetime) -> list[dict[str, str]]:
    """Return what is known of a sender."""
    hour = last_hour(kind_of(sender), now).get(sender.pk, Hour())
    calls = "1 call" if hour.requests == 1 else f"{hour.requests:,} calls"
    pace = f"{calls}, {filesizeformat(hour.bytes)}"
    told = [
        {"label": "Secret", "value": _begins(sender.hint)},
        {"label": "Last used", "value": _moment(sender.last_used_at, "never")},
        {"label": "Last hour", "value": pace, "note": _refused(hour)},
        {"label": "Made", "value": _moment(sender.created_at, "")},
        {"label": "Expires", "value": _moment(sender.expires_at, "never")},
    ]
    if isinstance(sender, HookKey):
        agreed = "agreed, stored as a digest" if sender.authorization_digest else "none"
        told.append({"label": "Authorization", "value": agreed})
    if sender.revoked_at:
        told.append({"label": "Revoked", "value": _moment(sender.revoked_at, "")})
    if old_lives(sender, now):
        told.append({"label": "Old secret", "value": _begins(sender.old_hint), "cut": "yes"})
        told.append({"label": "Old lives until", "value": _moment(sender.old_until, "")})
        told.append({"label": "Old last used", "value": _moment(sender.old_used_at, "never")})
    return told


def address(kind: str, pk: int) -> str:
    """Return the page of a sender."""
    return reverse("intake:sender", args=[kind, pk])


def _begins(hint: str) -> str:
    return f"{hint}…" if hint else "too short for a hint"


def _moment(moment: datetime | None, never: str) -> str:
    return clock.day_and_clock(moment) if moment else never


def _refused(hour: Hour) -> str:
    return f"{hour.refused:,} refused for being over the quota" if hour.refused else ""
