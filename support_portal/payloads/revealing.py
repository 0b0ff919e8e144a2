"""What cannot be seen in a text, or is not what it looks like, or is not in GSM-7.

Look-alikes are found the way Unicode's confusables are meant to be used, in small: a letter is marked
when it stands in a word of another script and has a twin there.  The table is our own and holds the
letters of Cyrillic and Greek that pass for Latin ones; full-width and mathematical letters are told by
their compatibility form.  A word written wholly in one script is never marked, even if it looks like a
word of another; nor are digits, nor look-alikes of further scripts (Armenian, Cherokee, Lisu …).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

from support_portal.payloads.segments import in_gsm_7


class Kind(StrEnum):
    """What is odd about a character."""

    CONTROL = "control"
    BIDI = "bidi"
    ZERO_WIDTH = "zero_width"
    INVISIBLE = "invisible"
    BROKEN = "broken"
    LOOK_ALIKE = "look_alike"
    NOT_GSM_7 = "not_gsm_7"


# What hides itself or changes what stands around it; marked in everything that leaves as plain text.
DECEIVING = frozenset({Kind.CONTROL, Kind.BIDI, Kind.ZERO_WIDTH, Kind.INVISIBLE, Kind.BROKEN})

_BY_CHARACTER = {
    Kind.BIDI: re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
    # Hyphens and fillers that take room or none, and show nothing.
    Kind.INVISIBLE: re.compile("[\u00ad\u115f\u1160\u2800\u3164\uffa0]"),
    # Joiners and selectors that Unicode counts as marks.
    Kind.ZERO_WIDTH: re.compile(
        "[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    ),
    # Signs that Unicode counts as format characters, and that are drawn all the same.
    Kind.NOT_GSM_7: re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]"),
    Kind.BROKEN: re.compile("\ufffd"),  # stands where a character was lost before the text came
}
_BY_CATEGORY = {
    "Cc": Kind.CONTROL,
    "Zl": Kind.CONTROL,
    "Zp": Kind.CONTROL,
    "Cf": Kind.ZERO_WIDTH,
    "Zs": Kind.INVISIBLE,
    "Cs": Kind.BROKEN,
    "Cn": Kind.BROKEN,
    "Co": Kind.BROKEN,
}

_TWINS = dict(
    zip(
        "АВЕЅІЈКМНОРСТХҮԚԜаеѕіјорсухһԁԛԝѵӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυχ",
        "ABESIJKMHOPCTXYQWaesijopcyxhdqwvl" + "ABEZHIKMNOPTYXavopux",
        strict=True,
    )
)
_HAS_TWIN = frozenset(_TWINS) | frozenset(_TWINS.values())
_LOOK_ALIKE_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "FULLWIDTH", "MATHEMATICAL"})
_WORD = re.compile(r"\w+")
# ASCII but for controls and the grave accent, or any one character.
_STRETCH = re.compile(r"[ -_a-~]+|.", re.DOTALL)

_CONTROL_NAMES = {
    "\x00": "NULL",
    "\x08": "BACKSPACE",
    "\t": "CHARACTER TABULATION",
    "\n": "LINE FEED",
    "\x0b": "LINE TABULATION",
    "\f": "FORM FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
}
_NAMES_BY_CATEGORY = {
    "Cc": "CONTROL CHARACTER",
    "Cs": "HALF OF A SURROGATE PAIR",
    "Co": "PRIVATE USE",
    "Cn": "NOT ASSIGNED",
}
_SHORT = {
    "\t": "TAB", "\n": "LF", "\r": "CR", "\x1b": "ESC", "\x00": "NUL", "\x7f": "DEL",
    "\u00a0": "NBSP", "\u00ad": "SHY", "\u200b": "ZWSP", "\u200c": "ZWNJ", "\u200d": "ZWJ",
    "\u2060": "WJ", "\ufeff": "BOM", "\u200e": "LRM", "\u200f": "RLM", "\u061c": "ALM",
    "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO",
    "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, plain or of one kind.

    Letters outside GSM-7 stay together, so that a script which joins them can; of every other kind a
    piece is one character, however often it is repeated.
    """

    text: str
    kind: Kind | None = None

    @property
    def code_point(self) -> str:
        """Return the code point of the first character: U+200B."""
        return code_point(self.text[0])

    @property
    def name(self) -> str:
        """Return Unicode's name of the first character."""
        return name(self.text[0])

    @property
    def short(self) -> str:
        """Return what a glyph box has room for: ZWSP, or the code point."""
        return _SHORT.get(self.text[0], self.code_point)


