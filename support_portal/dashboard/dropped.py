"""What is dropped by a rule: every rule that is declared, with how often it was needed."""

from dataclasses import dataclass
from datetime import datetime

from support_portal.ingest.listening import selectors
from support_portal.payloads.ignoring import RULES


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared rule, and what it has dropped so far."""

    words: str
    items: int = 0
    last_at: datetime | None = None


def rules() -> list[Rule]:
    """Return all rules, those that dropped the most first; a rule of an older version has only its name."""
    found = selectors.dropped()
    names = [*RULES, *(name for name in found if name not in RULES)]
    told = [_rule(name, found.get(name)) for name in names]
    return sorted(told, key=lambda rule: -rule.items)


def _rule(name: str, dropped: selectors.Dropped | None) -> Rule:
    words = RULES.get(name, name)
    return Rule(words, dropped.items, dropped.last_at) if dropped else Rule(words)
