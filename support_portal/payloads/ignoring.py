"""What is of no use to an agent: dropped under one of these rules, counted, and never by accident."""

from support_portal.payloads.records import Ignored

RULES = {
    "export_job": "The state of a log export says nothing about a message or an error.",
    "cancel_result": "How many scheduled messages were cancelled is told without naming one.",
}


def ignored(rule: str) -> tuple[Ignored]:
    """Return the record of a payload that is dropped under ``rule``."""
    if rule not in RULES:
        raise KeyError(rule)
    return (Ignored(rule),)
