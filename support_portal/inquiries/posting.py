"""Handing over letters: each exactly once, or it is said that nobody can know.

A letter is claimed by state and time, and how far the talk with the other side came is committed before
the step that cannot be undone.  Up to then everything may be tried again.  What was handed over without
a word of what became of it is UNKNOWN, and a person decides; where the other side knows a letter by its
key, it is handed over again for as long as that holds.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from support_portal.core.locks import hold_for_transaction
from support_portal.inquiries import clocks, tracking
from support_portal.inquiries.models import History, Letter, Passage, Way
from support_portal.inquiries.sending import checksum
from support_portal.inquiries.ways import smtp, zendesk
from support_portal.inquiries.ways.handing import FromHereOn, NobodyKnows, NotTaken, Taken
from support_portal.notices.services import plain

log = logging.getLogger(__name__)
ATTEMPTS = 7  # with doubled pauses the last comes an hour after the first
PAUSE = timedelta(minutes=1)
CLAIM = timedelta(minutes=10)  # longer than any talk with a server takes
UNDER_WAY = (Passage.WAITING, Passage.TRYING, Passage.HANDING)
WAYS: Mapping[str, Callable[[Letter, FromHereOn], Taken]] = {
    Way.SMTP: smtp.hand_over,
    Way.ZENDESK: zendesk.hand_over,
}
CALLED = {Way.SMTP: "mail", Way.ZENDESK: "request"}
BY_WHOM = {Way.SMTP: "taken by the mail server", Way.ZENDESK: "taken by 8x8's Zendesk"}


def post_next(now: datetime | None = None) -> bool:
    """Send one letter that is due; tell whether there was any."""
    now = now or timezone.now()
    letter = _claim(now)
    if letter is None:
        return False
    try:
        taken = hand_over(letter, partial(_passes, letter, now))
    except NotTaken as refused:
        _put_off(letter, refused, now)
    except NobodyKnows as why:
        _asks_again(letter, why, now)
    else:
        _ends(letter, Passage.SENT, taken.words, taken.number)
    return True


def hand_over(letter: Letter, from_here_on: FromHereOn) -> Taken:
    """Hand a letter over as it was frozen, or not at all."""
    if checksum(letter) != letter.checksum:
        raise NotTaken("It was changed after it was frozen.", for_good=True)
    return WAYS[letter.way](letter, from_here_on)


def _claim(now: datetime) -> Letter | None:
    """Take the letter that waits longest, after saying what became of those before it that end here."""
    with transaction.atomic():
        hold_for_transaction("inquiries.posting")
        due = Letter.objects.filter(due_at__lte=now, state__in=UNDER_WAY).order_by("due_at")
        # Each is judged under its lock: a person may take it back, or its worker go on, at this moment.
        while letter := due.select_for_update().first():
            end = _lost(letter, now)
            if end is None:
                letter.attempts += 1
                letter.state, letter.due_at = Passage.TRYING, now + CLAIM
                letter.save(update_fields=["state", "due_at", "attempts"])
                break
            _ends(letter, *end)
        return letter


def _lost(letter: Letter, now: datetime) -> tuple[Passage, str] | None:
    """Return how a letter that is due ends, and why; None when it may be handed over, perhaps again."""
    handed = letter.state == Passage.HANDING or letter.handed_at
    if handed and not _may_repeat(letter, now):
        stopped = "Whoever sent it stopped while the server was getting it."
        return Passage.UNKNOWN, letter.problem or stopped
    if letter.state == Passage.TRYING and letter.attempts >= ATTEMPTS:
        return Passage.FAILED, "Whoever sent it stopped before the server got it."
    return None


def _may_repeat(letter: Letter, now: datetime) -> bool:
    """Tell whether a letter that the other side may have can be handed over again without becoming two."""
    return letter.attempts < ATTEMPTS and zendesk.is_known_by_key(letter, now)


def _passes(letter: Letter, now: datetime, **kept: Any) -> None:
    """Commit that the letter is handed over; NotTaken when the claim is somebody else's by now."""
    held = Letter.objects.filter(pk=letter.pk, state=Passage.TRYING, attempts=letter.attempts)
    handed_at = Coalesce("handed_at", now)
    if not held.update(state=Passage.HANDING, handed_at=handed_at, **kept):
        raise NotTaken("Another worker has it.")
    for name, value in kept.items():
        setattr(letter, name, value)


def _put_off(letter: Letter, refused: NotTaken, now: datetime) -> None:
    """Try it again later, or give it up; what an earlier attempt left open stays so."""
    log.warning("letter %d was not taken: %s", letter.pk, refused)
    if refused.for_good or letter.attempts >= ATTEMPTS:
        end = Passage.UNKNOWN if letter.handed_at else Passage.FAILED
        _ends(letter, end, str(refused))
    else:
        _waits(letter, str(refused), now, refused.pause)


def _asks_again(letter: Letter, why: NobodyKnows, now: datetime) -> None:
    """Hand it over once more where it is known by its key; else a person decides."""
    log.warning("letter %d: nobody knows: %s", letter.pk, why)
    letter.handed_at = letter.handed_at or now
    _waits(letter, str(why), now)


def _waits(letter: Letter, problem: str, now: datetime, pause: timedelta = timedelta(0)) -> None:
    """Let it wait for the next attempt, unless that might make a second letter of it."""
    due_at = now + max(pause, PAUSE * 2 ** (letter.attempts - 1))
    if letter.handed_at and not _may_repeat(letter, due_at):
        _ends(letter, Passage.UNKNOWN, problem)
        return
    _these(letter).update(
        state=Passage.WAITING,
        due_at=due_at,
        handed_at=letter.handed_at,
        problem=plain(problem, 300),
    )


def _ends(letter: Letter, state: Passage, problem: str, number: int | None = None) -> None:
    sent = state == Passage.SENT
    with transaction.atomic():
        changed = _these(letter).update(
            state=state,
            due_at=None,
            problem=plain(problem, 300),
            sent_at=timezone.now() if sent else None,
            request=number or letter.request,
        )
        if changed:
            taken = f"{BY_WHOM[Way(letter.way)]}{f' as {number}' if number else ''}"
            History.objects.create(
                inquiry_id=letter.inquiry_id,
                who=tracking.PORTAL,
                what=f"{CALLED[Way(letter.way)]} {state}",
                detail=". ".join(filter(None, [taken if sent else "", problem])),
            )
            tracking.learn(letter.inquiry, str(number or ""))
            clocks.reckon(letter.inquiry_id)


def _these(letter: Letter) -> QuerySet[Letter]:
    """Return the letter, while the attempt is the one that was claimed, or waits behind it."""
    return Letter.objects.filter(pk=letter.pk, attempts=letter.attempts, state__in=UNDER_WAY)
