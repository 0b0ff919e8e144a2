"""What stands in the line of time, in words: one function for each kind of thing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse

from support_portal.dashboard import account_words, clock, happening_words, pieces
from support_portal.dashboard.deaf import Deaf
from support_portal.dashboard.thread import Remark
from support_portal.events import readings
from support_portal.events.models import ErrorEvent, Happening
from support_portal.events.timeline import Flag, Step
from support_portal.payloads.phones import masked_text
from support_portal.reason_codes import Context, Reading, decode

LONGEST_EXCERPT = 80
FLAGS = {
    Flag.LATE_NEGATIVE: "Late negative: the operator had accepted it first.",
    Flag.IMPOSSIBLE: "This contradicts an earlier receipt. Both are kept as they came.",
    Flag.AGAIN: "The same state was reported before, with another time.",
    Flag.CLOCK_SKEW: "Received before it happened: 8x8's clock and ours disagree.",
}


class Text(NamedTuple):
    """Words of ours around words of others, which a page isolates and can reveal."""

    ours: str = ""
    foreign: str = ""
    after: str = ""


NOTHING = Text()


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one thing."""

    icon: str
    title: Text
    tone: str = ""
    href: str = ""  # of the title
    detail: Text = NOTHING  # quiet words beside it
    code: str = ""  # a request, foreign
    readings: tuple[Reading, ...] = ()
    hint: str = ""  # inferred, not told
    action: str = ""  # a second link, and where it leads
    action_href: str = ""
    smalls: tuple[Text, ...] = ()  # lines below
    warnings: tuple[str, ...] = ()


def of_step(step: Step) -> Words:
    """Say what a receipt tells."""
    tone, icon = _look(step.state, step.detail)
    smalls = [Text(foreign=masked_text(step.error_message))] if step.error_message else []
    if step.provider_text:
        smalls.append(Text("provider code ", step.provider_text))
    return Words(
        icon=icon,
        title=Text(foreign=step.state[:1].upper() + step.state[1:]),
        tone=tone,
        detail=Text(foreign=step.detail, after=", provisional" if step.provisional else ""),
        readings=tuple(reading for reading in (step.code, step.provider) if reading),
        smalls=tuple(smalls),
        warnings=tuple(_warnings(step)),
    )


def _warnings(step: Step) -> Iterator[str]:
    for flag in step.flags:
        if flag in FLAGS:
            yield FLAGS[flag]
    if step.slow:
        took, most = clock.duration(step.slow.took), clock.duration(step.slow.usual.most)
        yield f"×{step.slow.times:,.0f} the usual: {took} since sent, 95 % are there within {most}."


def _look(state: str, detail: str) -> tuple[str, str]:
    """Return tone and icon; a word that we do not know was observed all the same."""
    known = pieces.STATES.get((state, detail)) or pieces.STATES.get((state, ""))
    return known[:2] if known else ("", "unknown")


def of_error(error: ErrorEvent, own: UUID | None, shared: Collection[tuple[str, object]]) -> Words:
    """Say what an API error is; ``own`` is that of the page, ``shared`` the ids that may join it."""
    reading = readings.of_error(error)
    http = decode(Context.HTTP_STATUS, "", error.http_status) if error.http_status else None
    mine = error.error_id == own
    early = error.received_at < error.occurred_at
    return Words(
        icon="fail",
        title=Text("API error"),
        tone="bad",
        href="" if mine else reverse("errors:detail", args=[error.error_id]),
        readings=tuple(each for each in (reading, http) if each),
        hint="" if mine else _joined(error, shared),
        warnings=(FLAGS[Flag.CLOCK_SKEW],) if early else (),
    )


def _joined(error: ErrorEvent, shared: Collection[tuple[str, object]]) -> str:
    """Say by which id an error belongs here, the surest first."""
    told = (
        ("umid", error.umid),
        ("client message id", error.client_message_id),
        ("batchId", error.batch_id),
    )
    return next((f"joined by the same {name}" for name, key in told if (name, key) in shared), "")


def of_request(error: ErrorEvent) -> Words:
    """Say what was asked before an error was the answer."""
    return Words(
        icon="sent",
        title=Text("Request"),
        tone="us",
        code=masked_text(f"{error.method} {error.path}".strip()),
        smalls=(Text("sent by ", error.service),) if error.service else (),
    )


def of_happening(happening: Happening, own: UUID | None) -> Words:
    """Say what happened around the message; ``own`` is the umid of the page."""
    row = happening_words.row(happening)
    return Words(
        icon=row.icon,
        title=Text(row.title),
        tone="bad" if row.reading else "ok",
        href="" if happening.umid == own else row.href,
        detail=Text(foreign=row.detail),
        readings=(row.reading,) if row.reading else (),
        smalls=(Text(foreign=row.text),) if row.text else (),
    )


def of_account_event(row: account_words.EventRow) -> Words:
    """Say what happened to the account."""
    return Words(
        icon=row.icon,
        title=Text(row.what),
        tone=row.tone,
        detail=Text(foreign=f"{row.name} {row.words}"),
        action="Account events",
        action_href=reverse("account_events"),
        smalls=(Text(row.why),) if row.why else (),
    )


def of_deaf(each: Deaf) -> Words:
    """Say when and why we did not hear."""
    interval = each.interval
    note = (Text(f"{interval.noted_by}: ", interval.note),) if interval.note else ()
    return Words(
        icon="deaf",
        title=Text(each.title),
        tone="none",
        detail=Text(each.length),
        action="What to do",
        action_href=reverse("intake:deaf", args=[interval.id]),
        smalls=(Text(each.meaning), *note),
    )


def of_remark(remark: Remark) -> Words:
    """Say who wrote a comment, and how it begins."""
    text = remark.excerpt
    cut = "…" if len(text) > LONGEST_EXCERPT else ""
    return Words(
        icon="comment",
        title=Text("Comment by ", remark.author),
        tone="us",
        href=f"#comment-{remark.id}",
        detail=Text("“", text[:LONGEST_EXCERPT], f"{cut}”"),
    )
