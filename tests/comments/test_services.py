"""A comment is kept as typed."""

import pytest

from support_portal.comments import selectors
from support_portal.comments.services import BODY_LIMIT, EmptyComment, LongComment, add_comment

pytestmark = pytest.mark.django_db
KEY = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"


@pytest.mark.parametrize(
    "body",
    [
        "<img src=x onerror=alert(4)>",
        "{{ 7 * 7 }}",
        "ليلى حداد",
        "a\n\nb",
        "zero\u200bwidth",
        "&amp;",
    ],
)
def test_a_comment_is_kept_as_typed(body):
    assert add_comment(kind="error", key=KEY, body=body).body == body


def test_what_no_database_holds_is_replaced():
    comment = add_comment(kind="error", key=KEY, body="a\x00b\r\nc")

    assert comment.body == "a\ufffdb\nc"


def test_nothing_is_no_comment():
    with pytest.raises(EmptyComment):
        add_comment(kind="error", key=KEY, body=" \n ")


def test_a_long_comment_is_refused_with_its_length():
    with pytest.raises(LongComment, match=r"10,001 characters; a comment holds 10,000\."):
        add_comment(kind="error", key=KEY, body="x" * (BODY_LIMIT + 1))


def test_a_thread_is_read_oldest_first_in_one_query(agent, django_assert_num_queries):
    for body in ("first", "second", "third"):
        add_comment(kind="error", key=KEY, body=body, author=agent)
    add_comment(kind="message", key=KEY, body="elsewhere")

    with django_assert_num_queries(1):
        thread = [
            (comment.author.username, comment.body) for comment in selectors.thread("error", KEY)
        ]

    assert thread == [("agent", "first"), ("agent", "second"), ("agent", "third")]


def test_comments_are_counted_for_a_page_in_one_query(django_assert_num_queries):
    add_comment(kind="error", key="a", body="1")
    add_comment(kind="error", key="a", body="2")
    add_comment(kind="error", key="b", body="3")

    with django_assert_num_queries(1):
        counts = selectors.counts("error", ["a", "b", "c"])

    assert counts == {"a": 2, "b": 1}
