"""Pasted text made plain for searching, with the way back to every original place."""

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import lru_cache

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_QUOTES = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′", "'")
_PLAIN = _DASHES | _QUOTES
_INVISIBLE = "Cf"


@dataclass(frozen=True, slots=True)
class Folded:
    """The plain text, and for each of its characters the place it came from."""

    text: str
    places: "array[int] | None"

    def start(self, place: int) -> int:
        """Return the original offset of the character at ``place``."""
        return self.places[place] if self.places is not None else place

    def end(self, place: int) -> int:
        """Return the original offset behind the character before ``place``."""
        return self.places[place - 1] + 1 if self.places is not None else place


def fold(text: str) -> Folded:
    """Return ``text`` with compatibility forms resolved and invisible characters dropped."""
    if text.isascii():
        return Folded(text, None)
    parts: list[str] = []
    places = array("I")
    start = 0
    for run in _FOREIGN.finditer(text):
        parts.append(text[start : run.start()])
        places.extend(range(start, run.start()))
        _fold_run(run, parts, places)
        start = run.end()
    parts.append(text[start:])
    places.extend(range(start, len(text)))
    return Folded("".join(parts), places)


def _fold_run(run: re.Match[str], parts: list[str], places: "array[int]") -> None:
    for place, character in enumerate(run[0], run.start()):
        plain = _plain(character)
        parts.append(plain)
        places.extend([place] * len(plain))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if unicodedata.category(character) == _INVISIBLE:
        return ""
    if character in _PLAIN:
        return _PLAIN[character]
    return "".join(_PLAIN.get(part, part) for part in unicodedata.normalize("NFKC", character))
