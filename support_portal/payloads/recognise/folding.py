"""Characters that look or mean the same made one, and those that cannot be seen dropped."""

import re
import unicodedata
from functools import lru_cache

from support_portal.payloads.recognise.readings import Reading

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_QUOTES = dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‘’‚‛′", "'")
_PLAIN = _DASHES | _QUOTES
_INVISIBLE = "Cf"


def fold(reading: Reading) -> Reading:
    """Return the reading with compatibility forms resolved and invisible characters dropped."""
    if reading.text.isascii():
        return reading
    # Most characters stay as they are: only those that do not are worth a piece of their own.
    changed = sorted(each for each in set(reading.text) if each > "\x7f" and _plain(each) != each)
    if not changed:
        return reading
    pattern = re.compile("[" + "".join(map(re.escape, changed)) + "]")
    return reading.rewritten(pattern, lambda found: _plain(found[0]))


@lru_cache(maxsize=8192)
def _plain(character: str) -> str:
    if unicodedata.category(character) == _INVISIBLE:
        return ""
    if character in _PLAIN:
        return _PLAIN[character]
    return "".join(_PLAIN.get(part, part) for part in unicodedata.normalize("NFKC", character))