def reveal(text: str) -> Iterator[Piece]:
    """Yield ``text`` in pieces; put together they are the text."""
    look_alikes = _look_alikes(text)
    # Without look-alikes nothing in an ordinary stretch can be odd, so it is looked at as a whole.
    stretches = text if look_alikes else _STRETCH.findall(text)
    marked = (
        (Kind.LOOK_ALIKE if place in look_alikes else kind_of(stretch[0]), stretch)
        for place, stretch in enumerate(stretches)
    )
    for (kind, _), together in groupby(marked, _what_neighbours_share):
        yield Piece("".join(stretch for _, stretch in together), kind)


def inline(text: str) -> str:
    """Return ``text`` on one line, with all that hides or deceives written as its code point."""
    return "".join(_written(piece) for piece in reveal(text))


@lru_cache(maxsize=4096)
def kind_of(character: str) -> Kind | None:
    """Return what is odd about a character by itself; None for what GSM-7 has and eyes can see."""
    if character == " ":
        return None
    for kind, characters in _BY_CHARACTER.items():
        if characters.match(character):
            return kind
    plain = None if in_gsm_7(character) else Kind.NOT_GSM_7
    return _BY_CATEGORY.get(unicodedata.category(character), plain)


def code_point(character: str) -> str:
    """Return a code point as Unicode writes it."""
    return f"U+{ord(character):04X}"


def name(character: str) -> str:
    """Return Unicode's name of a character; controls have none there, so they have one here."""
    if character in _CONTROL_NAMES:
        return _CONTROL_NAMES[character]
    category = unicodedata.category(character)
    return unicodedata.name(character, _NAMES_BY_CATEGORY.get(category, "UNNAMED"))


def twin(character: str) -> str:
    """Return the Latin letter or the plain form that a character passes for; "" if there is none."""
    if character in _TWINS:
        return _TWINS[character]
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain != character and len(plain) == 1 and plain.isalnum() else ""


def _what_neighbours_share(marked: tuple[Kind | None, str]) -> tuple[Kind | None, str]:
    """Return the kind, and for kinds of which each character is a piece the character."""
    kind, stretch = marked
    return kind, "" if kind in (None, Kind.NOT_GSM_7) else stretch


def _written(piece: Piece) -> str:
    if piece.kind not in DECEIVING:
        return piece.text
    times = f"×{len(piece.text)}" if len(piece.text) > 1 else ""
    return f"[{piece.code_point}{times}]"


def _look_alikes(text: str) -> frozenset[int]:
    """Return the places of letters that pass for letters of the script around them."""
    return frozenset(
        word.start() + place
        for word in _WORD.finditer(text)
        if not word[0].isascii()
        for place in _foreign_in(word[0])
    )


def _foreign_in(word: str) -> Iterator[int]:
    """Yield the places of look-alikes in a word of several scripts: those of the rarer ones."""
    scripts = [_script(character) for character in word]
    counts = Counter(script for script in scripts if script in _LOOK_ALIKE_SCRIPTS)
    if len(counts) < 2:
        return
    home = max(counts, key=lambda script: (counts[script], script == "LATIN"))
    for place, (character, script) in enumerate(zip(word, scripts, strict=True)):
        if script in counts and script != home and (character in _HAS_TWIN or twin(character)):
            yield place


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """Return the first word of a letter's name, which for letters is the script."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").partition(" ")[0]
