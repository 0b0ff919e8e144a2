"""What has to be right before a letter leaves.  Pure: each check says what is wrong and what mends it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from django.utils.crypto import salted_hmac

from support_portal.inquiries.leaks import BODY, KEY, NUMBER, ONE_TIME, Leak, leaks
from support_portal.inquiries.letters import Draft, Sample, freshest_first
from support_portal.reason_codes import registries

LOGS_KEPT = timedelta(days=183)  # how far back 8x8's Messaging logs can be asked
MOST_NAMED = 5
TO = "to"
TYPED = {
    "subject": "the subject",
    "question": "the question",
    "body": "your words",
    "ruled_out": "what is ruled out",
    "expectation": "what we expect",
    "account": "the account",
    "signature": "the signature",
    "ticket": "8x8's ticket number",
}
OF_SAMPLES = (
    "meaning", "endpoint", "text", "sub_account", "channel", "sender", "recipient", "country",
    "operator", "state", "detail",
)  # fmt: skip
_texts = attrgetter(*OF_SAMPLES)
LEAKS = {
    NUMBER: "A whole phone number",
    KEY: "Something that looks like a key or password",
    ONE_TIME: "Something that looks like a one-time code",
    BODY: "Something that looks like the text of a message",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    key: str
    blocking: bool
    title: str
    detail: str
    mark: str  # tells the same finding from another one
    mend: str  # remove, tell, clean, ask, split; to, find, words, join: where a person does it
    samples: tuple[int, ...] = ()  # by their numbers in the letter
    records: tuple[UUID, ...] = ()

    @property
    def firm(self) -> bool:
        """Tell whether nobody may let it pass: whom letters may go to is for the settings to say."""
        return self.key == TO


@dataclass(frozen=True, slots=True)
class Letter:
    """All that the checks look at."""

    draft: Draft
    samples: Sequence[Sample]
    to: str
    recipients: Sequence[str]  # whom letters may go to
    same: Sequence[str] = ()  # other open inquiries on the same cluster


def check(letter: Letter, now: datetime) -> list[Finding]:
    """Return what is wrong, what blocks first."""
    ordered = list(enumerate(freshest_first(letter.samples), start=1))
    found = [
        *_addressed(letter),
        *_asked(letter.draft),
        *_named(ordered),
        *_timed(ordered),
        *_in_the_logs(ordered, now),
        *_leaking(letter, ordered),
        *_one_table(ordered),
        *_one_meaning(ordered),
        *_alone(letter.same),
    ]
    return sorted(found, key=lambda each: not each.blocking)


def in_order(draft: Draft, found: Iterable[Finding]) -> list[str]:
    """Say what was looked for and is in order."""
    wrong = {each.key for each in found}
    if draft.follows:
        wrong.add("asked")  # nothing is asked in it
    words = {
        "Question and subject are stated.": {"asked", "subject"},
        "Every piece has an id and a time.": {"named", "no_name", "timed"},
        "All of it is within the six months of 8x8's Messaging logs.": {"old"},
        "No whole number, key, one-time code or text of a message.": set(LEAKS),
    }
    return [each for each, keys in words.items() if not keys & wrong]


def _finding(
    key: str, title: str, detail: str, *about: object, mend: str, blocking: bool = True,
    numbered: Sequence[tuple[int, Sample]] = (),
) -> Finding:  # fmt: skip
    ids = [str(each.record_id) for _, each in numbered]
    value = "\x1f".join([key, *map(str, about), *sorted(ids)])
    mark = salted_hmac("inquiries.check", value, algorithm="sha256").hexdigest()
    return Finding(
        key, blocking, title, detail, mark, mend,
        tuple(number for number, _ in numbered), tuple(each.record_id for _, each in numbered),
    )  # fmt: skip


def _addressed(letter: Letter) -> Iterator[Finding]:
    if letter.to not in letter.recipients:
        yield _finding(
            TO, "It may not go to this address", f"{letter.to} is not in the settings", letter.to,
            mend="to",
        )  # fmt: skip


def _asked(draft: Draft) -> Iterator[Finding]:
    if not draft.question.strip() and not draft.follows:  # what follows belongs to what was asked
        yield _finding("asked", "Nothing is asked", "8x8 has to know what to answer", mend="ask")
    if not draft.subject.strip():
        yield _finding("subject", "There is no subject", "the first thing that is read", mend="ask")


def _named(ordered: Sequence[tuple[int, Sample]]) -> Iterator[Finding]:
    if not ordered:
        yield _finding(
            "named", "There is no id", "8x8 finds nothing without an errorId or a umid", mend="find"
        )
    unnamed = [
        each for each in ordered if not (each[1].error_id or each[1].umid or each[1].batch_id)
    ]
    if unnamed:
        yield _finding(
            "no_name", f"{_samples(unnamed)}: not known what the id is",
            "we do not hold it; say in your words where it was read",
            blocking=False, mend="words", numbered=unnamed,
        )  # fmt: skip


def _timed(ordered: Sequence[tuple[int, Sample]]) -> Iterator[Finding]:
    without = [each for each in ordered if each[1].at is None]
    if without:
        yield _finding(
            "timed", f"{_samples(without)}: no time",
            "ids tell 8x8 no day to search; take the time from the log or the screenshot",
            mend="tell", numbered=without,
        )  # fmt: skip


def _in_the_logs(ordered: Sequence[tuple[int, Sample]], now: datetime) -> Iterator[Finding]:
    old = [each for each in ordered if each[1].at and each[1].at < now - LOGS_KEPT]
    if old:
        yield _finding(
            "old", f"{_samples(old)}: older than 6 months",
            "8x8's Messaging logs reach back 6 months", mend="remove", numbered=old,
        )  # fmt: skip


def _leaking(letter: Letter, ordered: Sequence[tuple[int, Sample]]) -> Iterator[Finding]:
    typed = [(words, getattr(letter.draft, name)) for name, words in TYPED.items()]
    first: dict[str, int] = {}  # most of a thousand samples say the same
    for number, each in ordered:
        for text in _texts(each):
            first.setdefault(text, number)
    found = leaks([*typed, *((f"sample {number}", text) for text, number in first.items())])
    for kind, title in LEAKS.items():
        some = [each for each in found if each.kind == kind]
        if some:
            yield _finding(
                kind, title, _places(some), *sorted({each.found for each in some}), mend="clean"
            )


def _places(found: Sequence[Leak]) -> str:
    named = list(dict.fromkeys(f"{each.hint} in {each.place}" for each in found))
    more = len(named) - MOST_NAMED
    return "; ".join(named[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _one_table(ordered: Sequence[tuple[int, Sample]]) -> Iterator[Finding]:
    tables = sorted({each.registry for _, each in ordered if each.registry})
    if len(tables) > 1:
        names = " and ".join(registries()[table].title for table in tables if table in registries())
        yield _finding(
            "mixed", "Codes of several tables", f"{names}: one question each is answered sooner",
            *tables, blocking=False, mend="split",
        )  # fmt: skip


def _one_meaning(ordered: Sequence[tuple[int, Sample]]) -> Iterator[Finding]:
    unclear = [each for each in ordered if each[1].ambiguous]
    if unclear:
        yield _finding(
            "ambiguous", f"{_samples(unclear)}: the code has several meanings",
            "say in your words where it was read", blocking=False, mend="words", numbered=unclear,
        )  # fmt: skip


def _alone(same: Sequence[str]) -> Iterator[Finding]:
    if same:
        yield _finding(
            "alike", "Another inquiry on the same is open", f"{', '.join(same)}: join it instead",
            *same, blocking=False, mend="join",
        )  # fmt: skip


def _samples(numbered: Sequence[tuple[int, Sample]]) -> str:
    numbers = [str(number) for number, _ in numbered]
    shown = ", ".join(numbers[:MOST_NAMED])
    more = f" and {len(numbers) - MOST_NAMED:,} more" if len(numbers) > MOST_NAMED else ""
    return f"Sample{'' if len(numbers) == 1 else 's'} {shown}{more}"
