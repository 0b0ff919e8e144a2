"""What the pages of the quarantine have in common: words, and who may do what."""

from dataclasses import dataclass
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from support_portal.accounts.models import User
from support_portal.dashboard.refusals import title_of
from support_portal.ingest.quarantine_models import (
    QuarantineRun,
    QuarantineState,
    RunKind,
    RunState,
)

# State -> tone, icon, word.
STATES = {
    QuarantineState.WAITING: ("warn", "warn", "Waits"),
    QuarantineState.REPLAYED: ("ok", "repeat", "Sent again"),
    QuarantineState.EDITED: ("ok", "check", "Edited"),
    QuarantineState.DISCARDED: ("none", "x", "Discarded"),
}
STEPS = {
    "replayed": "sent it through the intake again",
    "returned": "was refused once more and waits again",
    "edited": "sent an edited text in its place",
    "discarded": "discarded it",
    "restored": "let it wait again",
    "downloaded": "downloaded it as it came",
}
RUNS = {RunKind.REPLAY: "Replay", RunKind.DISCARD: "Discard", RunKind.RESTORE: "Restore"}
RUN_STATES = {
    RunState.RUNNING: ("", "queued", "Under way"),
    RunState.SETTLING: ("", "queued", "The intake reads"),
    RunState.DONE: ("ok", "ok", "Done"),
    RunState.CANCELLED: ("none", "x", "Cancelled"),
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do in the quarantine."""

    read: bool  # see and download what was sent: whose it is was not understood
    replay: bool
    decide: bool  # edit, discard, restore: only over what one may read


def rights(person: User) -> Rights:
    """Return what ``person`` may do."""
    everything = person.sub_accounts is None
    lead = person.may("replay")
    return Rights(read=everything, replay=lead, decide=lead and everything)


def person_of(request: HttpRequest) -> User:
    """Return who asks."""
    return cast(User, request.user)


def replayer(request: HttpRequest) -> str:
    """Return the name of a person who may replay; PermissionDenied for others."""
    person = person_of(request)
    if not rights(person).replay:
        raise PermissionDenied("Sending items through the intake again is for leads.")
    return person.get_username()


def decider(request: HttpRequest) -> str:
    """Return the name of a person who may edit and discard; PermissionDenied for others."""
    person = person_of(request)
    if not rights(person).decide:
        raise PermissionDenied("This is for leads who look after all sub-accounts.")
    return person.get_username()


def reader(request: HttpRequest) -> str:
    """Return the name of a person who may take what was sent; PermissionDenied for others."""
    person = person_of(request)
    if not rights(person).read:
        raise PermissionDenied("What was sent is for those who look after all sub-accounts.")
    return person.get_username()


def items(count: int) -> str:
    """Return a number of items in words."""
    return "1 item" if count == 1 else f"{count:,} items"


def run_words(run: QuarantineRun) -> str:
    """Say what a pass is about."""
    what = f"“{title_of(run.reason)}”" if run.reason else "a group" if run.group_id else "all"
    return f"{RUNS[RunKind(run.kind)]} {what}"
