"""Reading what the team says, for pages that show other things as well."""

from support_portal.knowledge.models import Note, Override
from support_portal.reason_codes import Reading


def notes_on(reading: Reading, *, country: str = "") -> list[Note]:
    """Return the notes that concern a reading: on its code everywhere, or in this country.

    Notes on an operator always do: records do not tell their operator.
    """
    if not reading.home:
        return []
    found = Note.objects.current().filter(registry=reading.home, code=reading.code)
    return [note for note in found.exclude(text="").order_by("id") if note.country in ("", country)]


def history(registry: str, code: int) -> tuple[list[Note], list[Override]]:
    """Return everything that was ever said about a code, newest first."""
    return (
        list(Note.objects.about(registry, code)[:MOST_VERSIONS]),
        list(Override.objects.about(registry, code)[:MOST_VERSIONS]),
    )


MOST_VERSIONS = 500
