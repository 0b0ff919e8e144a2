"""What a number of a text means is told by what stands beside it."""

import tracemalloc

from support_portal.lookup.places import Places
from support_portal.payloads.recognise import recognise

MESSAGE = "0000b68b-7bd3-4ad8-80db-7080e3ba68d7"
ERROR = "0af51a0a-34f4-4de6-9212-b510006fe53b"


def tables(text: str) -> dict[int, str]:
    """Return the table that each code of ``text`` is read in, "" where that cannot be told."""
    things = recognise(text)
    places = Places(text, things, [])
    readings = [places.read(thing, int(thing.value)) for thing in things if thing.kind == "code"]
    return {each.code: each.home or "" for each in readings}


def test_the_code_in_a_row_of_a_message_is_no_api_error() -> None:
    row = f"| umid | code |\n|---|---|\n| {MESSAGE} | 46 |\n"

    alone, below_an_error = tables(row), tables(f"errorId={ERROR} code 1300\n{row}")

    assert below_an_error[46] == alone[46] != "api_error"
    assert below_an_error[1300] == "api_error"


def test_a_code_on_a_line_without_ids_belongs_to_the_error_of_the_text() -> None:
    assert tables(f"code 9999\nerrorId={ERROR}")[9999] == "api_error"
    assert tables("code 9999")[9999] != "api_error"


def test_lines_that_hold_nothing_take_no_memory() -> None:
    text = f"errorId={ERROR}\n" + "\n" * 200_000 + "code 9999"
    things = recognise(text)

    tracemalloc.start()
    Places(text, things, [])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4 * len(text)
