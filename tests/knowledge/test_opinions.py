"""The one verdict: the tables' words, and the most specific of the team's before them."""

from typing import Any

import pytest

from support_portal.accounts.models import User
from support_portal.knowledge import services
from support_portal.knowledge.opinions import Opinion, opinions
from support_portal.knowledge.selectors import notes_on
from support_portal.knowledge.services import Words
from support_portal.knowledge.subjects import Subject
from support_portal.reason_codes import Context, Reading, Retry, Whose, decode


def api(code: int) -> Reading:
    """Return a code of an API error."""
    return decode(Context.API_ERROR, "sms", code)


def say(lead: User, subject: Subject, **words: Any) -> None:
    """Say something else than the tables."""
    services.override(subject, Words(**words), base=0, author=lead, reason="we asked")


def opinion(reading: Reading, **place: str) -> Opinion:
    """Return what is shown for a reading."""
    return opinions([reading]).on(reading, **place)


def test_without_a_word_of_the_team_the_tables_stand(db: None) -> None:
    reading = api(1300)

    assert opinion(reading) == Opinion(reading, reading)


@pytest.mark.parametrize(
    ("place", "whose", "by"),
    [
        ({"operator": "Globe", "country": "PH"}, Whose.OPERATOR, ["operator", "country", ""]),
        ({"operator": "GLOBE"}, Whose.OPERATOR, ["operator", ""]),
        ({"country": "PH"}, Whose.RECIPIENT, ["country", ""]),
        ({"country": "SG"}, Whose.PLATFORM, [""]),
        ({}, Whose.PLATFORM, [""]),
    ],
)
def test_the_most_specific_word_counts(
    lead: User, place: dict[str, str], whose: Whose, by: list[str]
) -> None:
    say(lead, Subject("api_error", 1300, country="PH"), whose="recipient")
    say(lead, Subject("api_error", 1300), whose="platform")
    say(lead, Subject("api_error", 1300, operator="Globe"), whose="operator")

    told = opinion(api(1300), **place)

    kinds = ["operator" if o.operator else "country" if o.country else "" for o in told.overrides]
    assert (told.reading.verdict.whose, kinds) == (whose, by)


def test_each_field_takes_the_most_specific_word_that_there_is(lead: User) -> None:
    say(lead, Subject("api_error", 1300), retry="later", retry_after="tomorrow", headline="Wide.")
    say(lead, Subject("api_error", 1300, country="PH"), retry="already_retried")

    told = opinion(api(1300), country="PH")

    shown = told.reading.verdict
    assert (shown.headline, shown.retry, shown.retry_after) == ("Wide.", Retry.ALREADY_RETRIED, "")
    assert told.changes == {"headline", "retry"}
    assert shown.customer_text == told.official.verdict.customer_text


def test_what_may_hold_is_told_when_the_record_does_not_say_its_place(lead: User) -> None:
    say(lead, Subject("api_error", 1300, operator="Globe"), whose="operator")
    say(lead, Subject("api_error", 1300, country="PH"), whose="recipient")

    unknown, elsewhere = opinion(api(1300)), opinion(api(1300), country="SG", operator="Smart")

    assert ({each.subject.where for each in unknown.elsewhere}, elsewhere.elsewhere) == (
        {"Globe", "PH"},
        (),
    )


def test_what_was_taken_back_is_not_said(lead: User) -> None:
    say(lead, Subject("api_error", 1300), whose="platform")
    services.revoke(Subject("api_error", 1300), base=1, author=lead, reason="no longer so")

    assert opinion(api(1300)).overrides == ()


def test_another_table_with_the_same_number_is_left_alone(lead: User) -> None:
    say(lead, Subject("api_error", 1002), whose="platform")

    whatsapp = decode(Context.CHATAPPS_RECEIPT, "whatsapp", 1002)

    assert opinion(whatsapp).overrides == ()


def test_a_bare_number_stays_ambiguous(lead: User) -> None:
    say(lead, Subject("api_error", 1002), whose="platform")

    told = opinion(decode(Context.BARE, "", 1002))

    assert (told.reading.ambiguous, told.overrides) == (True, ())


@pytest.mark.parametrize(
    ("reading", "registry"),
    [
        (decode(Context.API_ERROR, "", 9999), "api_error"),
        (decode(Context.SMS_RECEIPT, "", 9999), "sms_dlr"),
        (decode(Context.CHATAPPS_RECEIPT, "line", 9999), "chatapps_dlr_general"),
        (decode(Context.CHATAPPS_RECEIPT, "whatsapp", 1999), "chatapps_dlr_whatsapp"),
    ],
)
def test_a_code_that_no_table_lists_says_the_name_of_the_team_and_stays_unlisted(
    lead: User, reading: Reading, registry: str
) -> None:
    say(lead, Subject(registry, reading.code), name="Quiet hours", whose="our_request")

    shown = opinion(reading).reading

    assert (shown.name, shown.named, shown.known) == ("Quiet hours", True, False)
    assert shown.verdict.whose is Whose.OUR_REQUEST


@pytest.mark.parametrize("many", [1, 50])
def test_any_number_of_readings_takes_one_query(
    lead: User, many: int, django_assert_num_queries: Any
) -> None:
    readings = [api(1300 + number) for number in range(many)]
    say(lead, Subject("api_error", 1300), whose="platform")

    with django_assert_num_queries(1):
        team = opinions(readings)
        shown = [team.on(reading, country="PH").reading for reading in readings]

    assert shown[0].verdict.whose is Whose.PLATFORM


def test_notes_concern_a_record_unless_its_place_is_another(lead: User) -> None:
    for where in ({}, {"operator": "Globe"}, {"country": "PH"}):
        subject = Subject("api_error", 1300, **where)
        services.write_note(subject, subject.where or "all", base=0, author=lead)

    def texts(**place: str) -> list[str]:
        return [note.text for note in notes_on(api(1300), **place)]

    assert texts() == ["all", "Globe", "PH"]
    assert texts(operator="globe", country="SG") == ["all", "Globe"]
    assert texts(operator="Smart", country="PH") == ["all", "PH"]
