"""Writes a document as Markdown (CommonMark and GitHub's), in which no text but ours is markup.

Values and quotes are code, in a fence longer than any inside; words are escaped sign by sign.
"""

import re

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
from support_portal.writing.plain import flowing, line, typed_lines

_SIGNS = re.compile(
    r"[\\`*_{}\[\]<>#|!~&@$^]|:(?=\S)|(?<=www)\.|^[-+=]|^\d+(?=[.)])", re.IGNORECASE
)
_BACKTICKS = re.compile("`+")
_SAFE_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/[A-Za-z0-9/._~-]*")


def markdown(document: Document) -> str:
    """Return the document as Markdown that ends with a line end."""
    title = f"### {escaped(document.title)}" if document.title else ""
    written = [title, *(_block(block) for block in document.blocks)]
    return "\n\n".join(part for part in written if part) + "\n"


def escaped(words: str) -> str:
    """Return words in which no sign is markup; nor do addresses become links."""
    return _SIGNS.sub(_sign, flowing(words))


def code(value: str) -> str:
    """Return a value as inline code, whatever backticks it holds."""
    value = line(value)
    if not value.strip():
        return "(blank)"
    fence = "`" * (max(map(len, _BACKTICKS.findall(value)), default=0) + 1)
    pad = " " if value[0] in "` " or value[-1] in "` " else ""
    return f"{fence}{pad}{value}{pad}{fence}"


def _sign(found: re.Match[str]) -> str:
    return found[0] + "\\" if found[0].isdigit() else "\\" + found[0]


def _block(block: Block) -> str:
    match block:
        case Words(text):
            return escaped(text)
        case Quote(name, text):
            return f"{escaped(name)}: {code(text)}"
        case Address(name, url):
            return f"{escaped(name)}: {f'<{url}>' if _SAFE_URL.fullmatch(url) else code(url)}"
        case Steps(title, steps):
            numbered = (f"{place}. {escaped(step)}" for place, step in enumerate(steps, start=1))
            return f"**{escaped(title)}**\n\n" + "\n".join(numbered) if steps else ""
        case Facts():
            return _facts(block)
        case Typed(text, title):
            return _typed(text, title)
        case Table():
            return _table(block)


def _typed(text: str, title: str) -> str:
    """Return what a person typed as paragraphs of hard lines."""
    lines = [escaped(each) for each in typed_lines(text)]
    body = re.sub(r"(?<=.)\n(?=.)", "\\\\\n", "\n".join(lines))
    return f"**{escaped(title)}**\n\n{body}" if title and body else body


def _table(block: Table) -> str:
    """Return a table of GitHub's; a bar inside of a cell is written so that it ends none."""
    rows = ["| " + " | ".join(map(_cell, row)) + " |" for row in block.rows]
    head = "| " + " | ".join(map(escaped, block.heads)) + " |"
    drawn = "\n".join([head, "|" + "---|" * len(block.heads), *rows])
    return f"**{escaped(block.title)}**\n\n{drawn}" if block.title else drawn


def _cell(value: str) -> str:
    return code(value).replace("|", "\\|") if value.strip() else ""


def _facts(block: Facts) -> str:
    told = "\n".join(f"- {escaped(fact.name)}: {code(fact.value)}" for fact in block.told)
    return f"**{escaped(block.title)}**\n\n{told}" if block.title and told else told
