"""What is of no use to an agent: dropped under one of these rules, counted, and never by accident."""

from support_portal.payloads.records import Ignored

RULES = {
    "export_job": "The state of a log export says nothing about a message or an error.",
    "cancel_result": "How many scheduled messages were cancelled is told without naming one.",
    "batch_counts": "The answer to a batch counts its messages and names none of them.",
    "number_lookup": "A lookup that found its number is no failure, and no message belongs to it.",
    "voice_progress": "A call that goes on as it should; how its session ends is told by itself.",
    "voice_numbers": "The state of rented voice numbers belongs to no message and no call.",
    "user_id_update": "WhatsApp renamed a user; messages are not found by that name.",
}


def ignored(rule: str) -> tuple[Ignored]:
    """Return the record of a payload that is dropped under ``rule``."""
    if rule not in RULES:
        raise KeyError(rule)
    return (Ignored(rule),)
