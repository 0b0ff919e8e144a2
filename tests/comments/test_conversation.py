"""Talking: whom a comment calls and tells, once each; and taking back what was said."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from support_portal.accounts.models import TalkMail, User
from support_portal.comments.mentions import mentioned
from support_portal.comments.models import Comment, EarlierText
from support_portal.comments.people import suggested
from support_portal.comments.services import (
    BODY_LIMIT,
    LongComment,
    NotYours,
    Overtaken,
    add_comment,
    bring,
    edit,
    say,
    take_back,
)
from support_portal.comments.telling import follow, follows
from support_portal.notices import services as notices
from support_portal.notices.models import Kind, Notice
from tests.comments.about import about
from tests.notices.told import news
from tests.together import many_writers, together

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def told(person: User) -> list[str]:
    """Return what a person was told, oldest first, without the record's name."""
    titles = Notice.objects.of(person).reverse().values_list("title", flat=True)
    return [title.partition(" on ")[0] for title in titles]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("@lead look", ["lead"]),
        ("see @lead, @viewer.", ["lead", "viewer"]),
        ("(@Lead)", ["lead"]),
        ("@lead @lead", ["lead"]),
        ("mail to someone@lead", []),
        ("https://example.com/@lead", []),
        ("@leader", []),
        ("> @lead said so\nyes", []),
        ("@nobody", []),
        ("@", []),
    ],
)
def test_a_name_behind_an_at_sign_calls_a_person(
    body: str, names: list[str], lead: User, viewer: User
) -> None:
    assert [person.username for person in mentioned(body)] == names


@pytest.mark.parametrize(
    ("body", "names"),
    [("@Édith", ["Édith"]), ("@Jo", ["Jo"]), ("@jo", ["jo"]), ("@JO, @jo", ["jo"])],
)
def test_a_name_calls_whom_it_spells(body: str, names: list[str], db: None) -> None:
    for name in ("Édith", "Jo", "jo"):
        User.objects.create_user(name)

    assert [person.username for person in mentioned(body)] == names


def test_who_left_is_not_called(lead: User) -> None:
    User.objects.update(is_active=False)

    assert mentioned("@lead") == []


@given(st.text(max_size=300))
def test_any_text_can_be_looked_through_for_names(body: str) -> None:
    assert mentioned(body.replace("\x00", "")) == []


def test_who_is_called_answered_or_follows_is_told_once_and_the_author_never(
    agent: User, lead: User, viewer: User
) -> None:
    first = say(about(), "anyone?", lead)
    follow(about(), viewer, wanted=True)

    say(about(), "@lead @viewer @agent yes", agent, reply_to=first)

    assert told(lead) == ["agent mentioned you"]
    assert told(viewer) == ["agent mentioned you"]
    assert told(agent) == []
    notice = Notice.objects.of(lead).get()
    assert (notice.kind, notice.text) == ("talk", "@lead @viewer @agent yes")
    assert notice.link.endswith(f"#comment-{Comment.objects.latest('id').pk}")


def test_an_answer_and_a_new_comment_are_told_of(agent: User, lead: User, viewer: User) -> None:
    first = say(about(), "anyone?", lead)
    say(about(), "I", viewer)
    say(about(), "me too", agent, reply_to=first)

    assert told(lead) == ["viewer commented", "agent answered you"]
    assert told(viewer) == ["agent commented"]


def test_who_may_not_see_the_record_is_not_told_and_does_not_follow(
    agent: User, lead: User
) -> None:
    hidden = about(hidden_from=[lead])

    say(hidden, "@lead secret", agent)

    assert (told(lead), follows(hidden, lead)) == ([], False)


def test_who_may_not_see_it_any_more_is_not_told_though_they_follow(
    agent: User, lead: User
) -> None:
    follow(about(), lead, wanted=True)

    say(about(hidden_from=[lead]), "secret", agent)

    assert told(lead) == []


def test_who_does_not_want_to_follow_is_told_when_called_and_does_not_follow_again(
    agent: User, lead: User
) -> None:
    say(about(), "I was here", lead)
    follow(about(), lead, wanted=False)

    say(about(), "something", agent)
    say(about(), "@lead please", agent)
    say(about(), "something else", agent)

    assert told(lead) == ["agent mentioned you"]


