"""Lines of a log that hold a JSON object."""

import json

from support_portal.ingest.files.log_lines import with_objects
from support_portal.payloads import ApiError, parse, split
from tests.ingest.sent import error


def test_an_object_among_words_is_taken_out_and_the_words_are_kept_beside_it():
    told = json.dumps(error(7))
    log = f"2026-07-20 10:00:00,123 ERROR answer {told} in 3 ms\r\nstarted\n{told}\n".encode()

    items = split(with_objects(log))

    assert json.loads(items[0].raw)["line"] == "2026-07-20 10:00:00,123 ERROR answer … in 3 ms"
    assert items[1].raw == b"started"
    assert [type(parse(items[number].raw)[0]) for number in (0, 2)] == [ApiError, ApiError]
    assert len(items) == 3


def test_lines_without_a_whole_object_stay_as_they_are():
    log = b'ERROR {"code": 1300\nERROR {}\n  "a": {"b": 1},\n[{"c": 1}]\nplain\n'

    assert with_objects(log) == log
