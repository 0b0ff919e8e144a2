"""Whether a letter may leave: its checks, and those that somebody set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from support_portal.accounts.models import User
from support_portal.inquiries.checking import LEAKS, Finding, Letter, check, in_order
from support_portal.inquiries.letter_of import Outgoing, further, whole
from support_portal.inquiries.letters import Draft, Sample
from support_portal.inquiries.models import Inquiry, Override
from support_portal.inquiries.services import last_letter, locked_open, note, person_name

LONGEST_REASON = 500


class Blocked(Exception):
    """Something has to be mended, or set aside by a person, before the letter leaves."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(each.title for each in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding, and who set it aside."""

    finding: Finding
    aside: Override | None

    @property
    def blocks(self) -> bool:
        """Tell whether it keeps the letter here."""
        return self.finding.blocking and self.aside is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks say about a letter."""

    judged: Sequence[Judged]
    in_order: Sequence[str]

    @property
    def blocking(self) -> list[Finding]:
        """Return what keeps the letter here."""
        return [each.finding for each in self.judged if each.blocks]

    @property
    def leaks(self) -> bool:
        """Tell whether anything in it must not leave that nobody let pass."""
        return any(each.key in LEAKS for each in self.blocking)


def judge(
    inquiry: Inquiry,
    samples: Sequence[Sample],
    *,
    draft: Draft | None = None,
    same: Sequence[str] = (),
    now: datetime | None = None,
) -> Verdict:
    """Check the letter of an inquiry, or what ``draft`` says; ``same`` are others on the same cluster."""
    said = draft or whole(inquiry, []).draft
    letter = Letter(said, samples, inquiry.to, settings.INQUIRY_RECIPIENTS, tuple(same))
    found = check(letter, now or timezone.now())
    aside = {each.mark: each for each in inquiry.overrides.all()}
    judged = [Judged(each, None if each.firm else aside.get(each.mark)) for each in found]
    return Verdict(judged, in_order(said, found))


def must_be_in_order(
    inquiry: Inquiry,
    samples: Sequence[Sample],
    *,
    draft: Draft | None = None,
    now: datetime | None = None,
) -> None:
    """Raise Blocked unless the letter may leave, or might have at another time."""
    if blocking := judge(inquiry, samples, draft=draft, now=now).blocking:
        raise Blocked(blocking)


def set_aside(inquiry: Inquiry, mark: str, reason: str, person: User, *, words: str = "") -> bool:
    """Record that a person lets a finding pass; False when it is not found any more, or is firm.

    ``words`` are those of the letter that adds to one that has left.
    """
    reason = " ".join(reason.replace("\x00", "").split())[:LONGEST_REASON]
    if not reason:
        raise ValueError("Say why.")
    with transaction.atomic():
        held = locked_open(inquiry)
        outgoing = next_letter(held, words, person)
        found = judge(held, outgoing.samples, draft=outgoing.draft).blocking
        wanted = next((each for each in found if each.mark == mark and not each.firm), None)
        if wanted is None:
            return False
        Override.objects.create(
            inquiry=held,
            finding=wanted.key,
            mark=mark,
            reason=reason,
            who=person_name(person)[:150],
        )
        note(held, person, "set a check aside", f"{wanted.title}: {reason}")
    return True


def next_letter(inquiry: Inquiry, words: str, person: User) -> Outgoing:
    """Return what would leave now: the letter of a draft, else what was added since the last one."""
    before = last_letter(inquiry)
    if before is None:
        return whole(inquiry)
    return further(inquiry, before, words, person_name(person))
