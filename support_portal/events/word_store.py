"""Keeping the words of error texts that the wording of their group does not tell: names and ids.

The words of wordings are found through the group, of which there are few.  What is left is a row a
word, in order of time under each word, so that the newest errors with it are found at once and no
more are read.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from support_portal.core.bulk import delete_rows, insert_missing
from support_portal.events.models import ErrorEvent, ErrorWord
from support_portal.events.words import key, varying, words

FIELDS = ("word", "occurred_at", "error_id")


class Told(NamedTuple):
    """The text of an error, and the wording of the group that it is found through."""

    error_id: UUID
    occurred_at: datetime
    text: str
    wording: str


def keep(errors: Iterable[Told]) -> None:
    """Keep what the wordings do not tell, in the caller's transaction; twice is the same as once."""
    insert_missing(
        ErrorWord,
        FIELDS,
        [
            (key(word), error.occurred_at, error.error_id)
            for error in errors
            for word in varying(error.text, error.wording)
        ],
    )


def forget(error_ids: Collection[UUID]) -> None:
    """Delete the words of errors that go, in the caller's transaction."""
    told = ErrorEvent.objects.filter(error_id__in=error_ids)
    rows = told.values_list("error_id", "occurred_at", "message")
    delete_rows(
        ErrorWord,
        FIELDS,
        [(key(word), at, error_id) for error_id, at, text in rows for word in words(text)],
    )
