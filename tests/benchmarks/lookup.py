"""How long the server takes for lookups and pages beside tens of millions of rows.

Run by hand:  python -m tests.benchmarks.lookup --database postgresql|sqlite

It asks the portal that ``large`` made and one with ten thousand errors (``sizes``), and tells the ratio
of both medians.
"""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from tests.benchmarks.pages import Goal, Request
from tests.benchmarks.sizes import measure
from tests.stack import Stack

PASTED = 500


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids that are stored, each drawn at random."""

    portal: Stack

    def of(self, table: str, column: str) -> Iterator[UUID]:
        """Yield stored ids without end."""
        while True:
            wanted = str(_random()) if self.portal.database.name == "postgresql" else _random().hex
            found = self.portal.database.query(
                f"SELECT {column} FROM {table} WHERE {column} >= '{wanted}' ORDER BY {column} LIMIT 1"
            )
            yield from (UUID(str(row[0])) for row in found)

    @property
    def errors(self) -> Iterator[UUID]:
        """Yield errorIds."""
        return self.of("events_errorevent", "error_id")

    @property
    def messages(self) -> Iterator[UUID]:
        """Yield umids."""
        return self.of("events_message", "umid")


def _asked(texts: Iterable[str]) -> Iterator[Request]:
    return (("POST /lookup", {"q": text}) for text in texts)


def _several(portal: Stack) -> Iterator[Request]:
    """Ask for many: a third errors, a third messages, a third that nobody holds."""
    ids = Ids(portal)
    errors, messages = ids.errors, ids.messages
    while True:
        held = (next(errors), next(messages)) * (PASTED // 3)
        text = "\n".join(str(id) for id in (*held, *(_random() for _ in range(PASTED // 3))))
        yield "POST /lookup", {"q": text}


GOALS = (
    Goal("one errorId, held", lambda of: _asked(map(str, Ids(of).errors)), 10, 50),
    Goal("one id, not held", lambda of: _asked(str(id) for id in _randoms()), 10, 50),
    Goal("error page", lambda of: ((f"GET /errors/{id}/", {}) for id in Ids(of).errors), 25, 100),
    Goal(
        "message page",
        lambda of: ((f"GET /messages/{id}/", {}) for id in Ids(of).messages),
        25,
        100,
    ),
    Goal("beginning of an errorId", lambda of: _asked(id.hex[:8] for id in Ids(of).errors), 50, 50),
    Goal("end of an errorId", lambda of: _asked(id.hex[-12:] for id in Ids(of).errors), 50, 50),
    Goal("end of a umid", lambda of: _asked(id.hex[-8:] for id in Ids(of).messages), 50, 50),
    Goal(f"{PASTED} ids", _several, 500, 500, share=0.1),
)


def _random() -> UUID:
    return UUID(bytes=secrets.token_bytes(16))


def _randoms() -> Iterator[UUID]:
    while True:
        yield _random()


if __name__ == "__main__":
    measure("lookup", __doc__, GOALS)
