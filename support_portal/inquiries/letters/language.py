"""The language of templates: text, ``{variables}``, and ``[parts]`` that go when a variable in them is empty.

It only puts texts beside each other: it looks nothing up, calls nothing and reads what it put in no
second time, so neither the words of a lead nor those of the evidence can do anything.
A sign that is meant as it stands is written twice: ``{{ }} [[ ]]``.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

_PIECE = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([^{}\[\]\n]*)\}|[{}\[\]]|[^{}\[\]]+")


class Wrong(ValueError):
    """A template that cannot be read; says what is wrong and where."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words that stand as they are."""

    words: str


@dataclass(frozen=True, slots=True)
class Variable:
    """What the evidence says."""

    name: str


@dataclass(frozen=True, slots=True)
class Optional:
    """A part that stands only when every variable in it says something."""

    parts: tuple[Text | Variable, ...]


Part = Text | Variable | Optional


def parse(template: str, known: Collection[str]) -> tuple[Part, ...]:
    """Return the parts of a template, or raise Wrong."""
    done: list[Part] = []
    inside: list[Text | Variable] | None = None
    for line, part in _pieces(template, known):
        if part == "[":
            if inside is not None:
                raise Wrong(f"Line {line}: a [part] cannot stand in another one.")
            inside = []
        elif part == "]":
            done.append(_closed(inside, line))
            inside = None
        elif isinstance(part, Text | Variable):
            (done if inside is None else inside).append(part)
    if inside is not None:
        raise Wrong("A [ is not closed. To write the sign itself, write it twice: [[")
    return tuple(done)


def fill(parts: Collection[Part], values: Mapping[str, str]) -> str:
    """Return the text of a template."""
    return "".join(_filled(part, values) for part in parts)


def _pieces(template: str, known: Collection[str]) -> Iterator[tuple[int, Text | Variable | str]]:
    """Yield the line of each piece and what it is: a part, or a bracket."""
    for found in _PIECE.finditer(template):
        piece, line = found[0], template.count("\n", 0, found.start()) + 1
        if piece in ("{{", "}}", "[[", "]]"):
            yield line, Text(piece[0])
        elif found[1] is not None:
            yield line, _variable(found[1].strip(), line, known)
        elif piece in "{}":
            raise Wrong(
                f"Line {line}: a {piece} stands alone. To write the sign itself, write it twice:"
                f" {piece}{piece}"
            )
        else:
            yield line, piece if piece in "[]" else Text(piece)


def _variable(name: str, line: int, known: Collection[str]) -> Variable:
    if name in known:
        return Variable(name)
    if not name:
        raise Wrong(f"Line {line}: there is no name between {{ and }}.")
    raise Wrong(f"Line {line}: there is no variable {{{name[:40]}}}.")


def _closed(inside: list[Text | Variable] | None, line: int) -> Optional:
    if inside is None:
        raise Wrong(f"Line {line}: a ] stands alone. To write the sign itself, write it twice: ]]")
    if not any(isinstance(part, Variable) for part in inside):
        raise Wrong(
            f"Line {line}: a [part] needs a variable, which says whether it stands."
            " To write the signs themselves, write them twice."
        )
    return Optional(tuple(inside))


def _filled(part: Part, values: Mapping[str, str]) -> str:
    match part:
        case Text(words):
            return words
        case Variable(name):
            return values[name]
        case Optional(parts):
            told = all(values[each.name] for each in parts if isinstance(each, Variable))
            return fill(parts, values) if told else ""
