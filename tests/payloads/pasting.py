"""Pastes made at random: ids in every dress, in every kind of container, packed and between noise."""

import base64
import html
import json
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy], object]

NAMES = {
    "error_id": ("errorId", "error_id", "ErrorID", "Error ID", "error-id", "smsErrorId"),
    "umid": ("umid", "UMID", "messageId", "Message ID", "replyToUmid"),
    "batch_id": ("batchId", "batch_id", "Batch ID"),
}
INVISIBLE = ("\u00ad", "\u200b", "\u2060", "\ufeff", "\u200e")
DASHES = ("\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d", " - ", " -", "- ", "&#45;")
LINE_ENDS = ("\n", "\r\n", "\n> ", "\n>> ", "\r\n> > ", "\n    ", " \n", "=\n", "=\r\n", "\\\n")
TAGS = ("<wbr>", "<b>", "</span>", '<span class="hit">', "<wbr/>", "<!-- x -->")
NOISE = (
    "Customer called again, nothing arrived.",
    "2026-11-23 13:52:01,113 INFO gateway took 12 of 90 in 88 ms path=/a/b?x=1",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    '{"level": "info", "n": 17, "ok": true, "path": "C:\\\\new\\\\faces"}',
    "<p class='x'>100 % sure &amp; done</p>",
    "GET /static/main.8f14e45fceea167a5a36dedd4bea2543.js?v=12 HTTP/1.1",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "price=12 EUR; rate=7% level=info",
    "deadbeef cafe 00000000",
    "-- \nAna\n",
)
# Text at random, but no words: some would be labels.
_A_WORD = re.compile("[^\\W_]{3}")
ANY_NOISE = st.sampled_from(NOISE) | st.text(max_size=20).filter(
    lambda text: not _A_WORD.search(text)
)


@dataclass(frozen=True)
class Pasted:
    """A text and the ids in it, with the kind that the words beside each tell."""

    text: str
    ids: dict[str, str]


def _upper(id: str, draw: Draw) -> str:
    return id.upper()


def _bare(id: str, draw: Draw) -> str:
    return id.replace("-", "")


def _hexadecimal(id: str, draw: Draw) -> str:
    return "0x" + id.replace("-", "").upper()


def _braces(id: str, draw: Draw) -> str:
    return "{" + id.upper() + "}"


def _urn(id: str, draw: Draw) -> str:
    return "urn:uuid:" + id


def _full_width(id: str, draw: Draw) -> str:
    return "".join(each if each == "-" else chr(ord(each) + 0xFEE0) for each in id)


def _other_dashes(id: str, draw: Draw) -> str:
    return id.replace("-", draw(st.sampled_from(DASHES)))


def _percent(id: str, draw: Draw) -> str:
    return id.replace("-", draw(st.sampled_from(("%2D", "%2d", "%252D", "\\u002d", "\\\\u002D"))))


def _sprinkled(id: str, draw: Draw) -> str:
    return _put(id, draw(st.sampled_from(INVISIBLE)), draw)


def _wrapped(id: str, draw: Draw) -> str:
    return _put(id, draw(st.sampled_from(LINE_ENDS)), draw)


def _tagged(id: str, draw: Draw) -> str:
    return _put(id, draw(st.sampled_from(TAGS)), draw)


def _misread(id: str, draw: Draw) -> str:
    return id.translate(
        str.maketrans({"0": draw(st.sampled_from("Oo")), "1": draw(st.sampled_from("lI"))})
    )


def _put(id: str, sign: str, draw: Draw) -> str:
    places = draw(st.sets(st.integers(1, len(id) - 1), min_size=1, max_size=3))
    parts = [id[start:end] for start, end in _spans(sorted(places), len(id))]
    return sign.join(parts)


def _spans(places: list[int], length: int) -> list[tuple[int, int]]:
    return list(zip([0, *places], [*places, length], strict=True))


