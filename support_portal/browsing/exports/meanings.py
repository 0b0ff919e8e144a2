"""What codes mean, once for each code of an export and not once for each row."""

import json
from typing import NamedTuple

from support_portal.events import readings
from support_portal.knowledge.models import Override
from support_portal.knowledge.opinions import Opinions
from support_portal.reason_codes import Reading

MOST_KEPT = 10_000  # operators and countries are foreign words: there may be any number of them
Traits = tuple[int | None, str, str, str, str]


class Decoded(NamedTuple):
    """What a code means, as tables and as JSON say it."""

    registry: str = ""
    name: str = ""
    whose: str = ""
    retry: str = ""
    json: str = "null"


NOTHING = Decoded()


class Meanings:
    """Decodes with the word of the team as it was when the export began (its rows: one query)."""

    def __init__(self) -> None:
        self._team = Opinions(Override.objects.current().filter(revoked=False))
        self._kept: dict[Traits, Decoded] = {}

    def of(
        self,
        code: int | None,
        channel: str,
        country: str,
        context: str = readings.ERROR,
        operator: str = "",
    ) -> Decoded:
        """Return what ``code`` means on this channel, for this country and operator."""
        traits = (code, channel, country, context, operator)
        found = self._kept.get(traits)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[traits] = self._decoded(*traits)
        return found

    def _decoded(
        self, code: int | None, channel: str, country: str, context: str, operator: str
    ) -> Decoded:
        if code is None:
            return NOTHING
        read = readings.of_code(context, channel, code)
        return _told(self._team.on(read, operator=operator, country=country).reading)


def _told(reading: Reading) -> Decoded:
    verdict = reading.verdict
    return Decoded(
        registry=reading.registry,
        name=reading.name if reading.named else "not in the tables",
        whose=verdict.whose.label,
        retry=verdict.retry.label,
        json=json.dumps(
            {
                "registry": reading.registry or None,
                "name": reading.name,
                "known": reading.known,
                "verdict": {"whose": verdict.whose, "retry": verdict.retry},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ),
    )
