"""The small pieces of every page, drawn in one place: icon, id, plate, state, whose, mask, time.

They are functions and not only templates because a table draws hundreds of them a page, and Django
templates take ten times as long.  ``templates/components`` and the ``portal`` tags call the same ones.
"""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from support_portal.dashboard import clock
from support_portal.reason_codes import Reading, Verdict, Whose

NOTHING = format_html("{}", "")
_CODES = 10**10  # longer numbers have no page
WHOSE_ICONS = {
    Whose.OUR_REQUEST: "me",
    Whose.OUR_ACCOUNT: "me",
    Whose.RECIPIENT: "phone",
    Whose.OPERATOR: "operator",
    Whose.CHANNEL: "fork",
    Whose.PLATFORM: "external",
    Whose.UNKNOWN: "unknown",
    Whose.NOBODY: "ok",
}
# State and detail as 8x8 writes them -> tone, icon, word.
STATES = {
    ("queued", ""): ("", "queued", "Queued"),
    ("sent", ""): ("", "sent", "Sent"),
    ("delivered", "delivered_to_operator"): ("ok", "half", "To operator"),
    ("delivered", "delivered_to_carrier"): ("ok", "half", "To operator"),
    ("delivered", ""): ("ok", "ok", "Delivered"),
    ("read", ""): ("ok", "eye", "Read"),
    ("undelivered", ""): ("bad", "fail", "Undelivered"),
    ("rejected", ""): ("bad", "reject", "Rejected"),
    ("failed", ""): ("bad", "fail", "Failed"),
}

SOURCES = {
    "api": "API",
    "hook": "Webhook",
    "file": "File",
    "demo": "Demo",
    "edited": "Edited",
}


@lru_cache(maxsize=200)
def icon(name: str) -> SafeString:
    """Draw an icon of icons.svg; the word beside it says what it means."""
    return format_html(
        '<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


def copy_button(text: object, what: str) -> SafeString:
    """Draw the button that copies ``text``; ``what`` names it."""
    return format_html(
        '<button class="copy" type="button" data-copy="{}" aria-label="Copy {}" title="Copy {}">'
        "{}</button>",
        text,
        what,
        what,
        icon("copy"),
    )


def identifier(
    value: UUID | str, what: str, href: str = "", *, short: bool = False, size: str = ""
) -> SafeString:
    """Draw an id: the first eight digits for the eye, the whole for the clipboard."""
    text = str(value)
    rest = f"…{text[-4:]}" if short and len(text) > 12 else text[8:]
    inside = format_html("<b>{}</b>{}", text[:8], rest)
    if href:
        shown = format_html('<a href="{}" title="{}">{}</a>', href, text, inside)
    else:
        shown = format_html('<span title="{}">{}</span>', text, inside)
    large = _attribute("data-size", size)
    return format_html('<span class="id"{}>{}{}</span>', large, shown, copy_button(text, what))


def plate(reading: Reading, *, link: bool = True, size: str = "") -> SafeString:
    """Draw a code with its table: a number never stands alone."""
    label, code = reading.label, shown_code(reading.code)
    variant = _attribute("data-v", "" if reading.known else "unknown")
    large = _attribute("data-size", size)
    if link and reading.home and -_CODES < reading.code < _CODES:
        return format_html(
            '<a class="plate" href="{}"{}{}><span>{}</span><b>{}</b></a>',
            _code_page(reading.home, reading.code), variant, large, label, code,
        )  # fmt: skip
    return format_html(
        '<span class="plate"{}{}><span>{}</span><b>{}</b></span>', variant, large, label, code
    )


@lru_cache
def _attribute(name: str, value: str) -> SafeString:
    """Return an attribute with a space before it, or nothing without a value."""
    return format_html(' {}="{}"', name, value) if value else NOTHING


def shown_code(code: int) -> str:
    """Return a code as it is printed; Python refuses to print numbers of thousands of digits."""
    return str(code) if -(10**18) < code < 10**18 else "…"


@lru_cache(maxsize=1000)
def _code_page(registry: str, code: int) -> str:
    return reverse("codes:detail", args=[registry, code])


def state(tone: str, icon_name: str, word: str, *, pill: bool = False) -> SafeString:
    """Draw a state: an icon, its word, and a colour that only repeats them."""
    return format_html(
        '<span class="state" data-s="{}"{}>{}<bdi>{}</bdi></span>',
        tone,
        _attribute("data-v", "pill" if pill else ""),
        icon(icon_name),
        word,
    )


def message_state(name: str, detail: str = "", *, pill: bool = False) -> SafeString:
    """Draw the state of a message; a word we do not know is shown as it came."""
    known = STATES.get((name, detail)) or STATES.get((name, ""))
    tone, icon_name, word = known or ("none", "unknown", name or "Not known")
    return state(tone, icon_name, word, pill=pill)


def said(ours: str, foreign: str, after: str) -> SafeString:
    """Draw words of ours around words of others, isolated; the reveal switch looks only at those."""
    inside = format_html("<bdi>{}</bdi>", foreign) if foreign else NOTHING
    return format_html("{}{}{}", ours, inside, after)


def whose(verdict: Verdict) -> SafeString:
    """Draw whose problem it is: an icon and words, no colour, for it is not a state."""
    tone = "none" if verdict.whose is Whose.UNKNOWN else ""
    return state(tone, WHOSE_ICONS[verdict.whose], verdict.whose_label)


def masked(number: str, country: str) -> SafeString:
    """Draw a masked number with its country."""
    if not number:
        return NOTHING
    if not country:
        return format_html('<span class="mask">{}</span>', number)
    return format_html('<span class="mask"><abbr>{}</abbr>{}</span>', country, number)


def moment(value: datetime | None, form: str = "full") -> SafeString:
    """Draw a time in the reader's zone (full, clock, day, row or ago), with UTC on hover."""
    if value is None:
        return format_html('<span class="muted">{}</span>', "none recorded")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        clock.iso(value),
        clock.utc(value) if form != "ago" else f"{clock.day_and_clock(value)}, {clock.utc(value)}",
        _FORMS[form](value),
    )


def _in_row(value: datetime) -> SafeString:
    """Draw the day quieter than the time, which is what the eye compares down a column."""
    return format_html(
        '<span class="muted">{}</span> {}', clock.short_day(value), clock.clock(value)
    )


_FORMS = {
    "full": clock.day_and_clock,
    "clock": clock.clock,
    "day": clock.day,
    "row": _in_row,
    "ago": clock.ago,
}
