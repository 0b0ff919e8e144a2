"""What a reason code means for us: whose problem, whether to retry, what to do and say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Whose(StrEnum):
    """Who has to move before the same thing can succeed."""

    OUR_REQUEST = "our_request"
    OUR_ACCOUNT = "our_account"
    RECIPIENT = "recipient"
    OPERATOR = "operator"
    CHANNEL = "channel"
    PLATFORM = "platform"
    UNKNOWN = "unknown"
    NOBODY = "nobody"

    @property
    def label(self) -> str:
        """Say it in words."""
        return _WHOSE_LABELS[self]


class Retry(StrEnum):
    """Whether sending the same thing again can help."""

    NEVER = "never"
    AFTER_FIX = "after_fix"
    LATER = "later"
    ALREADY_RETRIED = "already_retried"
    UNKNOWN = "unknown"  # only for numbers that no table lists; data files may not say it

    @property
    def label(self) -> str:
        """Say it in words."""
        return _RETRY_LABELS[self]


_WHOSE_LABELS: Mapping[Whose, str] = {
    Whose.OUR_REQUEST: "Our request",
    Whose.OUR_ACCOUNT: "Our account",
    Whose.RECIPIENT: "The recipient",
    Whose.OPERATOR: "The operator",
    Whose.CHANNEL: "The channel",
    Whose.PLATFORM: "8x8",
    Whose.UNKNOWN: "Not known",
    Whose.NOBODY: "Nobody",
}

_RETRY_LABELS: Mapping[Retry, str] = {
    Retry.NEVER: "No, it will fail again",
    Retry.AFTER_FIX: "Yes, after the fix",
    Retry.LATER: "Yes, later",
    Retry.ALREADY_RETRIED: "No, it was retried already",
    Retry.UNKNOWN: "Not known",
}


_NAMES = frozenset({"Viber", "Meta", "Connect"})  # the other names have more capitals or digits


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for the agent: one headline, a few steps, words for the customer."""

    whose: Whose
    retry: Retry
    retry_after: str
    headline: str
    next_step: tuple[str, ...]
    customer_text: str

    @property
    def whose_label(self) -> str:
        """Say whose problem it is, in words."""
        return self.whose.label

    @property
    def lead(self) -> str:
        """Say whose problem it is and what went wrong, in one sentence."""
        if self.whose in (Whose.UNKNOWN, Whose.NOBODY):
            return self.headline
        first, _, rest = self.headline.partition(" ")
        plain = first.isalpha() and first.istitle() and first not in _NAMES
        return f"{self.whose_label}: {first.lower() if plain else first} {rest}"

    @property
    def retry_label(self) -> str:
        """Say whether to retry, in words; ``retry_after`` says when."""
        if self.whose is Whose.NOBODY:
            return "No, nothing failed"
        return self.retry.label


_CUSTOMER_UNKNOWN = (
    "We see that this did not go through, and we do not know the cause yet. "
    "We are asking our provider and will tell you what they answer."
)

UNLISTED = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="We do not know: the tables we hold do not list this number.",
    next_step=(
        "Read the message text beside the number; it may say more than the number does.",
        "Check that the number was read from the right place: another table may list it.",
        "Ask 8x8 support what it means, and quote the errorId or the umid.",
    ),
    customer_text=_CUSTOMER_UNKNOWN,
)

NOT_IN_TABLE = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="This table does not list the number.",
    next_step=(
        "Check that it was read from this place: another table may list it.",
        "Read the text beside the number; it may say more than the number does.",
        "Ask 8x8 support what it means, and quote the errorId or the umid.",
    ),
    customer_text="We do not know the cause yet. We are asking our provider and will tell you what they answer.",
)

AMBIGUOUS = Verdict(
    whose=Whose.UNKNOWN,
    retry=Retry.UNKNOWN,
    retry_after="",
    headline="It depends on where the number was read: several tables list it.",
    next_step=(
        "Find out where the number stood: an API answer, a receipt, a lookup or a call.",
        "Paste the whole answer or receipt instead of the number alone.",
    ),
    customer_text=(
        "We need a little more detail to say what happened. "
        "Please send us the complete text of the error that you saw."
    ),
)
