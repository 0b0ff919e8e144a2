"""No text makes the paste engine do more than so much work a character. Counted, not timed."""

import base64
import re
import tracemalloc

import pytest

from support_portal.payloads.recognise import contexts, engine
from tests.payloads import steps

ID = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
MOST_STEPS = 20_000  # of one attempt of one pattern at one place, in theory
LENGTH = 6_000

HOSTILE = {
    "hex": "a1",
    "dashes": "-",
    "hex and dashes": "a-",
    "first groups": "1cc1eda1-",
    "middle groups": "f5dd-",
    "ids without an end": ID[:-1] + " ",
    "ids without a gap": ID,
    "ids": ID + "\n",
    "hex that is too short": "a" * 31 + " ",
    "percent signs": "%",
    "percent signs of percent signs": "%25",
    "percent signs without an end": "%2",
    "backslashes": "\\",
    "escaped dashes": "\\u002d",
    "escaped quotes": '\\"',
    "quotes": '"',
    "base64": "QUJD",
    "lines of base64": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo\n",
    "lines of almost base64": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY.x\n",
    "angle brackets": "<",
    "closing angle brackets": ">",
    "tags without an end": "<a",
    "tags": "a<b>",
    "long tags": "a<b c d e f><b c d e f><b c d e f>",
    "quote marks": "\n>",
    "wrapped hex": "a\n> > > ",
    "ampersands": "&",
    "entities of entities": "&amp;",
    "entities without an end": "&#45",
    "equals signs": "=",
    "quoted equals signs": "=3D",
    "soft breaks": "=\n",
    "soft breaks of full lines": "x" * 60 + "=\n",
    "spaces": " ",
    "line ends": "\n",
    "labels": "errorId ",
    "labels with colons": "umid:",
    "codes": "code 1\n",
    "codes beside words": "sms code 46 ",
    "your codes": "your code ",
    "plus signs": "+",
    "short numbers": "+1 ",
    "numbers": "+12025550101 ",
    "digits": "1",
    "digits apart": "1 ",
    "stars": "*",
    "dots": ".",
    "crosses": "x",
    "beginnings": "1cc1eda1...",
    "ends": "...1cc1eda1",
    "heads of tables": "umid,code\n",
    "open fields": 'umid,code\n"a,b',
    "bars": "umid|code\n||",
    "colours": "\x1b[",
    "full-width digits": "１",
    "invisible": "\u200b",
    "boundaries": "boundary=x\n",
    "encodings": "Content-Transfer-Encoding: quoted-printable\n",
    "words without an end": "=?a?Q?",
    "words": "=?utf-8?Q?a?= ",
    "headers": "x-ms-a: b\n c\n",
    "client ids": "clientMessageId=",
    "days": "2026-11-23T",
    "epochs": "ts=1795413121 ",
    "paths": "/messages/",
    "objects": '{"a":',
}


@pytest.mark.parametrize("name", steps.patterns())
def test_no_pattern_can_blow_up(name):
    pattern = steps.patterns()[name]

    assert steps.cost(pattern).steps < MOST_STEPS


@pytest.mark.parametrize("pattern", ["(a+)+b", "a*b", "(?:a|aa)*?c"])
def test_a_pattern_that_can_blow_up_is_noticed(pattern):
    with pytest.raises(steps.Explodes):
        steps.cost(steps.re.compile(pattern))


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_twice_the_text_takes_twice_the_steps(piece, monkeypatch):
    counted = steps.count(monkeypatch)
    engine.recognise(piece * (LENGTH // len(piece)))
    once = counted.total()
    counted.clear()

    engine.recognise(piece * (2 * LENGTH // len(piece)))

    assert counted.total() <= 2.2 * once
    assert counted.total() <= 4 * LENGTH


def test_a_thousand_pieces_of_base64_are_searched_as_often_as_one(monkeypatch):
    piece = base64.b64encode(f"errorId {ID}, code 1300".encode()).decode() + "\n\n"
    counted = steps.count(monkeypatch)
    searches = ("fold", "unescaped", "unpacked")

    engine.recognise(piece)
    once = {name: counted[name] for name in searches}
    counted.clear()
    engine.recognise(piece * 1000)

    assert {name: counted[name] for name in searches} == once
    assert min(once.values()) > 0


def test_a_column_that_repeats_its_codes_tells_each_once(monkeypatch):
    counted = steps.count(monkeypatch)

    engine.recognise("code,n\n" + "1300,7\n46,8\n" * 1000)

    assert counted["_kind"] == 2


class Letters:
    """A pattern, and how many letters it was asked to look through."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern, self.seen = pattern, 0

    def __getattr__(self, name):
        def ask(text, start=0, end=None):
            self.seen += (len(text) if end is None else end) - start
            return getattr(self.pattern, name)(text, start, len(text) if end is None else end)

        return ask


def test_a_line_of_many_codes_is_searched_for_ids_once(monkeypatch):
    ids = Letters(contexts._ID)
    monkeypatch.setattr(contexts, "_ID", ids)
    text = "errorId\numid\n" * 12 + "code 1 " * 100

    engine.recognise(text)

    assert 0 < ids.seen <= len(text)


def test_memory_grows_no_faster_than_the_text():
    line = f'{{"ts":"2026-11-23T05:52:01Z","body":"{{\\"errorId\\":\\"{ID}\\",\\"n\\":7}}"}}\n'

    peaks = [_peak(line * times) for times in (200, 400)]

    assert peaks[1] <= 2.2 * peaks[0]
    assert peaks[1] <= 40 * 400 * len(line)


@pytest.mark.parametrize(
    "piece",
    ["1300,404\n", "Y29kZSAxMzAwIG5vdyBpdCBpcyEh\n\n"],
    ids=["rows of codes", "pieces of base64"],
)
def test_many_small_things_take_little_memory(piece):
    text = "code,http status\n" + piece * (200_000 // len(piece))
    engine.recognise(text)

    assert _peak(text) <= 30 * len(text)


def _peak(text: str) -> int:
    tracemalloc.start()
    engine.recognise(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
