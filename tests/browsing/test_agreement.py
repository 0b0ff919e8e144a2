"""Rows, parts, counts, facets and bars of one filter are about the same records."""

from collections import Counter
from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support_portal.browsing import known
from support_portal.browsing.codes import API_TABLES, RECEIPT_TABLES
from support_portal.browsing.fields import TIMES
from support_portal.browsing.filtering import Filter
from support_portal.browsing.searching import wordings
from support_portal.browsing.values import Span, in_order
from support_portal.comments.models import Comment
from support_portal.comments.services import add_comment
from support_portal.events.models import EVERYTHING, ErrorEvent, ErrorWord, Message
from support_portal.events.words import of_wording, words
from support_portal.insights import asking, rebuilding
from support_portal.insights.models import Kind
from support_portal.payloads import wording
from support_portal.reason_codes import Context, decode, registries
from tests.events.arrived import NUMBER, a_receipt, an_error, record
from tests.insights.test_counts import IDS, MOMENTS, SUB_ACCOUNTS, forget, now  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

TEXTS = [
    "Object wasn't found",
    "Invalid MSISDN +6391",
    "SubAccount 'northwind' not found",
    'Sender "Exámple" is not allowed',
    "Batch x1-22 was not found",
    "",
]
LATER = datetime(2026, 7, 23, tzinfo=UTC)
PHRASES = [
    "found",
    "not found",
    "northwind",
    "exampl",
    "EXAMPLE",
    "x1-22",
    "obj",
    "north",
    "not x1-22",
    "nowhere",
]
ERRORS = st.builds(
    an_error,
    error_id=st.sampled_from(IDS).map(UUID),
    code=st.sampled_from([1300, 2000, 7001, 987_654]),
    occurred_at=MOMENTS,
    message=st.sampled_from(TEXTS),
    sub_account=st.sampled_from(SUB_ACCOUNTS),
    channel=st.sampled_from(["", "sms"]),
    destination=st.sampled_from(["", NUMBER]),
    http_status=st.sampled_from([None, 404, 500]),
    method=st.sampled_from(["", "GET"]),
)
RECEIPTS = st.builds(
    a_receipt,
    st.sampled_from(["queued", "sent", "delivered", "undelivered"]),
    umid=st.sampled_from(IDS).map(UUID),
    occurred_at=MOMENTS,
    sub_account=st.sampled_from(SUB_ACCOUNTS),
    channel=st.sampled_from(["sms", "whatsapp"]),
    operator=st.sampled_from(["", "Example Mobile"]),
    error_code=st.sampled_from([None, 0, 15, 43, 61, 9_999]),
    context=st.just("sms_receipt"),
)
CODES = st.sampled_from(
    [1300, 2000, 15, 9_999, 987_654, Span(1000, 1999), Span(0, 50), Span(-5, 2**31 - 1)]
)
SIDE = {
    "code": CODES,
    "table": st.sampled_from(["none"]),
    "whose": st.sampled_from(
        ["our_request", "our_account", "unknown", "operator", "recipient", "nobody"]
    ),
    "sub_account": st.sampled_from(SUB_ACCOUNTS[1:]),
    "channel": st.sampled_from(["sms", "whatsapp"]),
    "country": st.sampled_from(["US", "PH"]),
    "text": st.sampled_from(PHRASES),
    "has": st.just("comments"),
}
COMMENTED = IDS[:5]
OF_KIND = {
    Kind.ERROR: {
        "http": st.sampled_from([404, Span(400, 499)]),
        "table": st.sampled_from([*API_TABLES, "none"]),
    },
    Kind.MESSAGE: {
        "state": st.sampled_from(["sent", "undelivered"]),
        "operator": st.just("Example Mobile"),
        "table": st.sampled_from([*RECEIPT_TABLES, "none"]),
        "text": st.sampled_from(["spam", "absent subscriber", "filter"]),
    },
}


class Some:
    sub_accounts = ("northwind",)


@st.composite
def asked_for(draw):
    kind = draw(st.sampled_from(Kind))
    begin, end = sorted([draw(MOMENTS), draw(MOMENTS)])
    sides = []
    for _ in range(2):
        drawn = {**SIDE, **OF_KIND[kind]}
        names = draw(st.lists(st.sampled_from(sorted(drawn)), unique=True, max_size=2))
        sides.append(
            {
                n: in_order(draw(st.lists(drawn[n], min_size=1, max_size=2)))
                for n in drawn
                if n in names
            }
        )
    return Filter(kind, draw(st.none() | st.just(begin)), draw(st.none() | st.just(end)), *sides)


