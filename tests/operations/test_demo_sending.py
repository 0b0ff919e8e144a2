"""Sending the demo company through the intake."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from support_portal.accounts.admission import admit_hook, admit_token
from support_portal.accounts.models import ApiToken, HookKey, Team, User
from support_portal.comments.models import Comment
from support_portal.comments.selectors import thread
from support_portal.core import sealing
from support_portal.ingest.models import Delivery
from support_portal.operations.demo import feed, prepare
from support_portal.operations.demo.sending import keep_pace
from support_portal.operations.demo.story import tell

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 23, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
CLIENT_DOCUMENT = "1cc1eda1-f5dd-ea11-8288-0263195dd35a"
SECRETS = {
    "password": "a password for the demo",
    "token": "token-of-the-demo-0123456789",
    "hook_key": "hook-of-the-demo-0123456789",
}
TABLES = (Team, User, ApiToken, HookKey, Delivery, Comment)


def hurry() -> None:
    """Stand in for the pace of the feed: nobody else uses this inbox."""


def rows() -> list[list[object]]:
    return [list(model.objects.order_by("pk").values()) for model in TABLES]


def senders() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("sender", flat=True))


def test_prepare_creates_people_senders_bodies_and_comments() -> None:
    prepare(now=NOW, **SECRETS)

    people = User.objects.order_by("username").values_list("username", "role", "team__name")
    assert list(people) == [
        ("admin", "administrator", "Support"),
        ("agent", "agent", "Support"),
        ("layla", "agent", "Island desk"),
        ("lead", "lead", "Support"),
        ("viewer", "viewer", "Support"),
    ]
    assert {user.check_password(SECRETS["password"]) for user in User.objects.all()} == {True}
    assert not User.objects.filter(is_staff=True).exists()
    assert User.objects.get(username="lead").get_full_name() == "Ben Okafor"
    assert User.objects.get(username="layla").sub_accounts == [
        "northwind_id_lastmile",
        "northwind_my_depots",
    ]
    assert admit_token(SECRETS["token"]).may("events:write")
    assert admit_hook(SECRETS["hook_key"], "") is not None
    assert sorted(senders()) == [
        "demo:2026-07-23T09:30:00+00:00:0000",
        "demo:2026-07-23T09:30:00+00:00:around",
        "demo:2026-07-23T09:30:00+00:00:client-document",
        "demo:2026-07-23T09:30:00+00:00:strays",
    ]


def test_the_client_documents_comments_are_kept_as_printed() -> None:
    prepare(now=NOW, **SECRETS)

    imported = [
        (comment.body, comment.author, comment.author_name, comment.source)
        for comment in thread("error", CLIENT_DOCUMENT)[:2]
    ]
    assert imported == [
        ("<img src=x onerror=alert(4)>", None, "", "imported with the client document"),
        ("<img src=x onerror=alert(4)>", None, "", "imported with the client document"),
    ]


def test_colleagues_comment_before_now_and_each_under_a_name() -> None:
    prepare(now=NOW, **SECRETS)

    colleagues = Comment.objects.exclude(author=None)
    names = Counter(comment.author.get_full_name() for comment in colleagues if comment.author)
    assert set(names) == {"Ana Villareal", "Ben Okafor", "ليلى حداد"}
    assert not Comment.objects.filter(created_at__gte=NOW).exists()
    assert not Comment.objects.filter(created_at__lt=NOW - timedelta(days=16)).exists()


def test_preparing_again_changes_nothing() -> None:
    prepare(now=NOW, **SECRETS)
    before = rows()

    prepare(now=LATER, **SECRETS)

    assert rows() == before


def test_other_secrets_are_let_in_as_well() -> None:
    prepare(now=NOW, **SECRETS)

    prepare(now=LATER, password="another password", token="t" * 20, hook_key="h" * 20)

    assert {user.check_password("another password") for user in User.objects.all()} == {True}
    assert admit_token("t" * 20) is not None
    assert admit_token(SECRETS["token"]) is not None
    assert User.objects.count() == 5


def test_a_revoked_token_stays_revoked() -> None:
    prepare(now=NOW, **SECRETS)
    ApiToken.objects.update(revoked_at=NOW)

    prepare(now=LATER, **SECRETS)

    assert admit_token(SECRETS["token"]) is None


def test_feed_goes_on_where_an_earlier_run_was_stopped() -> None:
    prepare(now=NOW, **SECRETS)
    story = tell(NOW)
    reports: list[tuple[int, int]] = []

    class Stopped(Exception):
        pass

    def stop_at_the_third(sent: int, total: int) -> None:
        if sent >= 1_200:
            raise Stopped

    with pytest.raises(Stopped):
        feed(now=NOW, report=stop_at_the_third, pace=hurry)
    after_the_stop = senders()
    feed(now=LATER, report=lambda *numbers: reports.append(numbers), pace=hurry)

    numbered = [
        f"demo:2026-07-23T09:30:00+00:00:{number:04d}" for number in range(story.slice_count)
    ]
    assert sorted(after_the_stop)[:3] == numbered[:3]
    assert len(after_the_stop) == 6
    assert sorted(senders())[: len(numbered)] == numbered
    assert len(senders()) == len(numbered) + 3
    assert reports[-1] == (len(story.lines), len(story.lines))
    assert [sent for sent, _ in reports] == sorted(sent for sent, _ in reports)


def test_after_the_deliveries_were_pruned_nothing_is_sent_again() -> None:
    prepare(now=NOW, **SECRETS)
    Delivery.objects.all().delete()

    feed(now=LATER, report=lambda *_: None, pace=hurry)
    prepare(now=LATER, **SECRETS)

    assert senders() == []


def test_a_body_is_ndjson_oldest_line_first() -> None:
    prepare(now=NOW, **SECRETS)

    delivery = Delivery.objects.get(sender__endswith=":0000")

    lines = sealing.unseal(bytes(delivery.body)).splitlines()
    assert len(lines) == 400
    assert lines == sorted(lines, key=lambda line: line.partition(b",")[0])
    assert (delivery.source, delivery.content_type) == ("demo", "application/x-ndjson")


def test_the_command_prints_progress_and_sends_nothing_twice() -> None:
    prepare(now=NOW, **SECRETS)
    feed(now=NOW, report=lambda *_: None, pace=hurry)
    before = senders()
    out = StringIO()

    call_command("feed_demo", stdout=out)

    lines = out.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[-1] == "The demo data are complete."
    assert senders() == before


def test_the_pace_lets_the_feed_go_on_while_little_waits() -> None:
    prepare(now=NOW, **SECRETS)

    keep_pace()

    assert Delivery.objects.pending().count() == 4
