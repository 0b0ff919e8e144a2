"""Texts for people elsewhere: a document of blocks, and writers that make plain text or Markdown of it.

Plain Python.  Whatever others wrote stays on its line and is no markup, in every block and both writers.
"""

from support_portal.writing.documents import (
    Address,
    Block,
    Document,
    Fact,
    Facts,
    Quote,
    Steps,
    Table,
    Typed,
    Words,
)
from support_portal.writing.markdown import markdown
from support_portal.writing.plain import plain

__all__ = [
    "Address",
    "Block",
    "Document",
    "Fact",
    "Facts",
    "Quote",
    "Steps",
    "Table",
    "Typed",
    "Words",
    "markdown",
    "plain",
]