def has(phrase, told):
    """Tell whether a text has the words of a phrase: of its wording by their beginning, else whole."""
    shared = of_wording(wording.form(told))
    return all(
        any(each.startswith(word) for each in shared) or word in words(told)
        for word in words(phrase)
    )


def means(table, code, phrase):
    if table not in RECEIPT_TABLES:
        return False
    reason = registries()[table].codes[code]
    told = words(f"{reason.name} {reason.detail}")
    return all(any(each.startswith(word) for each in told) for word in words(phrase))


def whose(kind, row):
    if kind is Kind.ERROR:
        return decode(Context.API_ERROR, "", row.code).verdict.whose.value
    if row.error_code is None:
        return None
    return decode(Context.SMS_RECEIPT, "", row.error_code).verdict.whose.value


def value_of(kind, row, name):
    if name == "table":
        if kind is Kind.MESSAGE:
            return row.error_registry or (None if row.error_code is None else "none")
        return next((key for key in API_TABLES if row.code in registries()[key].codes), "none")
    if name == "whose":
        return whose(kind, row)
    if name == "code" and kind is Kind.MESSAGE:
        return row.error_code
    return getattr(row, {"http": "http_status"}.get(name, name))


def fits(kind, row, name, value):
    if name == "has":
        return str(row.pk) in COMMENTED
    if name == "text":
        return (
            has(value, row.message)
            if kind is Kind.ERROR
            else means(row.error_registry, row.error_code, value)
        )
    actual = value_of(kind, row, name)
    if isinstance(value, Span):
        return actual is not None and value.first <= actual <= value.last
    if name == "table" and kind is Kind.ERROR and value != "none":
        return row.code in registries()[value].codes
    return actual == value


def admitted(asked, row):
    at = getattr(row, TIMES[asked.kind])
    if (asked.begin and at < asked.begin) or (asked.end and at >= asked.end):
        return False
    for name, values in asked.only.items():
        together = all if name == "text" else any
        if not together(fits(asked.kind, row, name, value) for value in values):
            return False
    return not any(
        fits(asked.kind, row, name, value) for name, values in asked.but.items() for value in values
    )


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.one_of(ERRORS, RECEIPTS), max_size=8), max_size=3),
    asked_for(),
    st.sampled_from([EVERYTHING, Some()]),
)
def test_all_answers_of_a_filter_are_about_the_same_records(batches, asked, reader):
    forget()
    rebuilding.caught_up()
    ErrorWord.objects.all().delete()
    wordings.forget()
    for batch in batches:
        record(*batch)
    if not Comment.objects.exists():
        for of_kind, key in product(Kind, COMMENTED):
            add_comment(kind=of_kind.value, key=key, body="seen")
    model = ErrorEvent if asked.kind is Kind.ERROR else Message
    seen = [
        row
        for row in model.objects.all()
        if reader.sub_accounts is None or row.sub_account in ("", "northwind")
    ]
    expected = [row for row in seen if admitted(asked, row)]

    rows = list(asked.rows(reader))
    parts = asked.parts(reader, TIMES[asked.kind])
    question = asked.question(reader, LATER)

    assert Counter(row.pk for row in rows) == Counter(row.pk for row in expected)
    assert not parts or Counter(row.pk for part in parts for row in part) == Counter(
        row.pk for row in rows
    )
    assert asked.count(reader) == len(expected)
    assert bool(question) is not bool(asked.why_uncounted)
    told = known.counted(asked, reader, LATER)
    assert (told.total, told.at_least, told.at_most) == (len(expected), False, False)
    span = (told.plain.begin, told.plain.end)
    drawn = told.bars(*span, asking.width(*span), ["country"])
    assert sum((Counter(dict(bar.parts)) for bar in drawn), Counter()) == Counter(
        (row.country,) for row in expected
    )
    others = asked.without("country").without("not_country")
    among = others.counted_part(reader, LATER)
    countries = Counter()
    for cell in told.cells:
        countries[cell.traits.country] += cell.number * among.admits(cell.traits)
    assert +countries == Counter(row.country for row in seen if admitted(others, row))
    if question:
        cells = asking.cells(question)
        assert asking.total(question, cells) == len(expected)
        bars = asking.bars(question, asking.width(question.begin, question.end), ["country"])
        by_country = sum((Counter(dict(bar.parts)) for bar in bars), Counter())
        assert by_country == Counter((row.country,) for row in expected)
        wider = asked.without("country").without("not_country")
        assert +asking.facets(question, cells, ["country"])["country"] == Counter(
            row.country for row in seen if admitted(wider, row)
        )
