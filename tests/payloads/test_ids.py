"""A UUID is the same in any dress."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.payloads.ids import parse_id

DRESSES = [
    "{}",
    "{{{}}}",
    "urn:uuid:{}",
    "URN:UUID:{}",
    '"{}"',
    "“{}”",
    "'{}'",
    " {}\r\n",
    "({})",
    "<{}>",
    "0x{}",
    '"{{0X{}}}"',
]


@given(st.integers(0, 2**128 - 1), st.sampled_from(DRESSES), st.booleans(), st.booleans())
def test_any_dress_of_a_uuid_parses_to_itself(number, dress, upper, dashed):
    id = UUID(int=number)
    text = str(id) if dashed else id.hex

    assert parse_id(dress.format(text.upper() if upper else text)) == id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0x",
        "1cc1eda1",
        "1cc1eda1-f5dd-ea11-8288-0263195dd35",
        "1cc1eda1-f5dd-ea11-8288-0263195dd35aa",
        "1cc1eda1-f5dd-ea11-8288-0263195dd35g",
        "1cc1-eda1f5dd-ea11-8288-0263195dd35a",
        "1cc1eda1_f5dd_ea11_8288_0263195dd35a",
        "١cc1eda1-f5dd-ea11-8288-0263195dd35a",
        "1cc1eda1-f5dd-ea11-8288-0263195dd35a" * 2,
        "\ud800",
    ],
)
def test_anything_else_is_no_id(text):
    assert parse_id(text) is None


@given(st.text())
def test_any_text_is_an_id_or_none(text):
    found = parse_id(text)

    assert found is None or isinstance(found, UUID)
