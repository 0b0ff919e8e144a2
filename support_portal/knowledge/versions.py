"""Adding a version: kept once, and never over somebody else's."""

from typing import TypeVar

from django.db import IntegrityError, transaction

from support_portal.accounts.models import User
from support_portal.knowledge.models import Version
from support_portal.knowledge.subjects import Subject

V = TypeVar("V", bound=Version)
LONGEST_REASON = 500


class Refused(ValueError):
    """What was typed cannot be kept; ``faults`` says why for each field."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("; ".join(faults.values()))
        self.faults = faults


class Overtaken(Exception):
    """Somebody saved another version in the meantime: ``version``, None if it cannot be told."""

    def __init__(self, version: Version | None) -> None:
        super().__init__(str(version))
        self.version = version


def current(model: type[V], subject: Subject) -> V | None:
    """Return what is said about a subject now."""
    found: V | None = (
        model._default_manager.filter(**subject.columns, current=True)
        .select_related("author")
        .first()
    )
    return found


def add(
    model: type[V], subject: Subject, *, base: int, author: User, reason: str, **said: object
) -> V:
    """Add the version after ``base``, the one that the author saw (0: there was none)."""
    try:
        with transaction.atomic():
            seen = model._default_manager.filter(**subject.columns, current=True, number=base)
            if base and not seen.update(current=False):
                raise IntegrityError("another version is current")
            version: V = model._default_manager.create(
                **subject.columns, number=base + 1, author=author, reason=reason, **said
            )
    except IntegrityError:
        raise Overtaken(current(model, subject)) from None
    return version
