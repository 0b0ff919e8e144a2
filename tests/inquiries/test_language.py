"""The language of templates: what it puts together, what it refuses, and that it does nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_portal.inquiries.letters import TEMPLATES, VARIABLES, Sample, Template, proposed
from support_portal.inquiries.letters.language import Wrong, fill, parse

KNOWN = {"codes": "code 15", "since": "", "country": "PH", "odd": "{country} [x] {{"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("Why {codes}?", "Why code 15?"),
        ("{ codes }", "code 15"),
        ("Since {since}.", "Since ."),
        ("Late[ since {since}] in [{country}].", "Late in PH."),
        ("[{since} {country}]", ""),
        ("{{codes}} [[a]]", "{codes} [a]"),
        ("{{{codes}}}", "{code 15}"),
        ("[[[{country}]]]", "[PH]"),
        ("{odd}", "{country} [x] {{"),  # what is put in is not read again
    ],
)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert fill(parse(template, KNOWN), KNOWN) == text


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{code}", "Line 1: there is no variable {code}."),
        ("\n\n{codes.__class__}", "Line 3: there is no variable {codes.__class__}."),
        ("{codes!r}", "Line 1: there is no variable {codes!r}."),
        ("{0}", "Line 1: there is no variable {0}."),
        ("{}", "Line 1: there is no name between { and }."),
        ("a { b", "Line 1: a { stands alone. To write the sign itself, write it twice: {{"),
        ("a } b", "Line 1: a } stands alone. To write the sign itself, write it twice: }}"),
        ("[{codes}", "A [ is not closed. To write the sign itself, write it twice: [["),
        ("{codes}\n]", "Line 2: a ] stands alone. To write the sign itself, write it twice: ]]"),
        ("[{codes} [{since}]]", "Line 1: a [part] cannot stand in another one."),
        ("[x]", "Line 1: a [part] needs a variable, which says whether it stands."
                " To write the signs themselves, write them twice."),
        ("{% now %}", "Line 1: there is no variable {% now %}."),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused(template: str, why: str) -> None:
    with pytest.raises(Wrong) as wrong:
        parse(template, KNOWN)
    assert str(wrong.value) == why


@given(st.text())
def test_any_text_is_filled_or_refused(template: str) -> None:
    try:
        parts = parse(template, KNOWN)
    except Wrong:
        return
    assert isinstance(fill(parts, KNOWN), str)


@given(st.text())
def test_signs_that_are_written_twice_stand_as_they_are(text: str) -> None:
    doubled = text
    for sign in "{}[]":
        doubled = doubled.replace(sign, sign * 2)

    assert fill(parse(doubled, ()), {}) == text


@given(st.text())
def test_what_evidence_says_is_put_in_as_it_is(value: str) -> None:
    assert fill(parse("<{x}>", {"x"}), {"x": value}) == f"<{value}>"


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_of_a_lead_says_all_that_there_is_to_say(kind: str) -> None:
    everything = " ".join(f"[{name}={{{name}}}]" for name in VARIABLES)
    template = Template(TEMPLATES[kind].thing, everything, everything, everything)

    told = proposed(kind, [Sample(record_id=1, country="PH", operator="Globe {codes}")], template)  # type: ignore[arg-type]

    assert "country=PH" in told["question"]
    assert "operators=Globe {codes}" in told["question"]
    assert "since=" not in told["question"]
    assert proposed(kind, [], template)["expectation"].startswith("codes=an error")
