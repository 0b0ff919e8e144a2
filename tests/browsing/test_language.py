"""The query line, the address and the filter say the same, and nothing typed is an exception."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from support_portal.browsing import language
from support_portal.browsing.filtering import Filter
from support_portal.browsing.values import Span
from support_portal.insights.models import Kind
from tests.browsing.asking import filters

NOW = datetime(2026, 11, 27, 12, 0, 30, tzinfo=UTC)
PIECES = st.sampled_from(
    [
        "code:",
        "1300",
        "..",
        ",",
        "-",
        '"',
        "\\",
        " ",
        ":",
        "since:",
        "2h",
        "x",
        "é",
        "\x00",
        "\u2028",
        "text",
        "country:PH",
    ]
)
LINES = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))


@given(filters())
def test_a_line_means_the_filter_that_wrote_it(asked):
    again, problems = Filter.from_line(asked.kind, asked.line(), NOW)

    assert (again, problems) == (asked, [])
    assert again.line() == asked.line()


@given(filters())
def test_an_address_means_the_filter_that_wrote_it(asked):
    again = Filter.read(asked.kind, QueryDict(asked.to_query()), NOW)

    assert again == asked
    assert again.to_query() == asked.to_query()


@given(st.sampled_from(Kind), LINES)
@example(Kind.ERROR, '"')
@example(Kind.ERROR, "-")
@example(Kind.ERROR, "code:")
@example(Kind.ERROR, 'code:"1300')
@example(Kind.MESSAGE, "since:all since:2h until:1999-01-01")
def test_any_line_is_read_and_its_problems_have_a_place(kind, text):
    asked, problems = Filter.from_line(kind, text, NOW)

    assert all(0 <= each.start < each.end <= len(text) for each in problems)
    assert bool(asked.errors) is bool(problems)
    if not problems:
        assert Filter.from_line(kind, asked.line(), NOW) == (asked, [])


@given(st.sampled_from(Kind), st.dictionaries(
    st.sampled_from(["code", "not_code", "from", "to", "last", "text", "not_text", "group", "channel", "whose", "http", "q"]),
    LINES, max_size=4,
))  # fmt: skip
def test_any_address_is_read(kind, query):
    told = QueryDict(mutable=True)
    told.update(query)

    asked = Filter.read(kind, told, NOW)

    assert set(asked.errors) <= {*query, "q"}


def understood(line, kind=Kind.ERROR):
    asked, problems = Filter.from_line(kind, line, NOW)
    assert problems == []
    return asked


def test_everything_that_may_be_written():
    asked = understood(
        "code:1300,2000..2099 sub:northwind_ph -channel:sms,viber country:ph http:4xx whose:8x8 "
        'table:API_error since:2h until:2026-11-27T12:00:00Z "not found" -"a \\"b\\"" expired'
    )

    assert asked.begin == NOW - timedelta(hours=2)
    assert asked.end == datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert asked.only == {
        "code": (1300, Span(2000, 2099)),
        "table": ("api_error",),
        "whose": ("platform",),
        "sub_account": ("northwind_ph",),
        "country": ("PH",),
        "text": ("expired", "not found"),
        "http": (Span(400, 499),),
    }
    assert asked.but == {"channel": ("sms", "viber"), "text": ('a "b"',)}
    assert asked.line() == (
        "since:2026-11-27T10:00:30Z until:2026-11-27T12:00:00Z code:1300,2000..2099 table:api_error "
        'whose:platform sub:northwind_ph country:PH expired "not found" http:400..499 '
        '-channel:sms,viber -"a \\"b\\""'
    )


def test_messages_have_states_and_operators():
    asked = understood('state:undelivered operator:"Example Mobile" -code:0..99', Kind.MESSAGE)

    assert asked.only == {"state": ("undelivered",), "operator": ("Example Mobile",)}
    assert asked.but == {"code": (Span(0, 99),)}


@pytest.mark.parametrize(
    ("typed", "begin"),
    [
        ("30min", NOW - timedelta(minutes=30)),
        ("7d", NOW - timedelta(days=7)),
        ("2W", NOW - timedelta(weeks=2)),
        ("today", datetime(2026, 11, 27, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 26, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T08:30:00+08:00", datetime(2026, 11, 20, 0, 30, tzinfo=UTC)),
    ],
)
def test_times(typed, begin):
    assert understood(f"since:{typed}").begin == begin


WRONG = [
    ("code:13x0", [("13x0", "“13x0” is not a code. Write whole numbers, for example 1300, 1002.")]),
    ("code:1300,,x country:PHL", [
        ("x", "“x” is not a code. Write whole numbers, for example 1300, 1002."),
        ("PHL", "“PHL” is not a country. Write two letters, for example PH, SG."),
    ]),
    ("code: x", [("code:", "“code:” needs a value right behind it.")]),
    ("code:9..1", [("9..1", "“9..1” ends before it begins.")]),
    ("- x", [("-", "“-” stands alone.")]),
    ('x "open', [('"open', "This quotation mark has no other one.")]),
    ("since:0001-01-01", [("0001-01-01", "“0001-01-01” is not a time. Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z.")]),
    ("until:9999-12-31", [("9999-12-31", "“9999-12-31” is not a time. Write it like 2026-11-23T14:30 or 2026-11-23T06:30:00Z.")]),
    ("since:9999w", [("9999w", "“9999w” is too long ago.")]),
    ("since:2h since:3h", [("3h", "“since:” is there twice.")]),
    ("since:all since:3h", [("3h", "“since:” is there twice.")]),
    ("-since:2h", [("2h", "A time is one, and not excluded.")]),
    ("until:3h since:2h", [("2h", "“until” is before “since”.")]),
    ("1300", [("1300", "“1300” holds no word to look for. Numbers are not looked for in texts: write code:1300 for a code, and paste ids and phone numbers above.")]),
    ("state:sent", [("state:sent", "“state:” is no word of this list. There are: code, table, whose, sub, channel, country, has, text, http, group, since, until. To look for it in texts, put it between quotation marks.")]),
    ("a b c d e f g h i j k", [("a b c d e f g h i j k", "That is too many words to look for. Up to 10 are.")]),
    ("x" * 10_000, [("x" * 2_000, "That is too long. Up to 8000 characters are read.")]),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_place(line, said):
    asked, problems = Filter.from_line(Kind.ERROR, line, NOW)

    assert [(line[each.start : each.end], each.text) for each in problems] == said
    assert asked.errors == {"q": [each.text for each in problems]}


def test_what_was_understood_beside_something_wrong_is_kept():
    asked, _ = Filter.from_line(Kind.ERROR, "channel:sms code:x country:PH", NOW)

    assert asked.only == {"channel": ("sms",), "country": ("PH",)}


def test_a_long_line_is_read_once():
    assert len(language.read('a"' * 4_000).terms) == 4_000
    assert language.read("a:" * 4_000).terms[0].name == "a"


def test_a_time_whose_year_is_another_in_utc_is_read_as_it_is_written():
    with timezone.override("Asia/Singapore"):
        first = Filter.from_line(Kind.ERROR, "since:2000-01-01T08:00", NOW)[0]
        _, problems = Filter.from_line(Kind.ERROR, "since:2000-01-01T07:59", NOW)

    assert Filter.read(Kind.ERROR, QueryDict(first.to_query()), NOW) == first
    assert "is not a time" in problems[0].text
