"""Inquiries as pages show them: the form, the evidence, the letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.dashboard import incident_words
from support_portal.dashboard.inputs import parse_moment
from support_portal.dashboard.record_tables import record_page
from support_portal.inquiries import following
from support_portal.inquiries.gate import LONGEST_REASON, judge
from support_portal.inquiries.letter_of import whole
from support_portal.inquiries.letters import SHOWN_SAMPLES, Sample, freshest_first
from support_portal.inquiries.mailing import mailto
from support_portal.inquiries.models import (
    OPEN,
    Evidence,
    Inquiry,
    Kind,
    Letter,
    Passage,
    RequestType,
    Severity,
    State,
    Way,
)
from support_portal.inquiries.selectors import alike, incidents_of, letters_of
from support_portal.inquiries.sending import checksum, current_while
from support_portal.inquiries.services import LONGEST, TYPED, last_letter
from support_portal.inquiries.ways import zendesk
from support_portal.reason_codes import Context, Reading, decode, look_up, registries
from support_portal.writing import plain

SHOWN_EVIDENCE = 50
SHOWN_HISTORY = 50
# How an inquiry stands -> tone, icon, word.
LOOKS = {
    State.DRAFT: ("", "queued", "Draft"),
    State.SENT: ("", "sent", "Sent"),
    State.ANSWERED: ("warn", "inquiry", "Answered"),
    State.PAUSED: ("warn", "me", "8x8 waits for us"),
    State.SOLVED: ("ok", "ok", "Solved"),
    State.CLOSED: ("none", "x", "Closed"),
}
WAS, KEEP, THEIRS = "was_", "keep_", "theirs"
FIELD = {"class": "input", "autocomplete": "off"}


def _area(rows: int, words: str = "") -> forms.Textarea:
    return forms.Textarea(attrs={"class": "input", "rows": rows, "placeholder": words})


class InquiryForm(forms.Form):
    """What a person types; everything else in the letter comes from the evidence."""

    to = forms.ChoiceField(label="To", widget=forms.Select(attrs={"class": "input"}))
    kind = forms.ChoiceField(
        label="About", choices=Kind.choices, widget=forms.Select(attrs={"class": "input"})
    )
    severity = forms.ChoiceField(
        label="Priority",
        help_text="In the words of 8x8's form; a major feature is, for example, one country.",
        choices=Severity.choices,
        widget=forms.Select(attrs={"class": "input"}),
    )
    request_type = forms.ChoiceField(
        label="Request type",
        help_text="As 8x8's form has them; the others of that form are not documented.",
        choices=RequestType.choices,
        widget=forms.Select(attrs={"class": "input"}),
    )
    subject = forms.CharField(
        label="Subject",
        required=False,
        max_length=LONGEST["subject"],
        widget=forms.TextInput(attrs=FIELD),
    )
    question = forms.CharField(
        label="Question", required=False, max_length=LONGEST["question"], widget=_area(4)
    )
    body = forms.CharField(
        label="In your words",
        required=False,
        max_length=LONGEST["body"],
        widget=_area(4, "What you saw and tried. It stands under the question."),
    )
    ruled_out = forms.CharField(
        label="Ruled out",
        required=False,
        max_length=LONGEST["ruled_out"],
        widget=_area(2, "A line for each, for example: Other operators in the same country work."),
    )
    expectation = forms.CharField(
        label="What we expect",
        required=False,
        max_length=LONGEST["expectation"],
        widget=_area(2),
    )
    base = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        initial: dict[str, Any] | None = None,
        chosen: str = "",
    ) -> None:
        super().__init__(data, initial=initial, auto_id="letter_%s")  # a comment has a body, too
        allowed = dict.fromkeys([*settings.INQUIRY_RECIPIENTS, *filter(None, [chosen])])
        self.fields["to"].choices = [(each, each) for each in allowed]  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        """Return the subject on one line."""
        return " ".join(self.cleaned_data["subject"].split())

    def opened(self, name: str) -> str | None:
        """Return what a field said when the form was opened; None where the form does not tell."""
        text = self.data.get(f"{WAS}{name}")
        return None if text is None else str(text).replace("\r\n", "\n").replace("\r", "\n").strip()

    def left_to_others(self) -> set[str]:
        """Return the fields that are to stay as somebody else saved them."""
        return {name for name in TYPED if self.data.get(f"{KEEP}{name}") == THEIRS}

    def rebase(self, now: Inquiry) -> None:
        """Let what was typed be saved over the inquiry as it stands."""
        known = {name: self.data.get(name) for name in self.data if not name.startswith(KEEP)}
        stands = {f"{WAS}{name}": getattr(now, name) for name in TYPED}
        self.data = known | stands | {"base": now.version}

    @property
    def opening(self) -> list[tuple[str, str]]:
        """Return the hidden fields that say what the others said when the form was opened."""
        said = self.data if self.is_bound else {f"{WAS}{n}": self.initial.get(n, "") for n in TYPED}
        return [(name, str(said.get(name) or "")) for name in (f"{WAS}{each}" for each in TYPED)]


class TellForm(forms.Form):
    """What a person knows about an id that we do not hold."""

    record = forms.UUIDField()
    at = forms.CharField()
    code = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def clean_at(self) -> datetime:
        """Return the time; without a zone it is UTC, as everything in a letter is."""
        return parse_moment(self.cleaned_data["at"])


class AsideForm(forms.Form):
    """Why a check is set aside."""

    mark = forms.CharField(max_length=64)
    reason = forms.CharField(max_length=LONGEST_REASON)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence in the table."""

    number: int
    record_id: UUID
    name: str  # what the id is called
    href: str
    reading: Reading | None
    at: str  # in UTC, as the letter says it
    sub_account: str
    state: str
    detail: str
    held: bool


