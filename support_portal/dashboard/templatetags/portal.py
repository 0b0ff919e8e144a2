"""The tags and filters of every template: pieces, times, and what the shell shows."""

import zoneinfo
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString

from support_portal.core.logs import request_id as current_request_id
from support_portal.dashboard import clock, pieces, quarantined, spelling
from support_portal.dashboard.boxes import boxes as drawn_boxes
from support_portal.dashboard.capacity import Capacity, capacity
from support_portal.dashboard.raw import RawPayload
from support_portal.ingest.limits import Standing
from support_portal.ingest.models import Delivery, Source
from support_portal.ingest.quarantine_models import QuarantineRun
from support_portal.ingest.selectors import COUNT_LIMIT, Intake
from support_portal.inquiries.hours import spoken
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Reading, Verdict, registries

register = template.Library()
THEMES = ("light", "dark")
NEXT_THEME = {"": "dark", "dark": "light", "light": "system"}
THEME_WORDS = {"": "as the system", "dark": "dark", "light": "light"}


# -- pieces -------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon."""
    return pieces.icon(name)


@register.simple_tag
def identifier(
    value: object, what: str, href: str = "", short: object = False, size: str = ""
) -> SafeString:
    """Draw an id with its copy button."""
    return pieces.identifier(str(value), what, href or "", short=bool(short), size=size or "")


@register.simple_tag
def boxes(field: BoundField) -> SafeString:
    """Draw the boxes of a filter."""
    return drawn_boxes(field)


@register.simple_tag
def plate(reading: Reading, link: object = True, size: str = "") -> SafeString:
    """Draw a code with its table."""
    return pieces.plate(reading, link=link not in (False, "no"), size=size or "")


@register.simple_tag
def state(tone: str, icon_name: str, word: str, pill: object = False) -> SafeString:
    """Draw a state of any kind."""
    return pieces.state(tone or "", icon_name, word, pill=bool(pill))


@register.simple_tag
def message_state(name: str, detail: str = "", pill: object = False) -> SafeString:
    """Draw the state of a message or receipt."""
    return pieces.message_state(name, detail or "", pill=bool(pill))


@register.simple_tag
def said(text: tuple[str, str, str]) -> SafeString:
    """Draw words of ours around foreign ones."""
    return pieces.said(*text)


@register.simple_tag
def whose(verdict: Verdict) -> SafeString:
    """Draw whose problem it is."""
    return pieces.whose(verdict)


@register.simple_tag
def mask(masked: str, country: str = "") -> SafeString:
    """Draw a masked number."""
    return pieces.masked(masked, country or "")


@register.simple_tag
def moment(value: datetime | None, form: str = "full") -> SafeString:
    """Draw a time."""
    return pieces.moment(value or None, form or "full")


@register.simple_tag
def copy_button(text: object, what: str) -> SafeString:
    """Draw a button that copies ``text``."""
    return pieces.copy_button(text, what)


@register.filter
def masked_numbers(text: str) -> str:
    """Mask what could be a phone number in a foreign text."""
    return masked_text(text)


@register.filter
def spelled_texts(raw: RawPayload) -> list[spelling.Spelled]:
    """Return the texts of a payload with what their characters make of them."""
    return spelling.texts_in(raw.sent)


register.filter("segments_of", spelling.of_text)


@register.filter
def run_words(run: QuarantineRun) -> str:
    """Say what a pass over many quarantined items is about."""
    return quarantined.run_words(run)


@register.filter
def source_word(source: str) -> str:
    """Say through which door a delivery came."""
    return pieces.SOURCES.get(source, source)


@register.filter
def count(number: int) -> str:
    """Write a number with its thousands apart."""
    return f"{number:,}"


@register.filter
def bounded(number: int) -> str:
    """Write what the intake counted, which it does no further than a limit."""
    return f"over {COUNT_LIMIT:,}" if number > COUNT_LIMIT else count(number)


@register.filter
def pace(number: float) -> str:
    """Write how many come in a minute: what is below ten with a decimal, where there is one."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


@register.filter
def offset(seconds: float) -> str:
    """Say how far a record lies from a moment: −3.21 s, +6 min 4 s."""
    length = f"{abs(seconds):.2f} s" if abs(seconds) < 60 else clock.duration(abs(seconds))
    return f"{'−' if seconds < 0 else '+'}{length}"


# -- times as words -----------------------------------------------------------------------------
register.filter("iso", clock.iso)
register.filter("utc", clock.utc)
register.filter("clock", clock.clock)
register.filter("day", clock.day)
register.filter("day_and_clock", clock.day_and_clock)
register.filter("duration", clock.duration)
register.filter("ago", clock.ago)
register.filter("business", spoken)


# -- the shell ----------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def theme(context: Mapping[str, Any]) -> str:
    """Return the theme that the reader chose, or "" for that of the system."""
    request = context.get("request")
    cookies = request.COOKIES if request else context.get("cookies", {})  # see views.problems
    chosen = str(cookies.get("theme", ""))
    return chosen if chosen in THEMES else ""


@register.filter
def next_theme(chosen: str) -> str:
    """Return the theme that the switch goes to."""
    return NEXT_THEME[chosen]


@register.filter
def theme_word(chosen: str) -> str:
    """Say which theme is shown."""
    return THEME_WORDS[chosen]


@register.simple_tag
def request_id() -> str:
    """Return the name of this request, which also stands in the log."""
    return current_request_id.get()


@register.simple_tag
def tables_date() -> str:
    """Return the date of the newest code table."""
    newest = max(table.source_date for table in registries().values())
    return f"{newest.day} {clock.MONTHS[newest.month - 1]} {newest.year}"


@register.simple_tag
def zone_label(now: datetime | None = None) -> str:
    """Name the reader's zone and its distance from UTC: Manila, UTC+8."""
    zone = timezone.get_current_timezone()
    name = zone.key if isinstance(zone, zoneinfo.ZoneInfo) else str(zone)
    offset = (now or timezone.now()).astimezone(zone).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    city = name.rpartition("/")[2].replace("_", " ")
    if not minutes:
        return city if city == "UTC" else f"{city}, UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"{city}, UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


@register.simple_tag
def intake_state(intake: Intake, limits: Standing) -> SafeString:
    """Draw the state of the intake in one line."""
    lag = clock.duration(intake.lag_seconds)
    if limits.full:
        return pieces.state("bad", "fail", "Intake takes nothing in")
    if intake.late:
        return pieces.state("warn", "warn", f"Intake is {lag} behind")
    if intake.quarantined:
        return pieces.state("warn", "live", f"Intake, {bounded(intake.quarantined)} to look at")
    return pieces.state("ok", "live", f"Intake, lag {lag}")


@register.simple_tag
def capacity_of(limits: Standing) -> Capacity:
    """Return how near the intake is to its limits."""
    return capacity(limits)


@register.simple_tag
def demo_waiting() -> str:
    """Say how many deliveries of the demonstration still wait; "" when none do."""
    if not settings.DEMO:
        return ""
    waiting = Delivery.objects.pending().filter(source=Source.DEMO)
    number = waiting[: COUNT_LIMIT + 1].count()
    if number == 1:
        return "1 delivery waits"
    return f"{bounded(number)} deliveries wait" if number else ""


@register.filter
def initials(name: str) -> str:
    """Return up to two letters that stand for a person."""
    words = [word for word in name.replace(".", " ").replace("_", " ").split() if word]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.simple_tag
def join(*parts: object) -> str:
    """Put texts together; what is absent counts as nothing."""
    return "".join(str(part) for part in parts if part is not None)
