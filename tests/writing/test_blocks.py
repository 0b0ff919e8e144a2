"""Blocks of letters: what a person typed, and tables of values, in both writers."""

from hypothesis import given
from markdown_it import MarkdownIt

from support_portal.writing import Document, Table, Typed, markdown, plain
from tests.dashboard.hostile import HOSTILE

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def test_what_a_person_typed_keeps_its_lines_and_single_blank_lines() -> None:
    document = Document("", (Typed("One\r\ntwo\n\n\n\n\tthree  \n", "Said"),))

    assert plain(document) == "Said:\nOne\ntwo\n\n three\n"
    assert markdown(document) == "**Said**\n\nOne\\\ntwo\n\nthree\n"


def test_a_table_is_drawn_in_columns() -> None:
    document = Document("", (Table(("No.", "Sender"), (("1", "a|b"), ("12", "")), "All"),))

    assert plain(document) == "All:\nNo.  Sender\n1    a|b\n12\n"
    assert (
        markdown(document)
        == "**All**\n\n| No. | Sender |\n|---|---|\n| `1` | `a\\|b` |\n| `12` |  |\n"
    )


@given(HOSTILE)
def test_no_text_ends_its_cell_or_becomes_markup(text: str) -> None:
    table = Table(("No.", "Sender"), (("1", text), ("2", "plain")), "All")
    tokens = READER.parse(markdown(Document("", (table, Typed(text, "Typed")))))
    inner = [child for token in tokens for child in token.children or ()]
    types = {token.type.removesuffix("_open").removesuffix("_close") for token in [*tokens, *inner]}

    assert types <= {
        "paragraph", "inline", "text", "text_special", "code_inline", "strong", "hardbreak",
        "softbreak", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert len([token for token in tokens if token.type == "td_open"]) == 4


@given(HOSTILE)
def test_a_table_has_a_line_for_each_row(text: str) -> None:
    written = plain(Document("", (Table(("No.", "Sender"), (("1", text), ("2", text))),)))

    assert len(written.splitlines()) == 3
