"""Is all well with the intake?  One sentence, the most urgent thing first, and what to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse

from support_portal.dashboard import capacity, clock, deaf
from support_portal.ingest.limits import Standing
from support_portal.ingest.listening.models import DeafInterval, Role
from support_portal.ingest.listening.selectors import Sign, deaf_since
from support_portal.ingest.selectors import IntakeStatus

QUIET_AFTER = timedelta(hours=1)
NAMES = {
    Role.WEB: "Web server",
    Role.WORKER: "Worker",
    Role.BEAT: "Beat",
    Role.SWEEP: "Rings of beat",
}
WORKER = "Start it: celery -A support_portal.celery worker -P solo"
BEAT = "Start it: celery -A support_portal.celery beat"
LOG = "If it runs, look what it wrote last to its log."
BROKER = "Look whether the broker answers: manage.py check_setup tells."
FIRST_DELIVERY = "Give 8x8 the address of the webhook, or let a service post to the intake API."
MENDED = "Read the reasons below. After a mend, a lead can send the items through again."
SENDER = "If more was expected, look at the sender: the webhook in 8x8 Connect, or the log."
KEPT = "Nothing is lost: what is sent is kept, and is read once the worker runs."


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


@dataclass(frozen=True, slots=True)
class Health:
    """The one sentence on top of the intake page, and what to do about it."""

    tone: str
    title: str
    steps: tuple[str, ...] = ()
    href: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Whether one process gives signs of life."""

    name: str
    tone: str
    words: str
    todo: str = ""


def health(picture: Picture) -> Health:
    """Say how the intake is: the first check that finds something has the word."""
    for check in CHECKS:
        if found := check(picture):
            return found
    return Health("ok", "All is well: everything that was sent is recorded.")


def processes(picture: Picture) -> list[Check]:
    """Return one line for each kind of process; nothing where none ever gave a sign."""
    return [_process(role, picture.signs.get(role)) for role in NAMES] if picture.signs else []


def _process(role: Role, sign: Sign | None) -> Check:
    name = NAMES[role]
    if sign is None:
        return Check(name, "none", "no sign of life yet", _todo(role))
    if sign.missed:
        return Check(name, "bad", f"no sign of life since {deaf.second(sign.seen_at)}", _todo(role))
    ago = f"last sign {clock.ago(sign.seen_at, max(sign.now, sign.seen_at))}"
    if role == Role.SWEEP:
        return Check(name, "ok", f"reach the worker, {ago}")
    running = "1 process" if sign.living == 1 else f"{sign.living} processes"
    return Check(name, "ok", f"{running}, {ago}")


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
            "8x8 repeats each webhook for 131 s. What it sends later than that is lost until this is mended.",
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
    for role, steps in ((Role.WORKER, (KEPT, WORKER, LOG)), (Role.SWEEP, (KEPT, BROKER))):
        sign = picture.signs.get(role)
        if sign and sign.missed:
            since = deaf.second(sign.seen_at)
            words = "the worker has not run" if role == Role.WORKER else "no ring has reached it"
            return Health("bad", f"The intake is {lag} behind: {words} since {since}.", steps)
    return Health(
        "warn",
        f"The intake is {lag} behind.",
        (
            "Nothing is lost: what was sent is kept, and is read once the worker runs.",
            "Look whether the worker process runs and what it wrote last to its log.",
            "If it runs, look whether the disk is full or the database is busy.",
        ),
    )


def _processes(picture: Picture) -> Health | None:
    """Look after what does not run before something waits for it."""
    for role, steps in (
        (Role.WORKER, (KEPT, WORKER, LOG)),
        (Role.BEAT, ("New events are still read, but nothing is looked after.", BEAT, LOG)),
        (Role.SWEEP, ("New events are read late or not at all.", BROKER)),
    ):
        sign = picture.signs.get(role)
        if sign and sign.missed:
            name = "No ring of beat has reached the worker"
            words = name if role == Role.SWEEP else f"{NAMES[role]} has not run"
            return Health("bad", f"{words} since {deaf.second(sign.seen_at)}.", steps)
    return None


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
    if not picture.state.quarantined:
        return None
    grows = f", {picture.quarantined_lately:,} in the last hour" * bool(picture.quarantined_lately)
    return Health("warn", f"All is recorded but for what is in the quarantine{grows}.", (MENDED,))


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
    _lost,
    _silent,
    _quarantine,
    _empty,
    _quiet,
)
