"""No id is missed in pastes made at random. PORTAL_TEST_EXAMPLES=100000 looks longer."""

import os

import pytest
from hypothesis import given, settings

from support_portal.payloads.recognise import recognise
from tests.payloads.pasting import pastes

EXAMPLES = int(os.environ.get("PORTAL_TEST_EXAMPLES", "300"))


@settings(
    max_examples=EXAMPLES,
)
@given(pastes())
def test_no_id_is_missed_whatever_it_wears_and_wherever_it_stands(pasted):
    found = {thing.value: thing for thing in recognise(pasted.text)}

    for id, kind in pasted.ids.items():
        assert id in found
        assert kind in ("", found[id].kind)
        assert 0 <= found[id].start < found[id].end <= len(pasted.text)


# What was missed once. The words beside the id, as they were found.
ID = "a9e1f3c0-fb43-4a1c-9812-7c2d3a78ff21"
HALVES = (ID[:4], ID[4:])
MISSED = {
    "a prefix between label and id": (f"errorId:\n    urn:uuid:{ID}", "error_id"),
    "a label in brackets behind braces": (f"{{{ID.upper()}}} (batch_id)", "batch_id"),
    "a longer name behind": (f"{ID} (smsErrorId)", "error_id"),
    "the label of the id before": (f"{'0' * 8}{ID[8:]} (umid)\n\n-\n\n{ID} (errorId)", "error_id"),
    "a table in a reply": (f'> "note";"umid"\n> "a; b";"{ID}"\n', "umid"),
    "a table behind a tag": (f"<pre>| n | batchId |\n|---|---|\n| 1 | {ID} |\n</pre>", "batch_id"),
    "a table in a string": (f'{{"body": "n,errorId\\n1,{ID}\\n"}}', "error_id"),
    "a soft hyphen that is percent-encoded": (f"?umid=a9%C2%ADe1f3c0{ID[8:]}", "umid"),
    "a comment that is percent-encoded": ("%3Cumid%3E" + ID[:2] + f"%3C%21--%3E{ID[2:]}", "umid"),
    "octets on both sides of a soft break": (
        "Content-Transfer-Encoding: quoted-printable\n\numid=3D" + ID.replace("-", "=E2=80=\n=91"),
        "umid",
    ),
    "a tag around a soft break": (
        f"Content-Transfer-Encoding: quoted-printable\n\numid=3D{HALVES[0]}<!-- --=\n>{HALVES[1]}",
        "umid",
    ),
}


@pytest.mark.parametrize("text", MISSED)
def test_what_was_missed_once_is_found(text):
    pasted, kind = MISSED[text]

    found = {thing.value: thing.kind for thing in recognise(pasted)}

    assert found.get(ID) == kind