# How far a letter has come -> tone, icon, word.
PASSAGES = {
    Passage.WAITING: ("", "queued", "Waits to be sent"),
    Passage.TRYING: ("", "queued", "Is being sent"),
    Passage.HANDING: ("", "queued", "Is being sent"),
    Passage.SENT: ("ok", "ok", "Sent"),
    Passage.FAILED: ("bad", "fail", "Not sent"),
    Passage.UNKNOWN: ("warn", "unknown", "Not known whether it was sent"),
    Passage.WITHDRAWN: ("none", "x", "Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter as it was frozen."""

    letter: Letter
    look: tuple[str, str, str]
    intact: bool  # the checksum fits what it says
    mailto: str
    page: str  # of the request that it became
    acts: tuple[tuple[str, str], ...]  # what a person may do: key and word


def _sent(letter: Letter, *, current: bool) -> Sent:
    state = Passage(letter.state)
    confirm = (("confirm", "It arrived"),) if state == Passage.UNKNOWN else ()
    again = (("again", "Send it again"),) if state in (Passage.UNKNOWN, Passage.FAILED) else ()
    done = (Passage.TRYING, Passage.HANDING, Passage.WITHDRAWN)
    back = () if state in done else (("withdraw", "Back to the draft"),)
    return Sent(
        letter,
        PASSAGES[state],
        checksum(letter) == letter.checksum,
        mailto(letter) if letter.way == Way.MAILTO else "",
        zendesk.page_of(letter),
        (*confirm, *((*again, *back) if current else ())),
    )


def form_for(inquiry: Inquiry) -> InquiryForm:
    """Return the form as the inquiry stands."""
    initial = {name: getattr(inquiry, name) for name in TYPED} | {"base": inquiry.version}
    return InquiryForm(initial=initial, chosen=inquiry.to)


def detail_context(
    inquiry: Inquiry,
    person: User,
    form: InquiryForm | None = None,
    theirs: Inquiry | None = None,
) -> dict[str, Any]:
    """Return what ``inquiries/detail.html`` shows, in the same queries for any evidence."""
    differences = _differences(form, theirs) if form and theirs else []
    if form and theirs:
        form.rebase(theirs)
    rows = list(inquiry.evidence.order_by("id"))
    samples = [row.sample for row in rows]
    same = alike(rows, person, beside=inquiry.pk) if inquiry.is_draft else []
    verdict = judge(inquiry, samples, same=[each.reference for each in same])
    letters = letters_of(inquiry, person)
    last = next((each.pk for each in letters if each.state != Passage.WITHDRAWN), 0)
    return {
        "inquiry": inquiry,
        "look": LOOKS[State(inquiry.state)],
        "may_inquire": person.may("inquire"),
        "is_open": inquiry.state in OPEN,
        "may_edit": person.may("inquire") and inquiry.is_draft,
        "form": form or form_for(inquiry),
        "typed": _typed(inquiry),
        "theirs": differences,
        "overtaken": theirs is not None,
        "pieces": [_piece(number, row) for number, row in _shown(rows, samples)],
        "evidence_count": len(rows),
        "samples": min(len(rows), SHOWN_SAMPLES),
        "letter": plain(whole(inquiry, samples).document),
        "alike": same,
        "verdict": verdict,
        "blocking": len(verdict.blocking),
        "letters": [
            _sent(each, current=each.pk == last and inquiry.state in current_while(each))
            for each in letters
        ],
        "mail_on": settings.MAIL_ON,
        "zendesk_on": bool(settings.ZENDESK.origin),
        "followers": (people := following.followers(inquiry, {row.sub_account for row in rows})),
        "follows": any(each.pk == person.pk for each in people),
        "part_of": incident_words.all_told(incidents_of(rows, person), person),
        "since_sent": _since_sent(inquiry, rows),
        "history": list(inquiry.history.order_by("-id")[:SHOWN_HISTORY]),
        "now": timezone.now(),
    }


def _since_sent(inquiry: Inquiry, rows: Sequence[Evidence]) -> int:
    """Return how many pieces were added after the letter had left."""
    letter = last_letter(inquiry)
    return sum(1 for row in rows if letter and row.added_at > letter.frozen_at)


def reading_of(row: Evidence | Sample) -> Reading | None:
    """Return what the code of a piece of evidence means in the table it was read in."""
    if row.code is None:
        return None
    table = registries().get(row.registry)
    return look_up(table, row.code) if table else decode(Context.BARE, "", row.code)


def _shown(rows: Sequence[Evidence], samples: Sequence[Sample]) -> list[tuple[int, Evidence]]:
    """Return the freshest pieces under the numbers that the letter gives them."""
    by_id = {row.record_id: row for row in rows}
    ordered = [by_id[each.record_id] for each in freshest_first(samples)[:SHOWN_EVIDENCE]]
    return list(enumerate(ordered, start=1))


def _piece(number: int, row: Evidence) -> Piece:
    name = (
        "errorId" if row.error_id else "umid" if row.umid else "batchId" if row.batch_id else "id"
    )
    kind = "errors" if row.error_id == row.record_id else "messages"
    return Piece(
        number=number,
        record_id=row.record_id,
        name=name,
        href=record_page(kind, row.record_id),
        reading=reading_of(row),
        at=_utc(row.at) if row.at else "",
        sub_account=row.sub_account,
        state=row.state,
        detail=row.detail,
        held=row.held,
    )


def _utc(moment: datetime) -> str:
    """Return a time in UTC, to the hundredth of a second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-4]


def _typed(inquiry: Inquiry) -> int:
    """Return how many fields a person wrote."""
    own = [inquiry.body, *([] if "ruled_out" in inquiry.generated else [inquiry.ruled_out])]
    edited = [getattr(inquiry, name) not in former for name, former in inquiry.generated.items()]
    return sum(edited) + sum(1 for each in own if each.strip())


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else saved otherwise: whose words are kept is chosen for each."""

    name: str
    label: str
    theirs: str
    mine: str
    keeps_mine: bool  # proposed: where this person changed it as well


def _differences(form: InquiryForm, theirs: Inquiry) -> list[Difference]:
    """Return what another person saved otherwise since the form was opened."""
    found = []
    for name in TYPED:
        now, typed, was = getattr(theirs, name), form.cleaned_data.get(name), form.opened(name)
        if now in (typed, was):
            continue
        mine = Inquiry(**{name: typed})
        label = str(form.fields[name].label)
        found.append(Difference(name, label, _said(theirs, name), _said(mine, name), typed != was))
    return found


def _said(inquiry: Inquiry, name: str) -> str:
    display = getattr(inquiry, f"get_{name}_display", None)
    return str(display() if display else getattr(inquiry, name)) or "(empty)"
