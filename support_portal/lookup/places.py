"""Where the numbers of a text were read: the record they stand in or with tells."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from support_portal.lookup.hits import Hit
from support_portal.lookup.ways import CLIENT_WAYS
from support_portal.payloads import ApiError, Receipt, Unrecognised, parse
from support_portal.payloads.recognise import Thing
from support_portal.reason_codes import Context, Reading, decode

ERROR_ID = "error_id"
MESSAGE_IDS = {"umid", "batch_id", *CLIENT_WAYS}


def lines_of(text: str, things: Sequence[Thing]) -> list[int]:
    """Return the line, from 1, in which each thing stands; things are in the order of the text."""
    lines, line, place = [], 1, 0
    for thing in things:
        line += text.count("\n", place, thing.start)
        place = thing.start
        lines.append(line)
    return lines


class Places:
    """The places of one text, and what its numbers mean there."""

    def __init__(self, text: str, things: Sequence[Thing], hits: Iterable[Hit]) -> None:
        self._by_number: dict[int, Reading] = {}
        # An error that stands in the text tells more of a number than a message does.
        for hit in sorted(hits, key=lambda hit: hit.kind == "error"):
            if hit.direct and hit.reading:
                self._by_number[hit.reading.code] = hit.reading
        self._add_pasted(text)
        starts = (thing.start for thing in things)
        self._lines = dict(zip(starts, lines_of(text, things), strict=True))
        self._ids = self._ids_by_line(things)
        self._has_errors = any(thing.kind == ERROR_ID for thing in things)

    def read(self, thing: Thing, number: int) -> Reading:
        """Return what ``number`` means where ``thing`` stands."""
        label = thing.label.lower()
        if thing.kind == "http_status":
            return decode(Context.HTTP_STATUS, "", number)
        if "provider" in label:
            return decode(Context.WHATSAPP_PROVIDER, "", number)
        if "sip" in label:
            return decode(Context.SIP, "", number)
        if number in self._by_number:
            return self._by_number[number]
        if thing.context:  # told by the words beside it
            return decode(Context(thing.context), thing.channel, number)
        return decode(Context.API_ERROR if self._beside_error(thing) else Context.BARE, "", number)

    def _beside_error(self, thing: Thing) -> bool:
        """Tell whether it is an error that has the number: by the ids on its line, else by all of them.

        In a row of umid and code it is the message's, whatever errors stand elsewhere in the text.
        """
        ids = self._ids.get(self._lines[thing.start], set())
        return ERROR_ID in ids or (self._has_errors and not ids)

    def _ids_by_line(self, things: Sequence[Thing]) -> Mapping[int, set[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        for thing in things:
            if thing.kind == ERROR_ID or thing.kind in MESSAGE_IDS:
                found[self._lines[thing.start]].add(thing.kind)
        return found

    def _add_pasted(self, text: str) -> None:
        """Read a text that is a whole payload, whether or not it ever came in."""
        try:
            records = parse(text.encode())
        except Unrecognised:
            return
        for record in records:
            if isinstance(record, ApiError):
                place, number = Context.API_ERROR, record.code
            elif isinstance(record, Receipt) and record.error_code is not None:
                place, number = Context(record.context), record.error_code
            else:
                continue
            self._by_number[number] = decode(place, record.channel, number)
