"""The voice for the customer: the words of the verdict and the time, and nothing that is ours or 8x8's."""

from collections.abc import Iterator
from datetime import UTC

from support_portal.dashboard.voices.evidence import Evidence
from support_portal.reason_codes import registries
from support_portal.reason_codes.customer_words import internal_word, plain_spelling
from support_portal.reason_codes.verdicts import UNLISTED
from support_portal.writing.documents import Document, Words

_SHORTEST = 4  # a shorter value is found in any text by chance


def for_customer(evidence: Evidence) -> Document:
    """Return what the customer may read; words that name something internal are replaced."""
    words = evidence.verdict.customer_text
    if internal_in(evidence) or not words.strip():
        words = UNLISTED.customer_text
    at = evidence.at.astimezone(UTC)
    return Document("", (Words(words), Words(f"Time: {at.day} {at:%B %Y}, {at:%H:%M:%S} UTC.")))


def internal_in(evidence: Evidence) -> str:
    """Return what the words for the customer name and must not; "" when they are clean."""
    words = evidence.verdict.customer_text
    if found := internal_word(words):
        return found
    spelled = plain_spelling(words).casefold()
    own = (value for value in _own(evidence) if plain_spelling(value).casefold() in spelled)
    return next(own, "")


def _own(evidence: Evidence) -> Iterator[str]:
    """Yield the values of the record that a customer has no business to read."""
    values = (
        evidence.sub_account,
        evidence.sender,
        evidence.operator,
        evidence.service,
        evidence.client_message_id,
        evidence.client_batch_id,
        evidence.endpoint,
        evidence.recipient,
        *registries(),
    )
    yield from (value for value in values if len(value) >= _SHORTEST)
