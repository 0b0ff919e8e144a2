"""Where the numbers of a text were read: the record they stand in or with tells."""

from collections.abc import Iterable, Sequence

from support_portal.lookup.hits import Hit
from support_portal.payloads import ApiError, Receipt, Unrecognised, parse
from support_portal.payloads.recognise import Thing
from support_portal.reason_codes import Context, Reading, decode


class Places:
    """The places of one text, and what its numbers mean there."""

    def __init__(self, text: str, things: Sequence[Thing], hits: Iterable[Hit]) -> None:
        self._by_number: dict[int, Reading] = {}
        # An error that stands in the text tells more of a number than a message does.
        for hit in sorted(hits, key=lambda hit: hit.kind == "error"):
            if hit.direct and hit.reading:
                self._by_number[hit.reading.code] = hit.reading
        self._add_pasted(text)
        self._beside_error = any(thing.kind == "error_id" for thing in things)

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
        return decode(Context.API_ERROR if self._beside_error else Context.BARE, "", number)

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
