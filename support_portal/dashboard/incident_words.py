"""Incidents in words: for the list, the page, the banner and the pages of records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.dashboard import clock, standings
from support_portal.dashboard.alone import times
from support_portal.events.states import FAILURES
from support_portal.insights import incidents
from support_portal.insights.models import Act, Incident, IncidentStep, Kind, State
from support_portal.teamwork.services import muted_keys

LOOKS: Mapping[State, tuple[str, str, str]] = {
    State.PROPOSED: ("warn", "warn", "To look at"),
    State.CONFIRMED: ("bad", "warn", "Confirmed"),
    State.MERGED: ("none", "fork", "Part of another"),
    State.CLOSED: ("none", "x", "Closed"),
}
ACTS: Mapping[Act, str] = {
    Act.PROPOSED: "found it",
    Act.CONFIRMED: "confirmed it",
    Act.NAMED: "named it",
    Act.MERGED: "made it part of another one",
    Act.CLOSED: "closed it",
    Act.ENDED: "saw that it is back to the usual",
    Act.RESUMED: "saw that it goes on",
}
DETECTOR = "The detector"
FIELDS = {
    "sub_account": "Sub-account",
    "channel": "Channel",
    "country": "Country",
    "operator": "Operator",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An incident as pages show it."""

    incident: Incident
    title: str
    subject: str  # what it is about where it has a name as well; "" otherwise
    tone: str
    icon: str
    word: str
    numbers: str  # "412 in 37 min, 11 times the usual, since 09:45"
    since: str
    href: str
    records: str  # the list of what belongs to it
    stands: standings.Shown | None = None  # where somebody said how

    @property
    def kind(self) -> str:
        """Return the list that they are in: errors or messages."""
        return f"{self.incident.kind}s"

    @property
    def query(self) -> str:
        """Return the filter of that list."""
        return self.records.partition("?")[2]

    @property
    def sentence(self) -> str:
        """Return what the banner says behind the title."""
        return f"{self.numbers}."


@dataclass(frozen=True, slots=True)
class Step:
    """One line of its history."""

    who: str
    what: str
    at: datetime
    reason: str


def told(incident: Incident, person: User, now: datetime | None = None) -> Told:
    """Say what an incident is and how it stands."""
    title = incidents.title(incident)
    subject = incidents.subject(incident)
    tone, icon, word = LOOKS[State(incident.state)]
    if incident.ended_at and incident.state in (State.PROPOSED, State.CONFIRMED):
        tone, icon, word = "none", "ok", f"{word}, over"
    return Told(
        incident,
        title,
        "" if title == subject else subject,
        tone,
        icon,
        word,
        _numbers(incident, person, now or timezone.now()),
        since(incident),
        reverse("incidents:detail", args=[incident.id]),
        records_href(incident),
    )


def all_told(found: Iterable[Incident], person: User) -> list[Told]:
    """Say it for several."""
    return [told(each, person) for each in found]


def with_standings(found: Sequence[Told]) -> list[Told]:
    """Add how they stand."""
    stand = standings.of_incidents(each.incident.id for each in found)
    return [replace(each, stands=stand.get(str(each.incident.id))) for each in found]


def going_on(person: User) -> list[Told]:
    """Return what is unusual at present, for the banner; not what is muted."""
    found = incidents.going_on(person)
    muted = muted_keys("incident", timezone.now()) if found else ()
    return all_told((each for each in found if str(each.id) not in muted), person)


def steps(found: Iterable[IncidentStep]) -> list[Step]:
    """Say who did what, newest first."""
    return [
        Step(_who(each.author), ACTS[Act(each.act)], each.made_at, each.reason) for each in found
    ]


def since(incident: Incident) -> str:
    """Say from when to when it was."""
    began = _clock(incident.began_at)
    return f"from {began} to {_clock(incident.ended_at)}" if incident.ended_at else f"since {began}"


def records_href(incident: Incident) -> str:
    """Return the address of the list of what belongs to it."""
    query: list[tuple[str, object]] = [
        (name, value) for name in incidents.TRAITS if (value := getattr(incident, name))
    ]
    if incident.kind == Kind.MESSAGE:
        query += [("state", state) for state in sorted(FAILURES)]
    if incident.code is not None:
        query.append(("code", incident.code))
        if incident.kind == Kind.MESSAGE:
            query.append(("table", incident.registry))
    query.append(("from", clock.iso(incident.began_at)))
    if incident.ended_at:
        query.append(("to", clock.iso(incident.ended_at)))
    page = "errors:list" if incident.kind == Kind.ERROR else "messages:list"
    return f"{reverse(page)}?{urlencode(query)}"


def facts(incident: Incident, person: User) -> list[dict[str, str]]:
    """Return what it is about, as names and values."""
    about = [{"label": "Failures", "value": incidents.subject(incident)}]
    for name, label in FIELDS.items():
        value = getattr(incident, name)
        if value or name == "sub_account":
            about.append({"label": label, "value": value or "several"})
    about.append({"label": "When", "value": since(incident)})
    if _may_count(incident, person):
        about.append({"label": "Records", "value": f"{incident.records:,}"})
        about.append({"label": "Worst minute", "value": f"{incident.peak:,}"})
        about.append({"label": "The usual", "value": f"{incident.usual:,.1f}"})
    return about


def _numbers(incident: Incident, person: User, now: datetime) -> str:
    parts = []
    if _may_count(incident, person):
        length = max((incident.ended_at or now) - incident.began_at, timedelta(minutes=1))
        parts.append(f"{incident.records:,} in {clock.duration(length.total_seconds() // 60 * 60)}")
        if incident.factor is None:
            parts.append("usually there are none")
        else:
            parts.append(f"{times(incident.factor)} times the usual")
    return ", ".join([*parts, since(incident)])


def _may_count(incident: Incident, person: User) -> bool:
    """Tell whether the stored numbers are of nothing that ``person`` may not know of."""
    return bool(incident.sub_account) or person.sub_accounts is None


def _who(author: User | None) -> str:
    if author is None:
        return DETECTOR
    return author.get_full_name() or author.get_username()


def _clock(moment: datetime) -> str:
    local = timezone.localtime(moment)
    time = f"{local:%H:%M}"
    return time if local.date() == timezone.localdate() else f"{clock.short_day(moment)}, {time}"
