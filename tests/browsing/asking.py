"""Filters as anybody may ask for them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from support_portal.browsing import codes
from support_portal.browsing.fields import FIELDS, MOST_WORDS
from support_portal.browsing.filtering import Filter
from support_portal.browsing.values import Refused, Span, in_order
from support_portal.insights.models import Kind
from support_portal.reason_codes import Whose

FIRST = datetime(2000, 1, 2, tzinfo=UTC)
TIMES = st.integers(0, 10**9 * 3).map(
    lambda seconds: FIRST + timedelta(seconds=seconds, microseconds=seconds % 7)
)
NUMBERS = st.integers(-(2**31), 2**31 - 1)
SPANS = (
    st.tuples(NUMBERS, NUMBERS).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: Span(*ends))
)
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
    st.sampled_from(
        ['a"b', "a\\", 'x,"y', "-sms", "code:1300", "since:", "a b", " ", "ſ", "\u2028", "http://x"]
    ),
)
LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _values(kind, name):
    by_name = {
        "code": st.one_of(NUMBERS, SPANS),
        "http": st.one_of(st.integers(100, 599), st.just(Span(400, 499)), SPANS),
        "table": st.sampled_from([*codes.tables_of(kind), codes.UNLISTED]),
        "whose": st.sampled_from(Whose).map(str),
        "country": st.tuples(LETTERS, LETTERS).map("".join),
        "group": st.integers(-(2**63), 2**63 - 1),
        "text": WORDS.filter(lambda text: _reads(kind, name, text)),
    }
    return by_name.get(name, WORDS.filter(lambda text: _reads(kind, name, text)))


def _reads(kind, name, text):
    try:
        return FIELDS[kind][name].read(text) == text
    except Refused:
        return False


@st.composite
def filters(draw):
    """Draw a filter that holds no more than one may."""
    kind = draw(st.sampled_from(Kind))
    sides = []
    for _ in range(2):
        names = draw(st.lists(st.sampled_from(sorted(FIELDS[kind])), unique=True, max_size=4))
        sides.append(
            {
                name: in_order(draw(st.lists(_values(kind, name), min_size=1, max_size=3)))
                for name in FIELDS[kind]
                if name in names
            }
        )
    begin, end = draw(st.none() | TIMES), draw(st.none() | TIMES)
    if begin and end and end < begin:
        begin, end = end, begin
    every = begin is None and draw(st.booleans())
    found = Filter(kind, begin, end, *sides, all_time=every)
    return found if len(found.words) <= MOST_WORDS else found.without("text")
