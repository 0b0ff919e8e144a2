"""Texts that try to be markup, and a document full of them."""

from hypothesis import strategies as st

from support_portal.dashboard.voices import Document, Fact, Facts, Quote, Steps, Words

HOSTILE = st.text(
    st.sampled_from("`*_[]()<>#|!~&@:\\/.-+= \n\r\t\u2028\u202e\u200b\x0012ahtpsw") | st.characters(),
    max_size=40,
) | st.sampled_from(
    [
        "![x](http://evil.test/a.png)", "[x](javascript:alert(1))", "<img src=x onerror=alert(4)>",
        "# heading", "| a | b |\n|---|---|", "```\nfence\n```", "http://evil.test", "www.evil.test",
        "<http://evil.test>", "&lt;b&gt;", "a@evil.test", "1. one", "- item", "===", "> quote",
        "`` ` ``", "\\`", "[a]: http://evil.test", "*a* _b_ ~~c~~", "+ plus", "12) twelve", ":smile:",
    ]
)  # fmt: skip


def hostile_document(text: str) -> Document:
    """Return a document with ``text`` wherever a document has text of others."""
    return Document(
        text,
        (
            Words(text),
            Quote("Text", text),
            Facts((Fact("Sub-account", text), Fact("Sender", text)), "Ours"),
            Steps("Next steps", (text, text)),
        ),
    )
