"""What people talk about and are told about, whatever kind of record it is."""

from collections.abc import Callable
from dataclasses import dataclass

from support_portal.accounts.admission import Admitted
from support_portal.accounts.models import User

Viewer = User | Admitted  # a person, or a machine by its token


@dataclass(frozen=True, slots=True)
class Subject:
    """A record by its kind and key: what it is called, where it is, and who may see it."""

    kind: str
    key: str
    title: str
    href: str  # a path inside the portal
    seen_by: Callable[[Viewer], bool]