# Dresses that stay on one line fit into a row of a table; the others are wrapped or split.
ON_ONE_LINE = (
    _upper,
    _bare,
    _hexadecimal,
    _braces,
    _urn,
    _full_width,
    _other_dashes,
    _percent,
    _sprinkled,
    _misread,
)
DRESSES = (*ON_ONE_LINE, _wrapped, _tagged)

LABELLED = (
    '"{name}": "{id}"',
    '{{"{name}":"{id}","n":1}}',
    "'{name}': '{id}',",
    "{name}={id}",
    "{name}={id} level=info",
    "{name}: {id}",
    "{name} {id}.",
    "the {name} is {id}, they say",
    "<{name}>{id}</{name}>",
    "<td>{name}</td><td><code>{id}</code></td>",
    "https://example.com/open?{name}={id}&x=1",
    "{name}:\n    {id}",
    "{name}&quot;:&quot;{id}&quot;",
    "{id} ({name})",
)
TABLES = (
    "order,{name},note\n88290,{id},late\n",
    '"note";"{name}"\n"a; b";"{id}"\n',
    "No\t{name}\tState\n1\t{id}\tsent\n",
    "| {name} | n |\n|---|---|\n| {id} | 1 |\n",
)
UNLABELLED = (
    "see {id} please",
    "- {id}",
    "({id})",
    '"{id}"',
    "[{id}]",
    "{id}",
    "https://example.com/e/{id}?a=b",
    "`{id}`",
)


@st.composite
def pieces(draw, id: str) -> tuple[str, str]:
    """Return a piece of text that holds the id, and the kind that it tells."""
    kind = draw(st.sampled_from(("error_id", "umid", "batch_id", "")))
    if not kind:
        dress = draw(st.sampled_from(DRESSES))
        return draw(st.sampled_from(UNLABELLED)).format(id=dress(id, draw)), ""
    name = draw(st.sampled_from(NAMES[kind]))
    if draw(st.integers(0, 3)) == 0:
        dressed = draw(st.sampled_from(ON_ONE_LINE))(id, draw)
        return draw(st.sampled_from(TABLES)).format(name=name, id=dressed), kind
    dressed = draw(st.sampled_from(DRESSES))(id, draw)
    return draw(st.sampled_from(LABELLED)).format(name=name, id=dressed), kind


def _in_strings(text: str, draw: Draw) -> str:
    for _ in range(draw(st.integers(1, 4))):
        text = json.dumps({"body": text}, ensure_ascii=draw(st.booleans()))
    return text


def _in_a_url(text: str, draw: Draw) -> str:
    for _ in range(draw(st.integers(1, 2))):
        text = quote(text, safe="")
    return "https://example.com/?d=" + text


def _in_base64(text: str, draw: Draw) -> str:
    packed = base64.b64encode(text.encode()).decode()
    if draw(st.booleans()):
        return json.dumps({"encoding": "base64", "text": packed})
    lines = base64.encodebytes(text.encode()).decode()
    return f"Content-Transfer-Encoding: base64\n\n{lines}\n"


def _in_quoted_printable(text: str, draw: Draw) -> str:
    lines = quopri.encodestring(text.encode()).decode()
    return f"Content-Transfer-Encoding: quoted-printable\n\n{lines}\n--b4c5--\n"


def _in_html(text: str, draw: Draw) -> str:
    return f"<pre>{html.escape(text)}</pre>"


def _in_a_reply(text: str, draw: Draw) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


def _as_it_is(text: str, draw: Draw) -> str:
    return text


PACKINGS = (
    _as_it_is,
    _as_it_is,
    _in_strings,
    _in_a_url,
    _in_base64,
    _in_quoted_printable,
    _in_html,
    _in_a_reply,
)


@st.composite
def pastes(draw) -> Pasted:
    """Return a paste with one to four ids."""
    ids: dict[str, str] = {}
    parts = []
    for id in draw(st.lists(st.uuids().map(str), min_size=1, max_size=4, unique=True)):
        part, ids[id] = draw(pieces(id))
        pack = draw(st.sampled_from(PACKINGS))
        parts.append(pack(part, draw))
        parts.append(draw(ANY_NOISE))
    return Pasted("\n\n".join(parts), ids)