def test_the_same_form_sent_twice_says_it_once(agent: User, lead: User) -> None:
    follow(about(), lead, wanted=True)

    first = say(about(), "hello", agent, form="f1")
    again = say(about(), "hello", agent, form="f1")
    say(about(), "hello", lead, form="f1")

    assert first.pk == again.pk
    assert (Comment.objects.count(), told(lead)) == (2, ["agent commented"])


def test_a_form_that_comes_back_with_other_words_says_them_too(agent: User) -> None:
    for body in ("hello", "hello\r\n", "and this"):
        say(about(), body, agent, form="f1")

    assert list(Comment.objects.order_by("id").values_list("body", flat=True)) == [
        "hello",
        "and this",
    ]


@many_writers
@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_at_the_same_moment_says_it_once(agent: User) -> None:
    said = together(*[lambda: say(about(), "hello", agent, form="f1").pk] * 2)

    assert (len(said), len(set(said)), Comment.objects.count()) == (2, 1, 1)


@many_writers
@pytest.mark.django_db(transaction=True)
def test_the_same_comment_from_elsewhere_at_the_same_moment_is_brought_once() -> None:
    brought = partial(
        bring, about(), "hello", source="the desk", id="7", author_name="Ann", at=None
    )

    assert sorted(together(*[brought] * 4)) == [False, False, False, True]
    assert Comment.objects.count() == 1


def test_what_was_said_before_an_edit_is_kept_with_its_time(agent: User) -> None:
    comment = say(about(), "one", agent)

    edit(comment, about(), "two", agent, base=1)
    edit(comment, about(), "three", agent, base=2)
    edit(comment, about(), "three", agent, base=3)

    comment.refresh_from_db()
    earlier = EarlierText.objects.order_by("version")
    assert (comment.body, comment.version) == ("three", 3)
    assert [(each.version, each.body) for each in earlier] == [(1, "one"), (2, "two")]
    assert earlier[0].said_at == comment.created_at < earlier[1].said_at < comment.edited_at


def test_of_two_edits_the_later_one_is_told_how_it_stands(agent: User) -> None:
    comment = say(about(), "one", agent)
    edit(comment, about(), "two", agent, base=1)

    with pytest.raises(Overtaken) as overtaken:
        edit(comment, about(), "mine", agent, base=1)

    assert (overtaken.value.now.body, overtaken.value.now.version) == ("two", 2)


@many_writers
@pytest.mark.django_db(transaction=True)
def test_two_edits_at_the_same_moment_keep_one_and_refuse_the_other(agent: User) -> None:
    comment = say(about(), "one", agent)

    def change(text: str) -> str:
        try:
            edit(comment, about(), text, agent, base=1)
        except Overtaken:
            return "refused"
        return "kept"

    outcomes = together(partial(change, "two"), partial(change, "three"))

    comment.refresh_from_db()
    assert (sorted(outcomes), comment.version) == (["kept", "refused"], 2)


def test_only_the_author_edits(agent: User, lead: User) -> None:
    comment = say(about(), "one", agent)

    with pytest.raises(NotYours):
        edit(comment, about(), "mine", lead, base=1)


def test_a_long_edit_is_refused(agent: User) -> None:
    comment = say(about(), "one", agent)

    with pytest.raises(LongComment):
        edit(comment, about(), "x" * (BODY_LIMIT + 1), agent, base=1)


def test_an_edit_tells_those_whom_it_calls_for_the_first_time(agent: User, lead: User) -> None:
    comment = say(about(), "@lead one", agent)
    edit(comment, about(), "@lead two", agent, base=1)
    edit(comment, about(), "@lead @viewer two", agent, base=2)

    assert told(lead) == ["agent mentioned you"]


def test_what_is_deleted_is_gone_with_its_earlier_texts_and_from_notices(
    agent: User, lead: User, settings: Settings
) -> None:
    settings.MAIL_ON = True
    User.objects.filter(pk=lead.pk).update(email="lead@example.com", talk_mail=TalkMail.DAILY)
    comment = say(about(), "@lead password", agent)
    edit(comment, about(), "@lead the password", agent, base=1)

    take_back(comment, agent)
    take_back(comment, lead, why="later")

    comment.refresh_from_db()
    notice = Notice.objects.of(lead).get()
    assert (comment.body, EarlierText.objects.count(), comment.gone_by) == ("", 0, agent)
    assert (notice.text, notice.mail_due_at) == ("", None)


def test_what_is_deleted_is_gone_from_the_notice_of_who_was_answered_without_following(
    agent: User, lead: User
) -> None:
    before = add_comment(kind=about().kind, key=about().key, body="anyone?", author=lead)
    comment = say(about(), "the password", agent, reply_to=before)

    take_back(comment, agent)

    assert told(lead) == ["agent answered you"]
    assert Notice.objects.of(lead).get().text == ""


