"""The small pieces of every page, drawn in one place: icon, id, plate, state, whose, mask, time.

They are functions and not only templates because a table draws hundreds of them a page, and Django
templates take ten times as long.  ``templates/components`` and the ``portal`` tags call the same ones.
"""

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString

from support_portal.dashboard import clock
from support_portal.dashboard.markup import attribute, draw
from support_portal.reason_codes import Reading, Verdict, Whose

NOTHING = draw("")
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
    return draw(
        '<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


def copy_button(text: object, what: str) -> SafeString:
    """Draw the button that copies ``text``; ``what`` names it."""
    return draw(
        '<button class="copy" type="button" data-copy="{}" aria-label="Copy {}" title="Copy {}">'
        "{}</button>",
        text,
        what,
        what,
        icon("copy"),
    )


@lru_cache(maxsize=1)
def _linked_id() -> str:
    """Return the template of an id with its link and its copy button, for eight parts."""
    button = copy_button("{}", "{}")
    return f'<span class="id"><a href="{{}}" title="{{}}"><b>{{}}</b>{{}}</a>{button}</span>'


def identifier(
    value: UUID | str, what: str, href: str = "", *, short: bool = False, size: str = ""
) -> SafeString:
    """Draw an id: the first eight digits for the eye, the whole for the clipboard."""
    text = str(value)
    rest = f"…{text[-4:]}" if short and len(text) > 12 else text[8:]
    if href and not size:  # a hundred of them a page: drawn at once
        return draw(_linked_id(), href, text, text[:8], rest, text, what, what)
    inside = draw("<b>{}</b>{}", text[:8], rest)
    if href:
        shown = draw('<a href="{}" title="{}">{}</a>', href, text, inside)
    else:
        shown = draw('<span title="{}">{}</span>', text, inside)
    large = attribute("data-size", size)
    return draw('<span class="id"{}>{}{}</span>', large, shown, copy_button(text, what))


def plate(reading: Reading, *, link: bool = True, size: str = "") -> SafeString:
    """Draw a code with its table: a number never stands alone."""
    home = reading.home if link and -_CODES < reading.code < _CODES else ""
    return _plate(home, reading.label, reading.code, reading.known, size)


@lru_cache(maxsize=2_000)
def _plate(home: str, label: str, number: int, known: bool, size: str) -> SafeString:
    variant, large = attribute("data-v", "" if known else "unknown"), attribute("data-size", size)
    code = shown_code(number)
    if home:
        return draw(
            '<a class="plate" href="{}"{}{}><span>{}</span><b>{}</b></a>',
            _code_page(home, number), variant, large, label, code,
        )  # fmt: skip
    return draw(
        '<span class="plate"{}{}><span>{}</span><b>{}</b></span>', variant, large, label, code
    )


def shown_code(code: int) -> str:
    """Return a code as it is printed; Python refuses to print numbers of thousands of digits."""
    return str(code) if -(10**18) < code < 10**18 else "…"


@lru_cache(maxsize=1000)
def _code_page(registry: str, code: int) -> str:
    return reverse("codes:detail", args=[registry, code])


def state(tone: str, icon_name: str, word: str, *, pill: bool = False) -> SafeString:
    """Draw a state: an icon, its word, and a colour that only repeats them."""
    return draw(
        '<span class="state" data-s="{}"{}>{}<bdi>{}</bdi></span>',
        tone,
        attribute("data-v", "pill" if pill else ""),
        icon(icon_name),
        word,
    )


@lru_cache(maxsize=500)
def message_state(name: str, detail: str = "", *, pill: bool = False) -> SafeString:
    """Draw the state of a message; a word we do not know is shown as it came."""
    known = STATES.get((name, detail)) or STATES.get((name, ""))
    tone, icon_name, word = known or ("none", "unknown", name or "Not known")
    return state(tone, icon_name, word, pill=pill)


def said(ours: str, foreign: str, after: str) -> SafeString:
    """Draw words of ours around words of others, isolated; the reveal switch looks only at those."""
    inside = draw("<bdi>{}</bdi>", foreign) if foreign else NOTHING
    return draw("{}{}{}", ours, inside, after)


def whose(verdict: Verdict) -> SafeString:
    """Draw whose problem it is: an icon and words, no colour, for it is not a state."""
    return _whose(verdict.whose, verdict.whose_label)


@lru_cache(maxsize=100)
def _whose(who: Whose, label: str) -> SafeString:
    return state("none" if who is Whose.UNKNOWN else "", WHOSE_ICONS[who], label)


def masked(number: str, country: str) -> SafeString:
    """Draw a masked number with its country."""
    if not number:
        return NOTHING
    if not country:
        return draw('<span class="mask">{}</span>', number)
    return draw('<span class="mask"><abbr>{}</abbr>{}</span>', country, number)


def moment(value: datetime | None, form: str = "full") -> SafeString:
    """Draw a time in the reader's zone (full, clock, day, row or ago), with UTC on hover."""
    if value is None:
        return draw('<span class="muted">{}</span>', "none recorded")
    if form == "row":
        return _in_row(value)
    return draw(
        '<time datetime="{}" title="{}">{}</time>',
        clock.iso(value),
        clock.utc(value) if form != "ago" else f"{clock.day_and_clock(value)}, {clock.utc(value)}",
        _FORMS[form](value),
    )


def _in_row(value: datetime) -> SafeString:
    """Draw the day quieter than the time, which is what the eye compares down a column."""
    return draw(
        '<time datetime="{}" title="{}"><span class="muted">{}</span> {}</time>',
        clock.iso(value), clock.utc(value), *clock.short_day_and_clock(value),
    )  # fmt: skip


_FORMS = {
    "full": clock.day_and_clock,
    "clock": clock.clock,
    "day": clock.day,
    "ago": clock.ago,
}
