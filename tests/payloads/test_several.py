"""XML documents and SMPP receipts that follow each other in one body."""

import pytest

from support_portal.payloads import Unrecognised, parse, split

XML = b'<?xml version="1.0"?>\n<!-- one -->\n<root>\n  <payload>1</payload>\n</root>'
SMPP = b"id:2cce404a-3e84-4022-bdbd-b48d008824be stat:UNDELIV err:46 Text:"


def raws(body):
    return [item.raw for item in split(body)]


def test_xml_documents_are_items_of_their_own():
    assert raws(XML + b"\n" + XML + b"\n") == [XML, XML]
    assert raws(XML + XML) == [XML, XML]
    assert raws(XML + b"\n" + XML + b"\n<root>cut") == [XML, XML, b"<root>cut"]


def test_smpp_receipts_are_items_of_their_own():
    assert raws(SMPP + b"\r\n\n" + SMPP + b"\nnonsense\n") == [SMPP, SMPP, b"nonsense"]


@pytest.mark.parametrize(
    "one", [XML, SMPP, b"some\nlines of text\n", b"<\n<", b"<!DOCTYPE x>\n<x></x>"]
)
def test_one_thing_stays_one_item(one):
    assert raws(one) == [one.strip()]


def test_receipts_that_stayed_together_are_not_read_as_the_first_of_them():
    short = SMPP.removesuffix(b" err:46 Text:")
    body = b"\n".join([short] * 1010)

    *_, together = raws(body)

    assert together.count(short) == 10
    with pytest.raises(Unrecognised, match="not_json"):
        parse(together)