def test_what_was_taken_back_is_not_edited(agent: User) -> None:
    comment = say(about(), "one", agent)
    take_back(comment, agent)

    with pytest.raises(Overtaken):
        edit(comment, about(), "two", agent, base=2)


def test_people_are_offered_by_the_beginning_of_any_name(
    agent: User, lead: User, viewer: User
) -> None:
    User.objects.filter(pk=lead.pk).update(first_name="Marisol", last_name="Agbayani")

    assert suggested("ag", about()) == [agent, lead]
    assert suggested("ag", about(hidden_from=[lead])) == [agent]
    assert suggested("%", about()) == []
    assert suggested("", about()) == [agent, lead, viewer]


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("UTC", NOON, datetime(2026, 11, 21, 7, tzinfo=UTC)),
        ("UTC", datetime(2026, 11, 20, 6, 59, tzinfo=UTC), datetime(2026, 11, 20, 7, tzinfo=UTC)),
        ("Asia/Manila", NOON, datetime(2026, 11, 20, 23, tzinfo=UTC)),
        ("America/New_York", NOON - timedelta(minutes=1), datetime(2026, 11, 20, 12, tzinfo=UTC)),
    ],
)
def test_the_mail_of_the_day_goes_in_the_morning_of_the_reader(
    zone: str, now: datetime, due: datetime, agent: User
) -> None:
    agent.time_zone = zone

    assert notices.next_daily(agent, now) == due


@pytest.mark.parametrize(
    ("choice", "talk_due"),
    [
        (TalkMail.AT_ONCE, NOON),
        (TalkMail.DAILY, datetime(2026, 11, 21, 7, tzinfo=UTC)),
        (TalkMail.NEVER, None),
    ],
)
def test_what_colleagues_write_is_mailed_as_the_person_chose_and_all_else_at_once(
    choice: TalkMail, talk_due: datetime | None, agent: User, settings: Settings
) -> None:
    settings.MAIL_ON = True
    agent.email, agent.talk_mail = "ana@example.com", choice
    talk = notices.News(agent, Kind.TALK, "Ben commented", "/errors/", "comment 1")

    notices.tell([talk, news(agent)], NOON)

    due = dict(Notice.objects.values_list("kind", "mail_due_at"))
    assert due == {"talk": talk_due, "arrived": NOON}


def test_what_waits_for_the_mail_of_the_day_goes_by_the_new_choice(
    agent: User, settings: Settings
) -> None:
    settings.MAIL_ON = True
    agent.email, agent.talk_mail = "ana@example.com", TalkMail.DAILY
    notices.tell([notices.News(agent, Kind.TALK, "Ben commented", "/errors/", "comment 1")], NOON)

    notices.choose_talk_mail(agent, TalkMail.AT_ONCE, NOON)

    assert [each.mail_due_at for each in Notice.objects.to_mail(NOON)] == [NOON]


def test_what_was_read_here_is_not_in_the_mail_of_the_day(agent: User, settings: Settings) -> None:
    settings.MAIL_ON = True
    agent.email, agent.talk_mail = "ana@example.com", TalkMail.DAILY
    talk = [
        notices.News(agent, Kind.TALK, f"Ben {number}", "/errors/", f"comment {number}")
        for number in range(3)
    ]
    notices.tell(talk, NOON)
    first, second, _ = Notice.objects.of(agent).reverse()

    notices.mark_read(agent, [first.id])
    notices.mark_all_read(agent, second.id)

    tomorrow = NOON + timedelta(days=1)
    assert [each.title for each in Notice.objects.to_mail(tomorrow)] == ["Ben 2"]


def test_who_may_not_see_a_record_is_said_not_to_have_been_told(
    agent: User, lead: User, viewer: User
) -> None:
    comment = say(about(hidden_from=[viewer]), "@lead @viewer look", agent)

    assert (comment.mentions, comment.untold) == (["lead"], ["viewer"])
    assert told(viewer) == []
    edit(comment, about(), "@lead @viewer look here", agent, base=1)
    comment.refresh_from_db()
    assert (comment.mentions, comment.untold) == (["lead", "viewer"], [])
    assert told(viewer) == ["agent mentioned you"]
    take_back(comment, agent)
    comment.refresh_from_db()
    assert comment.untold == []
