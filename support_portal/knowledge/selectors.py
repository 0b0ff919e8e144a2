"""Reading what the team says, for pages that show other things as well."""

from support_portal.core.composed import Composed
from support_portal.knowledge.models import Note, Override
from support_portal.reason_codes import Reading

MOST_VERSIONS = 500


_notes = Composed(
    lambda registry, code: (
        Note.objects.current().filter(registry=registry, code=code).exclude(text="").order_by("id")
    )
)


def notes_on(reading: Reading, *, operator: str = "", country: str = "") -> list[Note]:
    """Return the notes on the code of a reading: those for everywhere, and those for its place.

    A record that does not tell its operator or country may be of any; the note says of which it is.
    """
    if not reading.home:
        return []
    return [
        note
        for note in _notes(str(reading.home), reading.code)
        if _may_be(note.operator, operator) and _may_be(note.country, country)
    ]


def history(registry: str, code: int) -> tuple[list[Note], list[Override]]:
    """Return everything that was ever said about a code, newest first."""
    return (
        list(Note.objects.about(registry, code)[:MOST_VERSIONS]),
        list(Override.objects.about(registry, code)[:MOST_VERSIONS]),
    )


def _may_be(said: str, told: str) -> bool:
    return not said or not told or said.casefold() == told.casefold()
