"""The query line: what a list shows, written in one line of words.

    code:1300,2000..2099 country:PH -channel:sms since:2h operator:"Example Mobile" "text words"

A term is a name, a colon and values parted by commas, or words to look for; "-" before it excludes.
Quotation marks hold a value together, and a backslash inside them takes the next character as it is.
Reading is one pass over the line and never raises: what is wrong is a Problem with its place.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

LONGEST = 8_000  # characters of a line
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"([A-Za-z_]\w*):")
_BARE = re.compile(r'[^\s,"]+')
_BARE_TEXT = re.compile(r'[^\s"]+')
_PLAIN_TEXT = re.compile(r"\w[\w.'/-]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)("?)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


class Word(NamedTuple):
    """A value and where it stands."""

    text: str
    start: int
    end: int


class Term(NamedTuple):
    """One condition: the name is "" for words to look for, and in small letters else."""

    name: str
    without: bool
    words: tuple[Word, ...]
    start: int
    end: int


class Problem(NamedTuple):
    """What is wrong with a line, and where."""

    text: str
    start: int
    end: int


@dataclass
class Line:
    """A line as it was read."""

    terms: list[Term] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(text: str) -> Line:
    """Return the terms of a line and what is wrong with it."""
    line = Line()
    if len(text) > LONGEST:
        said = f"That is too long. Up to {LONGEST} characters are read."
        line.problems.append(Problem(said, LONGEST, len(text)))
        return line
    at = _after_space(text, 0)
    while at < len(text):
        at = _after_space(text, _term(text, at, line))
    return line


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _term(text: str, start: int, line: Line) -> int:
    """Read the term that begins at ``start``, and return where it ends."""
    without = text[start] == "-"
    at = start + without
    name = ""
    if named := _NAME.match(text, at):
        name, at = named[1].lower(), named.end()
    words, end = _values(text, at, line) if name else _one(text, at, _BARE_TEXT, line)
    if not words:
        said = f"“{name}:” needs a value right behind it." if name else "“-” stands alone."
        end = max(end, at)
        line.problems.append(Problem(said, start, end))
    else:
        line.terms.append(Term(name, without, tuple(words), start, end))
    return max(end, start + 1)


def _values(text: str, at: int, line: Line) -> tuple[list[Word], int]:
    """Read values that are parted by commas."""
    found: list[Word] = []
    while True:
        words, at = _one(text, at, _BARE, line)
        found += words
        if not text.startswith(",", at):
            return found, at
        at += 1


def _one(text: str, at: int, bare: re.Pattern[str], line: Line) -> tuple[list[Word], int]:
    """Read one value, quoted or not; none where there is none."""
    if quoted := _QUOTED.match(text, at):
        if not quoted[2]:
            said = "This quotation mark has no other one."
            line.problems.append(Problem(said, at, quoted.end()))
        word = Word(_ESCAPED.sub(r"\1", quoted[1]), at, quoted.end())
        return ([word] if word.text else []), quoted.end()
    if plain := bare.match(text, at):
        return [Word(plain[0], at, plain.end())], plain.end()
    return [], at


def term(name: str, values: Iterable[str], *, without: bool) -> str:
    """Write a term with a name."""
    written = ",".join(value if _BARE.fullmatch(value) else quoted(value) for value in values)
    return f"{'-' if without else ''}{name}:{written}"


def words(text: str, *, without: bool) -> str:
    """Write words to look for."""
    return ("-" if without else "") + (text if _PLAIN_TEXT.fullmatch(text) else quoted(text))


def quoted(text: str) -> str:
    """Write a value between quotation marks."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
