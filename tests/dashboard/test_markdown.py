"""What a reader of Markdown makes of a copy: nothing but what we wrote is markup."""

from hypothesis import given
from markdown_it import MarkdownIt

from support_portal.dashboard.voices import markdown
from tests.dashboard.hostile import HOSTILE, hostile_document

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
READER.parse("*the* first `text` takes long")


@given(HOSTILE)
def test_markdown_has_no_markup_but_ours(text: str) -> None:
    tokens = READER.parse(markdown(hostile_document(text)))
    inner = [child for token in tokens for child in token.children or ()]
    types = {token.type.removesuffix("_open").removesuffix("_close") for token in [*tokens, *inner]}

    assert types <= {
        "heading", "paragraph", "inline", "text", "text_special", "code_inline", "strong",
        "bullet_list", "ordered_list", "list_item",
    }  # fmt: skip
    assert len([token for token in tokens if token.type == "heading_open"]) <= 1
    assert len([token for token in tokens if token.type == "list_item_open"]) <= 4
