"""Puts a letter together: the question first, then what happened, where, and what we know already."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from statistics import median

from support_portal.inquiries.letters import wording
from support_portal.inquiries.letters.counts import told
from support_portal.inquiries.letters.sample import Draft, Sample, freshest_first
from support_portal.inquiries.letters.templates import TEMPLATES
from support_portal.writing import Block, Document, Fact, Facts, Steps, Table, Typed, Words

SHOWN_SAMPLES = 5
TABLED = 50  # more are in the files only
FILES = "evidence.csv and evidence.ndjson"

Column = tuple[str, Callable[[Sample], str]]
COLUMNS: tuple[Column, ...] = (  # few, so that a line fits a screen; the files have them all
    ("Time", lambda each: wording.moment(each.at)),
    ("errorId or umid", lambda each: str(each.error_id or each.umid or each.record_id)),
    ("Code", wording.short_code),
    ("HTTP", lambda each: str(each.http_status or "")),
    ("Sub-account", lambda each: each.sub_account),
    ("Country", lambda each: each.country),
    ("Operator", lambda each: each.operator),
    ("State", wording.state),
)
ALWAYS = COLUMNS[:2]


def compose(draft: Draft, samples: Sequence[Sample]) -> Document:
    """Return the letter under its subject; one that follows another says only what it adds."""
    blocks = _added if draft.follows else _asked
    return Document(draft.subject, tuple(blocks(draft, freshest_first(samples))))


def _asked(draft: Draft, ordered: Sequence[Sample]) -> list[Block]:
    return [
        Words("Hello,"),
        Typed(draft.question),
        Typed(draft.body),
        _about(draft),
        *(Typed(each) for each in (told(draft.counts) if draft.counts else ())),
        _impact(draft.kind, ordered),
        *_samples(draft.kind, ordered),
        *_rest(ordered),
        Steps("What we have ruled out", tuple(_ruled_out(draft, ordered))),
        Typed(draft.expectation, "What we expect"),
        *_closing(draft),
    ]


def _added(draft: Draft, ordered: Sequence[Sample]) -> list[Block]:
    return [
        Words("Hello,"),
        Words(_further(draft)),
        Typed(draft.body),
        _impact(draft.kind, ordered),
        *_samples(draft.kind, ordered),
        *_rest(ordered),
        *_closing(draft),
    ]


def _further(draft: Draft) -> str:
    """Say to which letter evidence is added."""
    ticket = f" (your ticket {draft.ticket})" if draft.ticket else ""
    on = (
        f", about which we wrote to you on {wording.minute(draft.follows)}" if draft.follows else ""
    )
    return (
        f"here is further evidence for {draft.reference}{ticket}{on}."
        " Please look at it together with what you have from us."
    )


def _closing(draft: Draft) -> Iterator[Block]:
    yield Words(
        f"Our reference is {draft.reference}. Please keep it in the subject of your answer."
    )
    yield Typed("\n".join(filter(None, (draft.signature, draft.account))))


def shortened(draft: Draft, samples: Sequence[Sample]) -> Document:
    """Return the letter for a link that opens a mail program: the question and the ids."""
    ordered = freshest_first(samples)[:SHOWN_SAMPLES]
    ids = [
        Fact(str(each.error_id or each.umid or each.record_id), wording.moment(each.at) or "-")
        for each in ordered
    ]
    return Document(
        draft.subject,
        (
            Words(_further(draft)) if draft.follows else Typed(draft.question),
            Facts((Fact("Account", draft.account), Fact("Affected", str(len(samples))))),
            Facts(tuple(ids), "Samples"),
            Words(f"Our reference is {draft.reference}; the full letter is with us."),
        ),
    )


def _about(draft: Draft) -> Facts:
    return Facts(
        (
            Fact("Account", draft.account),
            Fact("Priority", draft.severity),
            Fact("Request type", draft.request_type),
        )
    )


def _impact(kind: str, samples: Sequence[Sample]) -> Facts:
    """Return what the evidence adds up to."""
    times = sorted(each.at for each in samples if each.at)
    thing = TEMPLATES[kind].thing
    return Facts(
        (
            Fact("Affected", wording.plural(len(samples), thing) + " quoted here"),
            Fact("First", wording.moment(times[0]) if times else ""),
            Fact("Last", wording.moment(times[-1]) if len(times) > 1 else ""),
            Fact("Code", wording.counted(wording.code(each) for each in samples)),
            Fact(
                "HTTP status", wording.counted(wording.http_status(e.http_status) for e in samples)
            ),
            Fact("Sub-accounts", wording.counted(each.sub_account for each in samples)),
            Fact("Countries", wording.counted(each.country for each in samples)),
            Fact("Operators", wording.counted(each.operator for each in samples)),
            Fact("Channels", wording.counted(each.channel for each in samples)),
            Fact("States", wording.counted(wording.state(each) for each in samples)),
            Fact("Time to the last state", _delays(samples) if kind == "latency" else ""),
        ),
        "Impact",
    )


def _delays(samples: Sequence[Sample]) -> str:
    lengths = sorted(each.state_at - each.at for each in samples if each.at and each.state_at)
    if not lengths:
        return ""
    if len(lengths) == 1:
        return wording.span(lengths[0])
    middle = timedelta(seconds=median(each.total_seconds() for each in lengths))
    return (
        f"shortest {wording.span(lengths[0])}, median {wording.span(middle)},"
        f" longest {wording.span(lengths[-1])}"
    )


def _samples(kind: str, ordered: Sequence[Sample]) -> Iterator[Block]:
    """Yield the freshest samples with everything that is known of them."""
    shown = ordered[:SHOWN_SAMPLES]
    for number, each in enumerate(shown, start=1):
        title = "Sample" if len(shown) == 1 else f"Sample {number}"
        yield Facts(
            (
                Fact("errorId", str(each.error_id or "")),
                Fact("umid", str(each.umid or "")),
                Fact("batchId", str(each.batch_id or "")),
                Fact("Id", "" if _named(each) else str(each.record_id)),
                Fact("Time" if each.error_id else "Accepted", wording.moment(each.at)),
                Fact("Code", wording.code(each)),
                Fact("HTTP status", wording.http_status(each.http_status)),
                Fact("Endpoint", each.endpoint),
                Fact("Text", each.text),
                Fact("Sub-account", each.sub_account),
                Fact("Channel", each.channel),
                Fact("Sender", each.sender),
                Fact("Recipient" if each.recipient else "Country", wording.recipient(each)),
                Fact("Operator", each.operator),
                Fact("State", wording.state(each)),
                Fact("State since", wording.moment(each.state_at)),
                Fact("Time to the last state", _delays([each]) if kind == "latency" else ""),
            ),
            title,
        )


def _named(sample: Sample) -> bool:
    return any((sample.error_id, sample.umid, sample.batch_id))


def _rest(ordered: Sequence[Sample]) -> Iterator[Block]:
    """Yield all evidence in columns once there is more than was told in full."""
    if len(ordered) <= SHOWN_SAMPLES:
        return
    rows = ordered[:TABLED]
    told = [*ALWAYS, *(each for each in COLUMNS if each not in ALWAYS and _differs(each[1], rows))]
    yield Table(
        ("No.", *(head for head, _ in told)),
        tuple(
            (str(number), *(cell(each) for _, cell in told))
            for number, each in enumerate(rows, start=1)
        ),
        f"All {len(ordered):,}, newest first"
        if len(rows) == len(ordered)
        else f"The newest {len(rows)} of {len(ordered):,}",
    )
    if len(rows) < len(ordered):
        yield Words(f"All {len(ordered):,} are in {FILES}.")


def _differs(cell: Callable[[Sample], str], rows: Sequence[Sample]) -> bool:
    """Tell whether a column says what the impact has not said already."""
    return len({cell(each) for each in rows}) > 1


def _ruled_out(draft: Draft, samples: Sequence[Sample]) -> Iterator[str]:
    """Yield what the evidence itself rules out, then what the agent says."""
    for word, values in (
        ("sub-account", [each.sub_account for each in samples]),
        ("country", [each.country for each in samples]),
        ("operator", [each.operator for each in samples]),
        ("channel", [each.channel for each in samples]),
    ):
        distinct = sorted(filter(None, set(values)))
        if len(distinct) > 1:
            yield f"A single {word}: it happens with {wording.listed(distinct)}."
    yield from (each.strip() for each in draft.ruled_out.splitlines() if each.strip())
