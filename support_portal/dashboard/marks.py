"""How a character that hides, deceives or is outside GSM-7 is drawn: a box that has a name."""

from collections.abc import Iterator
from itertools import islice

from django.utils.html import format_html
from django.utils.safestring import SafeString

from support_portal.payloads.revealing import Kind, Piece, code_point, name, twin

MOST_NAMES = 8  # of one mark
NOT_GSM_7 = "not in GSM-7"


def mark(piece: Piece) -> SafeString:
    """Draw a mark: what the eye sees, the full name on hover, and the same for a screen reader."""
    told = ", ".join(_told(piece))
    return format_html(
        '<span class="char" data-k="{}" title="{}">{}<span class="vh">[{}]</span></span>{}',
        piece.kind,
        told,
        _face(piece),
        NOT_GSM_7 if piece.kind is Kind.NOT_GSM_7 else told,
        "\n" if piece.text[0] == "\n" else "",
    )


def _face(piece: Piece) -> SafeString:
    """Letters stay letters, so that they can be read; what cannot be seen gets a short name."""
    if piece.kind is Kind.NOT_GSM_7:
        return format_html("{}", piece.text)
    if piece.kind is Kind.LOOK_ALIKE:
        return format_html('{}<b aria-hidden="true">{}</b>', piece.text, piece.code_point)
    times = f"×{len(piece.text)}" if len(piece.text) > 1 else ""
    return format_html('<b aria-hidden="true">{}{}</b>', piece.short, times)


def _told(piece: Piece) -> Iterator[str]:
    """Yield the characters of a mark by name, how many they are, and what is odd about them."""
    distinct = dict.fromkeys(piece.text)
    for character in islice(distinct, MOST_NAMES):
        yield f"{code_point(character)} {name(character)}"
    if len(distinct) > MOST_NAMES:
        yield f"and {len(distinct) - MOST_NAMES} more"
    if len(piece.text) > len(distinct):
        yield f"{len(piece.text)} {'times' if len(distinct) == 1 else 'characters'}"
    if piece.kind is Kind.NOT_GSM_7:
        yield NOT_GSM_7
    if piece.kind is Kind.LOOK_ALIKE and twin(piece.text[0]):
        yield f"looks like {twin(piece.text[0])}"
