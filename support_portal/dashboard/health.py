"""Is all well with the intake?  The most urgent thing first, what to do, and what else is wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.urls import reverse

from support_portal.dashboard import capacity, clock, deaf
from support_portal.ingest.limits import Standing
from support_portal.ingest.listening.clocks import AHEAD, Ahead
from support_portal.ingest.listening.models import DeafInterval, Role
from support_portal.ingest.listening.selectors import Sign, deaf_since
from support_portal.ingest.selectors import COUNT_LIMIT, IntakeStatus

QUIET_AFTER = timedelta(hours=1)
NAMES = {
    Role.WEB: "Web server",
    Role.WORKER: "Worker",
    Role.BEAT: "Scheduler (beat)",
    Role.SWEEP: "Broker",
}
WORKER = "Start it: celery -A support_portal.celery worker -P solo"
BEAT = "Start it: celery -A support_portal.celery beat"
LOG = "If it runs, look what it wrote last to its log, then start it anew: what it had begun is done again."
BROKER = "Look whether the broker answers: manage.py check_setup tells."
FIRST_DELIVERY = "Give 8x8 the address of the webhook, or let a service post to the intake API."
CLOCKS = "timedatectl says on each machine whether its clock is set by the network."
SENDER = "If more was expected, look at the sender: the webhook in 8x8 Connect, or the log."
KEPT = "Nothing is lost: what is sent is kept, and is read once the worker runs."
NO_HARM = "Nothing is lost: only the order of what is told and what is told by age may look odd."
QUARANTINED = (
    "Nothing is lost: they are kept whole, each with its reason and its sender.",
    "Where the sender is wrong, let it be mended there; a lead edits and sends single items, or discards them.",
    "Where the portal did not know a shape, replay all of them after the upgrade that does.",
)
STOPPED = {
    Role.WORKER: (KEPT, WORKER, LOG),
    Role.BEAT: ("New events are still read, but nothing is looked after.", BEAT, LOG),
    Role.SWEEP: ("New events are read late or not at all; none is lost.", BROKER),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the sentence is made of."""

    now: datetime
    state: IntakeStatus
    signs: Mapping[Role, Sign] = field(default_factory=dict)
    limits: Standing = field(default_factory=Standing)
    lost: DeafInterval | None = None  # the newest with a loss that nobody has looked after
    silent: Sequence[DeafInterval] = ()
    quarantined_lately: int = 0  # in the last hour
    slow_by: timedelta = timedelta()  # our clock behind that of the database
    ahead: Ahead | None = None  # records from the future


