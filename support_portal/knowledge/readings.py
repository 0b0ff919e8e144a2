"""What the codes of stored records mean, with the team's word on them, in one query for all."""

from collections.abc import Iterable

from support_portal.events import readings
from support_portal.events.models import ErrorEvent, Message
from support_portal.knowledge.opinions import Opinions, opinions
from support_portal.reason_codes import Reading, Reason, look_up, registries


def of_errors(errors: Iterable[ErrorEvent]) -> list[tuple[ErrorEvent, Reading]]:
    """Return each error with what its code means."""
    read = [(error, readings.of_error(error)) for error in errors]
    team = opinions(reading for _, reading in read)
    return [(error, team.on(reading, country=error.country).reading) for error, reading in read]


def of_messages(messages: Iterable[Message]) -> list[tuple[Message, Reading | None]]:
    """Return each message with what its code means, None for those without one."""
    read = [(message, readings.of_message(message)) for message in messages]
    team = opinions(reading for _, reading in read)
    return [
        (message, _told(message, reading, team) if reading else None) for message, reading in read
    ]


def of_reasons(reasons: Iterable[Reason]) -> list[Reading]:
    """Return what codes of the tables mean."""
    read = [look_up(registries()[reason.registry], reason.code) for reason in reasons]
    team = opinions(read)
    return [team.on(reading).reading for reading in read]


def _told(message: Message, reading: Reading, team: Opinions) -> Reading:
    return team.on(reading, operator=message.operator, country=message.country).reading
