"""What a text says, before it is written: blocks without markup."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph in our own words or those of a colleague."""

    text: str


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do, in order."""

    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A value under its name, verbatim."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts in order; those without a value are left out."""

    facts: tuple[Fact, ...]
    title: str = ""

    @property
    def told(self) -> tuple[Fact, ...]:
        """Return the facts that have a value."""
        return tuple(fact for fact in self.facts if fact.value)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of others, under what introduces them."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Address:
    """A page of the portal."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed: its lines and blank lines stay, and no line passes for one of ours."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Values in rows, verbatim; every row has a cell for each head."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


Block = Words | Steps | Facts | Quote | Address | Typed | Table


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks under a title, which may be empty."""

    title: str
    blocks: tuple[Block, ...]
