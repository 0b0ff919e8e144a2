"""No id is missed in pastes made at random. PORTAL_TEST_EXAMPLES=100000 looks longer."""

import os

from hypothesis import given, settings

from support_portal.payloads.recognise import recognise
from tests.payloads.pasting import pastes

EXAMPLES = int(os.environ.get("PORTAL_TEST_EXAMPLES", "300"))


@settings(max_examples=EXAMPLES, deadline=None)
@given(pastes())
def test_no_id_is_missed_whatever_it_wears_and_wherever_it_stands(pasted):
    found = {thing.value: thing for thing in recognise(pasted.text)}

    for id, kind in pasted.ids.items():
        assert id in found
        assert kind in ("", found[id].kind)
        assert 0 <= found[id].start < found[id].end <= len(pasted.text)
