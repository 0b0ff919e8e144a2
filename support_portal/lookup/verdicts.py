"""What a code is and whose problem, in one line."""

from support_portal.reason_codes import Reading


def line_of(reading: Reading) -> str:
    """Say in one line what a number is and whose problem that is."""
    return f"{reading.label} {reading.code} {reading.name}. {reading.verdict.lead}"
