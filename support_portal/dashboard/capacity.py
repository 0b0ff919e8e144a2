"""How near the installation is to its limits, in the words of the intake page."""

from dataclasses import dataclass

from django.db import connection

from support_portal.ingest.limits import Figure, Standing

LABELS = {
    "deliveries": "deliveries that wait",
    "bytes": "of bodies that wait",
    "disk": "free on the disk",
    "database": "in the database",
}
UNSEEN = {
    "label": "disk of the database",
    "value": "not seen",
    "note": "PORTAL_DATABASE_SIZE_LIMIT would warn in time",
}
RETRIES = "8x8 repeats each webhook for 131 s. What it sends later than that is lost until this is mended."
WORKER = "Look whether the worker process runs and what it wrote last to its log."
_DISK = "Free space on the disk of the data directory, or enlarge it."
_DATABASE = "Enlarge the disk of the database, then raise PORTAL_DATABASE_SIZE_LIMIT and restart."
_INBOX = (
    RETRIES,
    WORKER,
    "If it runs, wait: senders are let in again once the inbox is a fifth below its limit.",
)
STEPS = {
    "deliveries": _INBOX,
    "bytes": _INBOX,
    "disk": (
        RETRIES,
        _DISK,
        "Senders are let in again once there is a fifth more than has to stay free.",
    ),
    "database": (
        RETRIES,
        _DATABASE,
        "Senders are let in again once the database is smaller than that.",
    ),
}
_SLOWER = (
    WORKER,
    "If it runs, more comes than it can read: wait, or let senders send less.",
)
BEFORE = {  # the doors close
    "deliveries": _SLOWER,
    "bytes": _SLOWER,
    "disk": (_DISK,),
    "database": (_DATABASE,),
}


@dataclass(frozen=True, slots=True)
class Capacity:
    """The figures, and what to do when one is over its limit."""

    title: str
    facts: tuple[dict[str, str], ...]
    steps: tuple[str, ...] = ()


def capacity(standing: Standing) -> Capacity:
    """Say how near to its limits the installation is."""
    facts = [_fact(figure) for figure in standing.figures]
    if connection.vendor == "postgresql" and not _has(standing, "database"):
        facts.append(UNSEEN)
    if standing.full:
        return Capacity("Nothing is taken in", tuple(facts), STEPS[standing.full.key])
    return Capacity("Room", tuple(facts))


def _fact(figure: Figure) -> dict[str, str]:
    if figure.key == "disk":
        note, passed = f"{figure.limit_text} are kept free", "below the limit"
    else:
        note, passed = f"at most {figure.limit_text}", "over the limit"
    return {
        "label": LABELS[figure.key],
        "value": figure.present_text,
        "note": f"{note}: {passed}" if figure.over else note,
    }


def _has(standing: Standing, key: str) -> bool:
    return any(figure.key == key for figure in standing.figures)
