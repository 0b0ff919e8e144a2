"""Notes and overrides: versions, two editors at once, and what is refused."""

import pytest

from support_portal.accounts.models import User
from support_portal.knowledge import services
from support_portal.knowledge.models import Note, Override
from support_portal.knowledge.services import Words
from support_portal.knowledge.subjects import Subject
from support_portal.knowledge.versions import Overtaken, Refused, current

NOT_FOUND = Subject("api_error", 1300)
UNLISTED = Subject("api_error", 9999)
HELPFUL = Words(whose="operator", customer_text="The network is looking into it.")


def write(author: User, text: str, base: int, reason: str = "because") -> Note:
    """Keep a note on 1300."""
    return services.write_note(NOT_FOUND, text, base=base, author=author, reason=reason)


def say(author: User, words: Words = HELPFUL, base: int = 0, **more: object) -> Override:
    """Say something else about 1300."""
    given = {"subject": NOT_FOUND, "reason": "we asked"} | more
    return services.override(words=words, base=base, author=author, **given)  # type: ignore[arg-type]


def faults(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return the fields that were refused."""
    return list(refused.value.faults)


def test_every_version_of_a_note_is_kept_with_author_and_reason(agent: User, lead: User) -> None:
    write(agent, "first", 0, "")
    write(lead, "second", 1, "more is known")

    kept = Note.objects.about("api_error", 1300)
    assert [(each.number, each.text, each.author, each.reason, each.current) for each in kept] == [
        (2, "second", lead, "more is known", True),
        (1, "first", agent, "", False),
    ]


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(agent: User, lead: User) -> None:
    write(agent, "first", 0)
    write(agent, "quicker", 1)

    with pytest.raises(Overtaken) as overtaken:
        write(lead, "slower", 1)

    assert (overtaken.value.version, current(Note, NOT_FOUND)) == (
        Note.objects.get(number=2),
        Note.objects.get(text="quicker"),
    )


def test_two_first_notes_are_one_and_a_refusal(agent: User, lead: User) -> None:
    write(agent, "first", 0)

    with pytest.raises(Overtaken):
        write(lead, "also first", 0)

    assert Note.objects.count() == 1


def test_a_version_that_never_was_cannot_be_changed(agent: User) -> None:
    with pytest.raises(Overtaken) as overtaken:
        write(agent, "text", 7)

    assert overtaken.value.version is None


def test_a_note_is_removed_by_an_empty_text_and_can_be_written_again(agent: User) -> None:
    write(agent, "first", 0)

    assert (write(agent, "  ", 1).ended, write(agent, "again", 2).ended) == (True, False)


@pytest.mark.parametrize(
    ("text", "base", "reason", "field"),
    [("", 0, "", "text"), ("x" * 10_001, 0, "", "text"), ("changed", 1, " ", "reason"),
     ("changed", 1, "x" * 501, "reason")],
)  # fmt: skip
def test_a_note_that_cannot_be_kept_says_why(
    agent: User, text: str, base: int, reason: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        write(agent, text, base, reason)

    assert faults(refused) == [field]


def test_odd_characters_are_kept_as_typed_but_for_what_no_database_holds(agent: User) -> None:
    note = write(agent, "a\r\nb\x00<b>\u202e", 0)

    assert Note.objects.get(pk=note.pk).text == "a\nb\ufffd<b>\u202e"


def test_an_override_is_taken_back_with_a_reason_and_may_come_again(lead: User) -> None:
    say(lead)
    services.revoke(NOT_FOUND, base=1, author=lead, reason="8x8 mended it")
    say(lead, base=2)

    kept = Override.objects.about("api_error", 1300)
    assert [(each.number, each.revoked, each.reason) for each in kept] == [
        (3, False, "we asked"),
        (2, True, "8x8 mended it"),
        (1, False, "we asked"),
    ]


def test_taking_back_needs_a_reason(lead: User) -> None:
    say(lead)

    with pytest.raises(Refused) as refused:
        services.revoke(NOT_FOUND, base=1, author=lead, reason=" ")

    assert faults(refused) == ["reason"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Words(), "headline"),
        (Words(name="Another name"), "name"),
        (Words(whose="the moon"), "whose"),
        (Words(retry="unknown"), "retry"),
        (Words(retry="later"), "retry_after"),
        (Words(retry="never", retry_after="after an hour"), "retry_after"),
        (Words(next_step=["a", "b", "c", "d"]), "next_step"),
        (Words(next_step=["x" * 301]), "next_step"),
        (Words(headline="x" * 201), "headline"),
        (Words(customer_text="x" * 601), "customer_text"),
    ],
)
def test_words_that_cannot_be_kept_are_refused_beside_their_field(
    lead: User, words: Words, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        say(lead, words)

    assert faults(refused) == [field]


@pytest.mark.parametrize(
    "text",
    [
        "Your sub-account is blocked.",
        "It went by another route.",
        "8x8 is down.",
        "８ｘ８ is down.",
        "Ask for 1cc1eda1-f5dd-ea11-8288-0263195dd35a.",
        "northwind_ph_hq has no credit.",
        "We sent it to +63 91 75 55 01.",
        "Code 1300 came back.",
        "The um\u00adid is missing.",
        "Another customer, the other customer, has it too.",
    ],
)
def test_customers_are_told_nothing_internal(lead: User, text: str) -> None:
    with pytest.raises(Refused) as refused:
        say(lead, Words(customer_text=text))

    assert faults(refused) == ["customer_text"]


def test_a_code_that_no_table_lists_may_get_a_name(lead: User) -> None:
    named = say(lead, Words(name="Quiet hours"), subject=UNLISTED)

    assert named.name == "Quiet hours"


def test_an_override_says_why(lead: User) -> None:
    with pytest.raises(Refused) as refused:
        say(lead, reason="")

    assert faults(refused) == ["reason"]


@pytest.mark.parametrize(
    ("place", "field"),
    [
        ({"country": "Philippines"}, "country"),
        ({"operator": "Globe", "country": "PH"}, "country"),
        ({"operator": "x" * 101}, "operator"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(place: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        services.about("api_error", 1300, **place)

    assert faults(refused) == [field]


def test_a_place_is_kept_in_one_spelling() -> None:
    assert services.about("api_error", 1300, operator="  Globe \n Telecom", country=" ") == Subject(
        "api_error", 1300, "Globe Telecom"
    )
    assert services.about("api_error", 1300, country="ph").country == "PH"