@dataclass(frozen=True, slots=True)
class Health:
    """A sentence on top of the intake page, what to do about it, and what else is wrong."""

    tone: str
    title: str
    steps: tuple[str, ...] = ()
    href: str = ""
    action: str = ""
    also: "tuple[Health, ...]" = ()


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one process gives signs of life."""

    name: str
    tone: str
    words: str
    todo: str = ""


def health(picture: Picture) -> Health:
    """Say how the intake is: the first check that finds something has the word, the others follow."""
    found = [one for check in CHECKS if (one := check(picture))]
    if not found:
        return Health("ok", "All is well: everything that was sent is recorded.")
    first, *others = found
    return replace(first, also=tuple(one for one in others if one.tone != "info"))


def processes(picture: Picture) -> list[Check]:
    """Return one line for each kind of process; nothing where none ever gave a sign."""
    return [_process(role, picture.signs) for role in NAMES] if picture.signs else []


def _process(role: Role, signs: Mapping[Role, Sign]) -> Check:
    name, sign = NAMES[role], signs.get(role)
    if role == Role.SWEEP and any(_missed(signs, end) for end in (Role.WORKER, Role.BEAT)):
        return Check(name, "none", "not known while the worker or the scheduler does not run")
    if sign is None:
        return Check(name, "none", "no sign of life yet", _todo(role))
    if sign.missed:
        return Check(name, "bad", f"no sign of life since {deaf.second(sign.seen_at)}", _todo(role))
    ago = f"last sign {clock.ago(sign.seen_at, max(sign.now, sign.seen_at))}"
    if role == Role.SWEEP:
        return Check(name, "ok", f"brings the worker its work, {ago}")
    running = "1 process" if sign.living == 1 else f"{sign.living} processes"
    return Check(name, "ok", f"{running}, {ago}")


def _missed(signs: Mapping[Role, Sign], role: Role) -> bool:
    sign = signs.get(role)
    return sign is not None and sign.missed


def _todo(role: Role) -> str:
    return {Role.WORKER: WORKER, Role.BEAT: BEAT, Role.SWEEP: BROKER}.get(
        role, "Look whether the database takes writes."
    )


def _deaf(picture: Picture) -> Health | None:
    since = deaf_since(picture.signs)
    if since is None:
        return None
    return Health(
        "bad",
        f"Nothing can be kept since {deaf.second(since)}.",
        (
            "Look whether the database takes writes: its disk may be full, or it may be read-only.",
            capacity.RETRIES,
        ),
    )


def _full(picture: Picture) -> Health | None:
    full = picture.limits.full
    if full is None:
        return None
    steps = capacity.STEPS[full.key]
    return Health("bad", f"The intake takes nothing in. {full.sentence}", steps, "#room", "Limits")


def _behind(picture: Picture) -> Health | None:
    if not picture.state.late:
        return None
    lag = clock.duration(picture.state.lag_seconds)
    if stopped := _stopped(picture):
        role, since = stopped
        if role != Role.BEAT:
            return Health("bad", f"The intake is {lag} behind: {since}", STOPPED[role])
    return Health(
        "warn",
        f"The intake is {lag} behind.",
        (
            KEPT,
            capacity.WORKER,
            "If it runs, look whether the disk is full or the database is busy.",
        ),
    )


def _processes(picture: Picture) -> Health | None:
    """Look after what does not run before something waits for it."""
    stopped = _stopped(picture)
    if stopped is None or deaf_since(picture.signs):
        return None  # where nothing can be written, nobody can give a sign
    role, since = stopped
    if picture.state.late and role != Role.BEAT:
        return None  # that is why the intake is behind
    return Health("bad", since[0].upper() + since[1:], STOPPED[role])


def _stopped(picture: Picture) -> tuple[Role, str] | None:
    """Return the first thing that does not run, and the words for it; what stands behind it cannot."""
    for role, words in (
        (Role.WORKER, "the worker has not run"),
        (Role.BEAT, "the scheduler (beat) has not run"),
        (Role.SWEEP, "the broker has brought the worker nothing"),
    ):
        if _missed(picture.signs, role):
            return role, f"{words} since {deaf.second(picture.signs[role].seen_at)}."
    return None


def _filling(picture: Picture) -> Health | None:
    """Warn before the doors close."""
    near = picture.limits.near
    if near is None or picture.limits.full:
        return None
    title = f"The intake will soon take nothing in. {near.sentence}"
    return Health("warn", title, capacity.BEFORE[near.key], "#room", "Limits")


def _clocks(picture: Picture) -> Health | None:
    """Look after the clocks: times of events are as good as whoever tells them."""
    if abs(picture.slow_by) > AHEAD:
        way = "behind" if picture.slow_by > timedelta() else "ahead of"
        length = clock.duration(abs(picture.slow_by))
        return Health(
            "warn",
            f"The clock of this web server is {length} {way} that of the database.",
            ("Set the one that is wrong; nothing is lost meanwhile, but times are.", CLOCKS),
        )
    return _from_the_future(picture.ahead) if picture.ahead else None


def _from_the_future(ahead: Ahead) -> Health:
    by = clock.duration(ahead.by)
    records = f"{ahead.records:,}{'+' * ahead.more} records of the last hour"
    if ahead.ours:
        return Health(
            "warn",
            f"{records} are dated up to {by} in the future: our clock is probably slow.",
            (f"Look whether the clock of the web servers is right. {CLOCKS}", NO_HARM),
        )
    return Health(
        "warn",
        f"{records} from {ahead.sender or 'one sender'} are dated up to {by} in the future.",
        (
            "Its clock is fast, or it writes local times without a zone: those are read as UTC.",
            "Let it send UTC with a Z, or the offset. What is recorded keeps the times it came with.",
        ),
    )


def _lost(picture: Picture) -> Health | None:
    if picture.lost is None:
        return None
    found = deaf.in_words(picture.lost)
    href = reverse("intake:deaf", args=[picture.lost.id])
    title = f"{found.title} {found.when}: receipts may be missing."
    return Health("warn", title, found.steps[:2], href, "What was lost")


def _silent(picture: Picture) -> Health | None:
    if not picture.silent:
        return None
    first = deaf.in_words(picture.silent[0])
    href = reverse("intake:deaf", args=[first.interval.id])
    if len(picture.silent) == 1:
        name = first.interval.sub_account
        return Health("warn", f"{name} is silent {first.when}.", first.steps, href, "About it")
    title = f"{len(picture.silent)} sub-accounts that usually send are silent."
    return Health("warn", title, first.steps, href, "About the first")


def _quarantine(picture: Picture) -> Health | None:
    number = picture.state.quarantined
    if not number:
        return None
    if number > COUNT_LIMIT:
        title = f"More than {COUNT_LIMIT:,} items were not understood"
    else:
        title = (
            f"{number:,} items were not understood" if number > 1 else "1 item was not understood"
        )
    title += _growing(number, picture.quarantined_lately)
    return Health("warn", f"{title}.", QUARANTINED, reverse("intake:quarantine"), "See why")


def _growing(number: int, lately: int) -> str:
    """Say how many of those in quarantine came in the last hour."""
    if not lately:
        return ""
    if number == 1:
        return ", in the last hour"
    if lately > COUNT_LIMIT:
        return f", more than {COUNT_LIMIT:,} of them in the last hour"
    return (
        ", all in the last hour" if lately == number else f", {lately:,} of them in the last hour"
    )


def _empty(picture: Picture) -> Health | None:
    if picture.state.last_received_at is None:
        return Health("info", "Nothing has been sent to us yet.", (FIRST_DELIVERY,))
    return None


def _quiet(picture: Picture) -> Health | None:
    last = picture.state.last_received_at
    if last is None or picture.now - last <= QUIET_AFTER:
        return None
    ago = clock.duration(picture.now - last)
    title = f"All that was sent is recorded. The last delivery came {ago} ago."
    return Health("info", title, (SENDER,))


CHECKS: tuple[Callable[[Picture], Health | None], ...] = (
    _deaf,
    _full,
    _behind,
    _processes,
    _filling,
    _lost,
    _silent,
    _quarantine,
    _clocks,
    _empty,
    _quiet,
)
