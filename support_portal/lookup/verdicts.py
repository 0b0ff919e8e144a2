"""What to do about a record or a code, in a verdict and in one line."""

from support_portal.reason_codes import Reading, Verdict


def verdict_of(reading: Reading) -> Verdict:
    """Return what to do about a decoded code: the one place where a reading becomes a verdict."""
    return reading.verdict


def line_of(reading: Reading) -> str:
    """Say in one line what a number is and whose problem that is."""
    return f"{reading.label} {reading.code} {reading.name}. {verdict_of(reading).lead}"
