"""How a text is cut into SMS segments: by GSM-7 where every character is in it, else by UCS-2.

The tables are the default alphabet and its extension of GSM 03.38.  The shift tables of single
languages (Turkish, Portuguese …) are left out: 8x8's documents do not say that they are used.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

DEFAULT_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # each is sent behind an escape, so it takes two septets
LONGEST = 255 * 153  # a message has 255 segments at most; a longer text is not one message
_SEPTETS = dict.fromkeys(DEFAULT_ALPHABET, 1) | dict.fromkeys(EXTENSION, 2)


class Alphabet(StrEnum):
    """The two ways in which an SMS carries text."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"

    @property
    def alone(self) -> int:
        """Return the units that fit in a message of one segment."""
        return 160 if self is Alphabet.GSM_7 else 70

    @property
    def joined(self) -> int:
        """Return the units that fit in each segment of several; a header takes the rest."""
        return 153 if self is Alphabet.GSM_7 else 67


@dataclass(frozen=True, slots=True)
class Place:
    """A character of a text, where it first stands (from 1) and how often it does."""

    character: str
    position: int
    times: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A text as segments: the units that each of them takes, septets or halves of UTF-16."""

    alphabet: Alphabet
    sizes: tuple[int, ...]
    forcing: tuple[Place, ...]  # what GSM-7 does not have

    @property
    def units(self) -> int:
        """Return the units of the whole text."""
        return sum(self.sizes)


def in_gsm_7(character: str) -> bool:
    """Tell whether GSM-7 has the character, in its default alphabet or in the extension."""
    return character in _SEPTETS


def cut(text: str) -> Cut:
    """Cut ``text`` into segments; no character is parted at the end of one."""
    forcing = tuple(each for each in places(text) if not in_gsm_7(each.character))
    alphabet = Alphabet.UCS_2 if forcing else Alphabet.GSM_7
    return Cut(alphabet, tuple(_sizes(list(_units(text, alphabet)), alphabet)), forcing)


def places(text: str) -> list[Place]:
    """Return each character once, in order of appearance."""
    first: dict[str, int] = {}
    for position, character in enumerate(text, start=1):
        first.setdefault(character, position)
    times = Counter(text)
    return [Place(each, position, times[each]) for each, position in first.items()]


def _units(text: str, alphabet: Alphabet) -> Iterator[int]:
    """Yield what each character takes; beyond U+FFFF a character is a pair of surrogates."""
    for character in text:
        yield _SEPTETS[character] if alphabet is Alphabet.GSM_7 else 1 + (ord(character) > 0xFFFF)


def _sizes(units: list[int], alphabet: Alphabet) -> Iterable[int]:
    total = sum(units)
    if total <= alphabet.alone:
        return [total] if total else []
    sizes = [0]
    for each in units:
        if sizes[-1] + each > alphabet.joined:
            sizes.append(0)
        sizes[-1] += each
    return sizes
