"""A malformed data file stops the start and says where the fault is."""

from pathlib import Path

import pytest

from support_portal.reason_codes.loading import load_contradictions, load_registries
from support_portal.reason_codes.rows import MalformedData

HEAD = """
title = "Parcel errors"
label = "Parcel"
context = "the code of a parcel"
source = "handbook"
source_date = 2026-07-23
"""

CODE = """
[[codes]]
code = 7
name = "Lost"
whose = "operator"
retry = "later"
retry_after = "1 hour"
headline = "The parcel is lost."
next_step = ["Look for it."]
customer_text = "We are looking for it."
"""


def load(folder: Path, text: str, key: str = "parcel") -> None:
    """Write one data file and read it back."""
    (folder / f"{key}.toml").write_text(text, encoding="utf-8")
    load_registries(folder, [key])


def test_a_good_file_is_read(tmp_path: Path):
    (tmp_path / "parcel.toml").write_text(HEAD + CODE, encoding="utf-8")

    tables = load_registries(tmp_path, ["parcel"])

    assert tables["parcel"].title == "Parcel errors"
    assert tables["parcel"].codes[7].verdict.next_step == ("Look for it.",)


FAULTS = [
    ('whose = "operator"', 'whose = "neighbour"', "code 7, whose: 'neighbour' is none of"),
    ('whose = "operator"', "", "code 7, whose: missing"),
    ('retry = "later"', 'retry = "soon"', "code 7, retry: 'soon' is none of"),
    ('retry = "later"', 'retry = "unknown"', "code 7, retry: 'unknown' is none of"),
    ('retry_after = "1 hour"', "", "code 7, retry_after: belongs to retry = 'later'"),
    ('retry = "later"', 'retry = "never"', "code 7, retry_after: belongs to retry = 'later'"),
    ('headline = "The parcel is lost."', "", "code 7, headline: missing"),
    ('headline = "The parcel is lost."', 'headline = ""', "code 7, headline: must be one line"),
    ('headline = "The parcel is lost."', "headline = 3", "code 7, headline: must be a text"),
    ('next_step = ["Look for it."]', "next_step = []", "code 7, next_step: 1 to 3 steps, not 0"),
    ('next_step = ["Look for it."]', 'next_step = "Look"', "code 7, next_step: must be a list"),
    ('next_step = ["Look for it."]', "", "code 7, next_step: missing"),
    ('customer_text = "We are looking for it."', "", "code 7, customer_text: missing"),
    ('name = "Lost"', "", "code 7, name: missing"),
    ('name = "Lost"', 'name = "Lost"\nhint = "x"', "code 7, hint: unknown field"),
    ('name = "Lost"', 'name = "Lost"\ntext = "Found"', "code 7, text: differs from name and"),
    ('name = "Lost"', 'name = "Lost"\nmaps_to = 3', "code 7, maps_to: must be a table"),
    ("code = 7", 'code = "7"', "entry 1, code: must be a whole number"),
    ("code = 7", "code = true", "entry 1, code: must be a whole number"),
    ("code = 7", "", "entry 1, code: missing"),
]


@pytest.mark.parametrize(("good", "bad", "message"), FAULTS)
def test_a_fault_names_file_code_and_field(tmp_path: Path, good: str, bad: str, message: str):
    with pytest.raises(MalformedData) as caught:
        load(tmp_path, HEAD + CODE.replace(good, bad))

    assert str(caught.value).startswith(f"parcel.toml, {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + CODE + CODE, "parcel.toml, code 7, code: listed twice"),
        (HEAD + "\ncodes = [3]", "parcel.toml, codes: must be a list of tables"),
        (HEAD, "parcel.toml, codes: missing"),
        (HEAD.replace("2026-07-23", '"today"') + CODE, "parcel.toml, source_date: must be a date"),
        ("colour = 1\n" + HEAD + CODE, "parcel.toml, colour: unknown field"),
        (HEAD.replace('label = "Parcel"', "") + CODE, "parcel.toml, label: missing"),
        ("title = ", "parcel.toml: not valid TOML"),
    ],
)
def test_a_fault_of_the_file_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(MalformedData) as caught:
        load(tmp_path, text)

    assert str(caught.value).startswith(message)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(MalformedData, match=r"^parcel\.toml: the file is missing$"):
        load_registries(tmp_path, ["parcel"])


BORROWED = '[[codes]]\ncode = 7\nname = "Lost"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + BORROWED, "letter.toml, code 7, retry: missing"),
        (
            HEAD + 'verdicts_from = "fax"\n' + BORROWED,
            "letter.toml, code 7, verdicts_from: there is no table 'fax'",
        ),
        (
            HEAD + 'verdicts_from = "parcel"\n' + BORROWED.replace("7", "8"),
            "letter.toml, code 8, verdicts_from: parcel has no verdict for 8",
        ),
        (
            HEAD + BORROWED + 'maps_to = { registry = "parcel", code = 9 }\n',
            "letter.toml, code 7, maps_to: parcel has no verdict for 9",
        ),
    ],
)
def test_a_verdict_cannot_be_borrowed_from_nowhere(tmp_path: Path, text: str, message: str):
    (tmp_path / "parcel.toml").write_text(HEAD + CODE, encoding="utf-8")
    (tmp_path / "letter.toml").write_text(text, encoding="utf-8")

    with pytest.raises(MalformedData) as caught:
        load_registries(tmp_path, ["parcel", "letter"])

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "borrowing",
    [
        'verdicts_from = "parcel"\n' + BORROWED,
        BORROWED + 'maps_to = { registry = "parcel", code = 7 }\n',
    ],
)
def test_a_borrowed_verdict_is_the_lender_s(tmp_path: Path, borrowing: str):
    (tmp_path / "parcel.toml").write_text(HEAD + CODE, encoding="utf-8")
    (tmp_path / "letter.toml").write_text(HEAD + borrowing, encoding="utf-8")

    tables = load_registries(tmp_path, ["letter", "parcel"])

    assert tables["letter"].codes[7].verdict == tables["parcel"].codes[7].verdict


def test_a_contradiction_says_where_it_stands(tmp_path: Path):
    text = '[[contradictions]]\nregistries = ["parcel"]\ncodes = [1]\ntext = "Odd."\n'
    (tmp_path / "contradictions.toml").write_text(text, encoding="utf-8")

    with pytest.raises(MalformedData) as caught:
        load_contradictions(tmp_path, ["parcel"])

    assert str(caught.value) == "contradictions.toml, entry 1, source: missing"


def test_a_contradiction_may_name_only_tables_that_exist(tmp_path: Path):
    text = '[[contradictions]]\nregistries = ["fax"]\ncodes = [1]\ntext = "Odd."\n'
    (tmp_path / "contradictions.toml").write_text(text, encoding="utf-8")

    with pytest.raises(MalformedData) as caught:
        load_contradictions(tmp_path, ["parcel"])

    assert str(caught.value) == (
        "contradictions.toml, entry 1, registries: there is no table 'fax'"
    )
