"""The words of error texts, as they are looked for: small letters without accents, no bare numbers.

Bare numbers are left out, for they say little and may be parts of phone numbers.
"""

import re
import unicodedata
from functools import lru_cache

from support_portal.events.identity import digest
from support_portal.payloads import wording as wordings

VERSION = 1
LONGEST = 100  # characters of a word
MOST_VARYING = 6  # words of one text that are kept because its wording does not have them
LONGEST_READ = 2_000
_WORD = re.compile(r"\w+(?:-\w+)*")
_NAMES = re.compile(r"\{(?:address|quoted|id)\}")
_PLACEHOLDER = re.compile(r"\{(?:address|quoted|id|number)\}")


def folded(text: str) -> str:
    """Return ``text`` in small letters, without accents."""
    if text.isascii():
        return text.lower()
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parted if not unicodedata.combining(char)).casefold()


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, each once and in its order; what is like an id stays whole."""
    found: dict[str, None] = {}
    for chain in _WORD.findall(folded(text[:LONGEST_READ])):
        like_an_id = any(char.isdigit() for char in chain)
        for word in (chain,) if like_an_id else chain.split("-"):
            if any(char.isalpha() for char in word):
                found[word[:LONGEST]] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def of_wording(wording: str) -> frozenset[str]:
    """Return the words of a wording: its placeholders are none."""
    return frozenset(words(_PLACEHOLDER.sub(" ", wording)))


def varying(text: str, wording: str) -> list[str]:
    """Return the words of a text that the wording of its group does not tell, the first few."""
    if wording and len(text) <= wordings.LONGEST and not _NAMES.search(wording):
        return []  # as most texts: they are their wording, but for numbers
    told = of_wording(wording)
    return [word for word in words(text) if word not in told][:MOST_VARYING]


@lru_cache(maxsize=4096)
def key(word: str) -> int:
    """Return what a word is kept under."""
    return digest(VERSION, word)
