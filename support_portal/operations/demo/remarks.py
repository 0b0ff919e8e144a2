"""The comments of the demo, and what each is about."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from support_portal.accounts.models import User
from support_portal.comments.selectors import thread
from support_portal.comments.services import add_comment
from support_portal.operations.demo import clock
from support_portal.operations.demo.story import Story
from support_portal.operations.demo.world import Remark, errors, talk


@dataclass(frozen=True, slots=True)
class Subject:
    """What a thread is about, and since when it can be talked about."""

    kind: str
    key: str
    since: float


def said_before() -> bool:
    """Tell whether this database has the demo's comments."""
    return bool(thread("error", errors().client_document.error_id))


def say(story: Story, now: datetime) -> None:
    """Add every comment; those of a thread are spread between its subject and ``now``."""
    authors = {user.username: user for user in User.objects.all()}
    for on, remarks in groupby(talk().comments, key=lambda remark: remark.on):
        _say_thread(subject(story, on, now.timestamp()), list(remarks), authors, now.timestamp())


def subject(story: Story, on: str, now: float) -> Subject:
    """Return what ``on`` points at."""
    if on == "client_document":
        return Subject("error", errors().client_document.error_id, clock.first_moment(now))
    if on == "incident":
        sent = next(sent for sent in reversed(story.sent) if sent.lost)
        return Subject("message", sent.umid, sent.moment)
    _, code, *sub_accounts = on.split(":")
    fault = next(
        fault
        for fault in story.faults
        if fault.code == int(code)
        and (not sub_accounts or fault.sub.key in sub_accounts)
        and "context" in fault.payload
    )
    return Subject("error", fault.error_id, fault.moment)


def _say_thread(
    about: Subject, remarks: list[Remark], authors: dict[str, User], now: float
) -> None:
    pause = (now - about.since) / (len(remarks) + 1)
    for place, remark in enumerate(remarks, start=1):
        add_comment(
            kind=about.kind,
            key=about.key,
            body=remark.body,
            author=authors.get(remark.author),
            source=remark.source,
            created_at=datetime.fromtimestamp(about.since + place * pause, UTC),
        )
