"""Templates that leads write: versions, what inquiries remember of them, and that no word of a person is lost."""

from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from support_portal.accounts.models import User
from support_portal.events.models import ErrorEvent
from support_portal.inquiries import mending, services, templating
from support_portal.inquiries.letters import TEMPLATES
from support_portal.inquiries.models import Inquiry, LetterTemplate
from tests.dashboard.rows import error, save_errors
from tests.inquiries.rows import FIRST, SECOND, inquiry_of, wanted

WORDS = {
    "subject": "[{country}: ]{Codes}",
    "question": "What is {codes}?\nIt came [{count} ]to us.",
    "unlisted": "",
    "expectation": "An answer.",
    "reason": "shorter",
}


def write(lead: User, base: int = 0, **words: str) -> templating.Version:
    return templating.save("api_error", WORDS | words, lead, base=base)


def held(inquiry: Inquiry) -> Inquiry:
    return Inquiry.objects.get(pk=inquiry.pk)


def test_a_draft_is_made_by_the_newest_version_and_remembers_it(agent: User, lead: User) -> None:
    before = inquiry_of(agent, FIRST)
    write(lead)

    after = inquiry_of(agent, SECOND)

    assert (before.template, after.template) == (0, 1)
    assert after.subject == "PH: Error 1300 (Not found)"
    assert after.question == "What is code 1300 (Not found)?\nIt came 1 request to us."


def test_a_draft_follows_its_own_version_and_takes_another_when_asked(
    agent: User, lead: User
) -> None:
    inquiry = inquiry_of(agent, FIRST)
    write(lead)
    save_errors(error(2))
    services.add(inquiry, wanted(SECOND), agent)
    assert held(inquiry).question.startswith("What caused these answers with code 1300")

    services.save(inquiry, {"expectation": "My own words."}, agent, base=1)
    mending.MENDS["adopt"](inquiry, agent)

    taken = held(inquiry)
    assert (taken.template, taken.version) == (1, 2)
    assert taken.question == "What is code 1300 (Not found)?\nIt came 2 requests to us."
    assert taken.expectation == "My own words."


def test_refreshing_keeps_what_was_typed_whatever_the_template(agent: User, lead: User) -> None:
    write(lead)
    inquiry = inquiry_of(agent, FIRST, code=1002)
    services.save(inquiry, {"question": "Typed?", "subject": inquiry.subject}, agent, base=1)
    write(lead, 1, question="Another {codes}?", subject="Other {Codes}")
    ErrorEvent.objects.filter(error_id=FIRST).update(code=1300)
    assert services.refresh(inquiry, agent) == 1

    assert held(inquiry).question == "Typed?"
    assert (
        held(inquiry).subject == "PH: Error 1300 (Not found)"
    )  # of its own version, with the news


def test_a_template_of_several_lines_is_no_typing_when_a_browser_sends_it_back(
    agent: User, lead: User
) -> None:
    write(lead)
    inquiry = inquiry_of(agent, FIRST)

    services.save(inquiry, {"question": inquiry.question.replace("\n", "\r\n")}, agent, base=1)
    save_errors(error(2))
    services.add(inquiry, wanted(SECOND), agent)

    assert held(inquiry).question.endswith("It came 2 requests to us.")


def test_another_kind_is_asked_by_its_own_newest_version(agent: User, lead: User) -> None:
    inquiry = inquiry_of(agent, FIRST)
    templating.save("latency", WORDS | {"subject": "Slow"}, lead, base=0)

    saved = services.save(inquiry, {"kind": "latency"}, agent, base=1)

    assert (saved.template, saved.subject) == (1, "Slow")


def test_versions_are_restored_and_reset_and_none_is_lost(lead: User) -> None:
    write(lead)
    write(lead, 1, subject="Second")
    templating.restore("api_error", 1, lead, base=2)
    templating.restore("api_error", 0, lead, base=3)
    templating.restore("api_error", 4, lead, base=4)  # restoring a reset is a reset

    told = [
        (each.number, each.template.subject, each.built_in)
        for each in templating.history("api_error")
    ]
    built_in = TEMPLATES["api_error"].subject
    assert told == [
        (5, built_in, True),
        (4, built_in, True),
        (3, WORDS["subject"], False),
        (2, "Second", False),
        (1, WORDS["subject"], False),
        (0, built_in, True),
    ]
    assert templating.current("api_error").number == 5
    assert templating.current("latency").built_in


def test_of_two_leads_the_second_learns_of_the_first(lead: User) -> None:
    write(lead)

    for late in (lambda: write(lead, 0, subject="Mine"),
                 lambda: templating.restore("api_error", 0, lead, base=0)):  # fmt: skip
        with pytest.raises(templating.Overtaken) as overtaken:
            late()
        assert overtaken.value.now.template.subject == WORDS["subject"]
    assert LetterTemplate.objects.count() == 1
    with pytest.raises(IntegrityError):
        LetterTemplate.objects.create(kind="api_error", number=1, author=lead)


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"subject": " "}, {"subject": "Write something: a letter without it is not sent."}),
        ({"question": "{code}"}, {"question": "Line 1: there is no variable {code}."}),
        ({"subject": "x" * 301}, {"subject": "Up to 300 characters; these are 301."}),
        ({"reason": "x" * 301}, {"reason": "Up to 300 characters."}),
        (
            {"expectation": "[", "unlisted": "}"},
            {
                "unlisted": "Line 1: a } stands alone. To write the sign itself, write it twice: }}",
                "expectation": "A [ is not closed. To write the sign itself, write it twice: [[",
            },
        ),
    ],
)
def test_what_is_no_template_is_refused_field_by_field(
    said: dict[str, str], faults: dict[str, str], lead: User
) -> None:
    with pytest.raises(templating.Refused) as refused:
        write(lead, **said)
    assert refused.value.faults == faults
    assert not LetterTemplate.objects.exists()


def test_the_newest_of_all_kinds_comes_in_one_query(
    lead: User, django_assert_num_queries: Any
) -> None:
    for base in range(3):
        write(lead, base, subject=f"Version {base}")

    with django_assert_num_queries(1):
        found = templating.newest()
        names = [each.row.author.username for each in found.values() if each.row]

    assert (list(found), names) == (list(TEMPLATES), ["lead"])
    assert found["api_error"].template.subject == "Version 2"


def test_the_use_of_the_template_is_that_of_the_draft(agent: User, lead: User) -> None:
    write(lead)
    inquiry = inquiry_of(agent, UUID(int=7))
    services.save(inquiry, {"question": ""}, agent, base=1)
    write(lead, 1, question="Newer?")

    assert mending.ask(inquiry, agent).question.startswith("What is code 1300")
