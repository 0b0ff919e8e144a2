"""The set checker: what was promised, against what is there.

After Jepsen's: every event whose request was answered with 2xx has to be found exactly once.  A
request without an answer, or with a 5xx, may have been kept or not; what is found must be one or
the other, and nothing may be found that nobody sent.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tests.stack import Stack
from tests.traffic import Fact, Line

KEPT = {200, 202}
REFUSED = range(400, 500)
FIRST = "sent"
READ_QUARANTINE = """
import base64, json
import django; django.setup()
from support_portal.core.sealing import unseal
from support_portal.ingest.models import QuarantineEntry
rows = QuarantineEntry.objects.values_list("reason", "body")
print(json.dumps([(reason, base64.b64encode(unseal(body)).decode()) for reason, body in rows]))
"""


@dataclass(frozen=True, slots=True)
class Posting:
    """One request as its sender saw it; status 0 stands for no answer."""

    lines: tuple[Line, ...]
    status: int


@dataclass(frozen=True)
class Stored:
    """What is there after everything has come to rest."""

    rows: Counter[Fact] = field(default_factory=Counter)  # more than one is a double
    told: Counter[Fact] = field(default_factory=Counter)  # how often, as the rows say
    messages: Mapping[str, str] = field(default_factory=dict)  # state by umid
    quarantined: Counter[bytes] = field(default_factory=Counter)
    ledger: tuple[int, int, int] = (0, 0, 0)  # recorded, repeated, quarantined
    pending: int = 0


@dataclass(frozen=True)
class Findings:
    """What is wrong, by kind; nothing is wrong when each is empty."""

    lost: tuple[Fact, ...] = ()
    double: tuple[Fact, ...] = ()
    unheard: tuple[Fact, ...] = ()  # stored, and nobody sent it
    miscounted: tuple[Fact, ...] = ()
    wrong_messages: tuple[str, ...] = ()
    lost_poison: tuple[bytes, ...] = ()
    good_in_quarantine: tuple[bytes, ...] = ()
    wrong_ledger: tuple[int, ...] = ()
    pending: int = 0

    def counts(self) -> dict[str, int]:
        """Return how many of each kind there are."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: value if isinstance(value, int) else len(value) for name, value in found.items()
        }


@dataclass(frozen=True)
class Bounds:
    """How often something was told: at least, and at most."""

    least: Counter[Fact | bytes] = field(default_factory=Counter)
    most: Counter[Fact | bytes] = field(default_factory=Counter)

    def allows(self, what: Fact | bytes, times: int) -> bool:
        """Tell whether ``what`` may have been told so often."""
        return self.least[what] <= times <= self.most[what]


def check(postings: Iterable[Posting], stored: Stored) -> Findings:
    """Compare what is stored with what the senders were promised."""
    facts, poison = _bounds(postings)
    recorded, repeated = stored.rows.total(), stored.told.total() - stored.rows.total()
    ledger = (recorded, repeated, stored.quarantined.total())
    return Findings(
        lost=_sorted(
            fact for fact, times in facts.least.items() if times and not stored.rows[fact]
        ),
        double=_sorted(fact for fact, times in stored.rows.items() if times > 1),
        unheard=_sorted(fact for fact in stored.rows if not facts.most[fact]),
        miscounted=_sorted(
            fact for fact, times in stored.told.items() if not facts.allows(fact, times)
        ),
        wrong_messages=tuple(sorted(_differing(_states(stored.rows), stored.messages))),
        lost_poison=_sorted(
            body for body, times in poison.least.items() if stored.quarantined[body] < times
        ),
        good_in_quarantine=_sorted(
            body for body, times in stored.quarantined.items() if times > poison.most[body]
        ),
        wrong_ledger=() if stored.ledger == ledger else (*stored.ledger, *ledger),
        pending=stored.pending,
    )


def found(portal: Stack) -> Stored:
    """Read what the tables hold by plain SQL; only the quarantine is sealed."""
    query = portal.database.query
    errors = query("SELECT error_id, count(*), sum(repeats) FROM events_errorevent GROUP BY 1")
    receipts = query(
        "SELECT umid, state, count(*), sum(repeats) FROM events_deliveryreceipt GROUP BY 1, 2"
    )
    keyed = [(("error", _hex(error_id)), *rest) for error_id, *rest in errors]
    keyed += [(("receipt", _hex(umid), state), *rest) for umid, state, *rest in receipts]
    ledger = query(
        "SELECT coalesce(sum(recorded), 0), coalesce(sum(repeated), 0),"
        " coalesce(sum(quarantined), 0) FROM ingest_delivery"
    )[0]
    messages = query("SELECT umid, state FROM events_message")
    return Stored(
        rows=Counter({fact: int(rows) for fact, rows, _ in keyed}),
        told=Counter({fact: int(rows) + int(repeats) for fact, rows, repeats in keyed}),
        messages={_hex(umid): state for umid, state in messages},
        quarantined=Counter(body for _, body in quarantine(portal)),
        ledger=(int(ledger[0]), int(ledger[1]), int(ledger[2])),
        pending=portal.pending(),
    )


def quarantine(portal: Stack) -> list[tuple[str, bytes]]:
    """Return reason and body of everything that was set aside."""
    rows = json.loads(portal.run(READ_QUARANTINE))
    return [(reason, base64.b64decode(body)) for reason, body in rows]


def _bounds(postings: Iterable[Posting]) -> tuple[Bounds, Bounds]:
    """Return the bounds of what can be understood, and of what cannot."""
    facts, poison = Bounds(), Bounds()
    for posting in postings:
        if posting.status in REFUSED:
            continue
        for line in posting.lines:
            bounds, what = (poison, line.text) if line.fact is None else (facts, line.fact)
            bounds.most[what] += 1
            bounds.least[what] += posting.status in KEPT
    return facts, poison


def _states(facts: Iterable[Fact]) -> dict[str, str]:
    """Return the state of each message: the traffic sends one last state, perhaps after "sent"."""
    states: dict[str, str] = {}
    for kind, identifier, *state in facts:
        if kind == "receipt" and states.get(identifier, FIRST) == FIRST:
            states[identifier] = state[0]
    return states


def _differing(expected: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    return [
        umid for umid in expected.keys() | there.keys() if expected.get(umid) != there.get(umid)
    ]


def _sorted(things: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(things))


def _hex(identifier: object) -> str:
    return str(identifier).replace("-", "")
