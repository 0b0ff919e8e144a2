"""What kind of file it is, by its content and, in doubt, its name."""

import pytest

from support_portal.ingest.files.kinds import kind_of
from support_portal.ingest.files.streams import Text
from tests.ingest.files.held import Held

BROKEN_FIRST = b'{"broken": {"a": 1\n{"a": 1}\n{"a": 2}\n'
PRETTY = b'{\n  "items": [\n    {"a": 1}\n  ]\n}\n'
ONE_IN_A_LINE = b'{"items": [\n{"a": 1}\n]}\n'


@pytest.mark.parametrize(
    ("data", "name", "shape", "remarks"),
    [
        (b'{"a": 1}\n{"a": 2}\n', "a.txt", "lines", 0),
        (BROKEN_FIRST, "a.ndjson", "lines", 0),
        (BROKEN_FIRST, "a.jsonl.gz", "lines", 1),  # it is not packed
        (BROKEN_FIRST, "a.json", "values", 0),
        (PRETTY, "a.ndjson", "values", 1),
        (ONE_IN_A_LINE, "a.json", "values", 0),
    ],
)
def test_objects_are_lines_where_one_of_them_or_the_name_and_the_second_say_so(
    data: bytes, name: str, shape: str, remarks: int
):
    found = kind_of(Text(Held(data)), name)

    assert (found.shape, len(found.remarks)) == (shape, remarks)
