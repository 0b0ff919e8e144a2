"""A pasted text as the page shows it: in segments, each recognised thing marked and numbered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from support_portal.payloads import phones
from support_portal.payloads.recognise import Thing

LONGEST_SHOWN = 50_000
BEGINNING = 2_000  # of a longer text; after that only what is around things
AROUND = 200
TINTS = {
    "error_id": "error",
    "uuid": "error",
    "partial_id": "error",
    "umid": "umid",
    "batch_id": "umid",
    "client_message_id": "umid",
    "client_batch_id": "umid",
    "code": "code",
    "http_status": "code",
    "phone": "phone",
    "time": "time",
}
NAMES = {
    "error_id": "errorId",
    "uuid": "id",
    "partial_id": "cut id",
    "umid": "umid",
    "batch_id": "batchId",
    "event_id": "eventId",
    "client_message_id": "client message id",
    "client_batch_id": "client batch id",
    "code": "code",
    "http_status": "HTTP status",
    "phone": "phone number",
    "time": "time",
}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the text; with a number, one of the things in it; or so much left out."""

    text: str
    number: int = 0
    tint: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Pasted:
    """The text in segments: all of it, or its beginning and what is around things."""

    segments: tuple[Segment, ...]
    whole: bool

    @property
    def marked(self) -> frozenset[int]:
        """Return the numbers that can be found in it."""
        return frozenset(segment.number for segment in self.segments if segment.number)


def cleaned(text: str) -> str:
    """Replace what neither a database nor a page can hold: NUL and lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def pasted(text: str, things: Sequence[Thing]) -> Pasted:
    """Return ``text`` as it is shown; numbers of phones are masked."""
    spans = _shown(len(text), things)
    return Pasted(tuple(_segments(text, spans, things)), whole=spans == [(0, len(text))])


def _shown(length: int, things: Sequence[Thing]) -> list[Span]:
    """Return which stretches are shown, LONGEST_SHOWN characters of them at most.

    None ends within a thing: half a phone number would not be masked.
    """
    if length <= LONGEST_SHOWN:
        return [(0, length)]
    spans: list[Span] = [(0, BEGINNING)]
    room = LONGEST_SHOWN - BEGINNING
    for thing in things:
        start, end = max(0, thing.start - AROUND), min(length, thing.end + AROUND)
        last_start, last_end = spans[-1]
        room -= end - max(start, last_end)
        if room < 0:
            return [*spans[:-1], (last_start, max(last_start, min(last_end, thing.start)))]
        if start <= last_end:
            spans[-1] = (last_start, max(last_end, end))
        else:
            spans.append((start, end))
    return spans


def _segments(text: str, spans: Sequence[Span], things: Sequence[Thing]) -> Iterator[Segment]:
    numbered = enumerate(things, start=1)
    number, thing = next(numbered, (0, None))
    place = 0
    for start, end in spans:
        if start > place:
            yield Segment("", left_out=start - place)
        place = start
        while thing and thing.end <= end:
            if thing.start >= place:  # several things of one coded part stand in one place
                if thing.start > place:
                    yield Segment(text[place : thing.start])
                yield Segment(_written(text, thing), number, TINTS[thing.kind])
                place = thing.end
            number, thing = next(numbered, (0, None))
        if place < end:
            yield Segment(text[place:end])
            place = end
    if place < len(text):
        yield Segment("", left_out=len(text) - place)


def _written(text: str, thing: Thing) -> str:
    return phones.mask(thing.value) if thing.kind == "phone" else text[thing.start : thing.end]


def shown_value(thing: Thing) -> str:
    """Return the value of a thing as a page may show it."""
    return phones.mask(thing.value) if thing.kind == "phone" else thing.value
