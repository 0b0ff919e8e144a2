"""Writes a document as plain text.  Every value stays on its line: no foreign text can forge one."""

from support_portal.payloads.revealing import inline
from support_portal.writing.documents import (
    Address,
    Block,
    Document,
    Facts,
    Quote,
    Steps,
    Table,
    Typed,
    Words,
)

LONGEST_VALUE = 2000


def plain(document: Document) -> str:
    """Return the document as text that ends with a line end."""
    written = [line(document.title), *(_block(block) for block in document.blocks)]
    return "\n\n".join(part for part in written if part) + "\n"


def line(text: str) -> str:
    """Return a text on one line, bounded, with what hides or deceives written as its code point."""
    cut = text[:LONGEST_VALUE] + ("…" if len(text) > LONGEST_VALUE else "")
    return inline(cut)


def flowing(words: str) -> str:
    """Return our own words on one line, whatever lines they were typed in."""
    return line(" ".join(words.split()))


def _block(block: Block) -> str:
    match block:
        case Words(text):
            return flowing(text)
        case Quote(name, text):
            return f"{line(name)}: “{line(text)}”"
        case Address(name, url):
            return f"{line(name)}: {line(url)}"
        case Steps(title, steps):
            numbered = (f"{place}. {flowing(step)}" for place, step in enumerate(steps, start=1))
            return "\n".join([f"{line(title)}:", *numbered]) if steps else ""
        case Facts():
            return _facts(block)
        case Typed(text, title):
            return "\n".join([f"{line(title)}:"] * bool(title and text.strip()) + typed_lines(text))
        case Table():
            return _table(block)


def typed_lines(text: str) -> list[str]:
    """Return the lines of what a person typed; none stands more than one blank line apart."""
    lines = [line(each.rstrip()) for each in text.strip().replace("\t", " ").splitlines()]
    pairs = zip(lines, ["", *lines], strict=False)
    return [each for each, before in pairs if each or before]


def _table(block: Table) -> str:
    """Return the cells in columns, as wide as their longest value."""
    rows = [tuple(line(cell) for cell in row) for row in (block.heads, *block.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    drawn = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([f"{line(block.title)}:"] * bool(block.title) + drawn)


def _facts(block: Facts) -> str:
    told = [f"{line(fact.name)}: {line(fact.value)}" for fact in block.told]
    return "\n".join([f"{line(block.title)}:"] * bool(block.title and told) + told)
