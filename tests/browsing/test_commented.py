"""Records with comments are found by their ids."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.http import QueryDict
from django.test import Client

from support_portal.accounts.models import User
from support_portal.browsing.filtering import Filter
from support_portal.browsing.windows import windowed
from support_portal.comments import selectors
from support_portal.comments.models import Comment
from support_portal.comments.services import add_comment, take_back
from support_portal.events.models import EVERYTHING
from support_portal.insights.models import Kind
from tests.dashboard.reading import ids, links, page
from tests.dashboard.sending import a_receipt, an_error, sent

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FIRST, SECOND = (UUID(f"1cc1eda1-f5dd-ea11-8288-00000000000{number}") for number in (1, 2))


@pytest.fixture(autouse=True)
def _records(db: None) -> None:
    sent(an_error(1), an_error(2), an_error(3), a_receipt(1), a_receipt(2))
    add_comment(kind="error", key=str(FIRST), body="one")
    add_comment(kind="error", key=str(FIRST), body="two")
    add_comment(kind="error", key="1cc1eda1-f5dd-ea11-8288-0000000000ff", body="not held")


def found(line: str, kind: Kind = Kind.ERROR) -> set[Any]:
    asked, problems = Filter.from_line(kind, line, NOW)
    assert not problems
    assert Filter.read(kind, QueryDict(asked.to_query()), NOW) == asked
    return {row.pk for row in asked.rows(EVERYTHING)}


def test_the_line_finds_records_with_comments_and_those_without() -> None:
    assert found("has:comments") == {FIRST}
    assert len(found("-has:comments")) == 2
    assert found("has:comments code:1300 -channel:sms") == {FIRST}
    assert found("has:comments", Kind.MESSAGE) == set()


def test_what_was_taken_back_is_no_comment(agent: User) -> None:
    for comment in Comment.objects.all():
        take_back(comment, agent)

    assert found("has:comments") == set()


def test_they_are_of_all_time_and_counted_one_by_one() -> None:
    asked, _ = Filter.from_line(Kind.ERROR, "has:comments code:1300", NOW)

    assert windowed(asked, EVERYTHING, NOW) == asked
    assert (asked.question(EVERYTHING, NOW), asked.count(EVERYTHING)) == (None, 1)


def test_that_there_are_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_COMMENTS", 2)
    asked, _ = Filter.from_line(Kind.ERROR, "has:comments", NOW)

    assert asked.is_cut(EVERYTHING)


@pytest.mark.parametrize("value", ["x", "Comments,x"])
def test_another_word_is_refused(value: str) -> None:
    _, problems = Filter.from_line(Kind.ERROR, f"has:{value}", NOW)

    assert [each.text for each in problems] == ["“x” is no thing to have. There are: comments."]


def test_a_view_shows_them(agent_client: Client) -> None:
    response = agent_client.get("/errors/?view=commented", follow=True)

    assert ids(response) == [str(FIRST)]
    assert links(response, "Commented") != []
    assert "1 of 1" in page(response) or "has=comments" in response.redirect_chain[-1][0]
