"""The words of error texts: kept by the drain, kept again by a rebuild, gone with their error."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.events import retention
from support_portal.events.models import ErrorEvent, ErrorWord
from support_portal.events.words import MOST_VARYING, folded, key, of_wording, varying, words
from support_portal.insights import rebuilding
from support_portal.payloads import wording
from tests.events.arrived import NOW, an_error, at, record

TEXT = "SubAccount 'northwind_ph' has no sender \"Exámple\" for +63 917 123 4567, limit 120"


def kept():
    return set(ErrorWord.objects.values_list("word", "error_id"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Object wasn't found", ("object", "wasn", "t", "found")),
        ("pre-paid x1-22 ÉCOLE straße", ("pre", "paid", "x1-22", "ecole", "strasse")),
        ("1300 +639171234567 12-34", ()),
        ("9f4b5bb0-a414-4aed-8e6d-b48d0087b208", ("9f4b5bb0-a414-4aed-8e6d-b48d0087b208",)),
        ("", ()),
    ],
)
def test_words_are_small_and_plain_and_no_numbers(text, expected):
    assert words(text) == expected


@given(st.text())
def test_folding_again_is_the_same(text):
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_every_word_is_found_by_itself(text):
    for word in words(text):
        assert words(word) == (word,)


def test_only_what_the_wording_does_not_tell_varies():
    assert varying(TEXT, wording.form(TEXT)) == ["northwind_ph", "example"]
    assert len(varying(" ".join(f"w{n}x" for n in range(99)), "")) == MOST_VARYING


@given(
    st.text(max_size=400)
    | st.lists(
        st.sampled_from(["not", "found", " ", "12", "a1", "'", "{id}", "é", "\u00ad"]), max_size=20
    ).map("".join)
)
def test_texts_that_are_their_wording_are_known_at_a_glance(text):
    form = wording.form(text)
    told = of_wording(form)

    assert varying(text, form) == [word for word in words(text) if word not in told][:MOST_VARYING]


@pytest.mark.django_db
def test_the_drain_keeps_what_varies_and_no_digits_of_a_number():
    record(an_error(message=TEXT), an_error(error_id=UUID(int=1)))

    error_id = an_error().error_id
    assert kept() == {(key("northwind_ph"), error_id), (key("example"), error_id)}


@pytest.mark.django_db
def test_words_are_kept_again_where_they_are_missing():
    record(an_error(message=TEXT))
    before = kept()
    ErrorWord.objects.all().delete()

    for day in rebuilding.days():
        rebuilding.rebuild_day(day)
        rebuilding.rebuild_day(day)

    assert kept() == before


@pytest.mark.django_db
def test_words_go_with_their_error():
    record(
        an_error(message=TEXT),
        an_error(error_id=UUID(int=1), message=TEXT, occurred_at=at(9)),
        received_at=at(10),
    )

    for _ in retention._remove_errors(at(5)):
        pass
    assert len(kept()) == 4
    for _ in retention._remove_errors(NOW):
        pass

    assert (kept(), ErrorEvent.objects.count()) == (set(), 0)
