"""The intake page: how the intake is, when it did not listen, and the last deliveries."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from support_portal.accounts.models import Team, User
from support_portal.dashboard.health import Check, Health, Picture, health, processes
from support_portal.dashboard.templatetags.portal import bounded, pace
from support_portal.ingest.limits import Figure, Standing
from support_portal.ingest.listening.clocks import Ahead
from support_portal.ingest.listening.models import (
    ArrivalCount,
    DeafInterval,
    DeafKind,
    Role,
    SignOfLife,
)
from support_portal.ingest.listening.selectors import Sign
from support_portal.ingest.listening.services import note_deaf
from support_portal.ingest.selectors import IntakeStatus
from support_portal.ingest.services import drain, receive
from support_portal.payloads.ignoring import RULES
from tests.conftest import ClientFor
from tests.dashboard.parts import part, said
from tests.dashboard.reading import links, notes, page, words
from tests.dashboard.rows import GOOD

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FULL = Standing((Figure("disk", 2**20, 2**30, over=True),))
FILLING = Standing((Figure("deliveries", 410_000, 500_000, over=False),))
HOSTILE = "<img src=x onerror=alert(4)>"


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def status(**values: object) -> IntakeStatus:
    given: dict[str, object] = {
        "pending": 0,
        "lag_seconds": 0.0,
        "last_received_at": NOW,
        "quarantined": 0,
    }
    return IntakeStatus(**given | values)  # type: ignore[arg-type]


def signs(**seconds: float) -> dict[Role, Sign]:
    """Return signs of life of all, those named so many seconds old."""
    found = {}
    for role in Role:
        seen = ago(seconds=seconds.get(role.value, 2))
        found[role] = Sign(role, seen, 1, NOW)
    return found


def deaf(seconds: int = 420, **values: Any) -> DeafInterval:
    """Return an interval of so many seconds that ended an hour ago."""
    ended = ago(hours=1)
    given = {
        "kind": DeafKind.DOWN,
        "began_at": ended - timedelta(seconds=seconds),
        "ended_at": ended,
    }
    return DeafInterval(**given | values)


def silent(name: str = "northwind_ph_hq") -> DeafInterval:
    return deaf(kind=DeafKind.SILENT, sub_account=name, sources="hook", expected=48, ended_at=None)


def picture(**values: Any) -> Picture:
    return Picture(**{"now": NOW, "state": status(), "signs": signs()} | values)


@pytest.mark.parametrize(
    ("seen", "tone", "title"),
    [
        (picture(), "ok", "All is well: everything that was sent is recorded."),
        (picture(signs={}), "ok", "All is well: everything that was sent is recorded."),
        (picture(signs=signs(web=300)), "bad", "Nothing can be kept since 23 Nov, 11:55:00."),
        (
            picture(limits=FULL),
            "bad",
            "The intake takes nothing in. Only 1.0 MB are free on the disk; 1.0 GB are kept free.",
        ),
        (
            picture(state=status(pending=3, lag_seconds=48.0)),
            "warn",
            "The intake is 48 s behind.",
        ),
        (
            picture(state=status(pending=3, lag_seconds=90.0), signs=signs(worker=120)),
            "bad",
            "The intake is 1 min 30 s behind: the worker has not run since 23 Nov, 11:58:00.",
        ),
        (
            picture(state=status(pending=3, lag_seconds=90.0), signs=signs(sweep=180)),
            "bad",
            "The intake is 1 min 30 s behind: the broker has brought the worker nothing since"
            " 23 Nov, 11:57:00.",
        ),
        (picture(signs=signs(worker=120)), "bad", "The worker has not run since 23 Nov, 11:58:00."),
        (
            picture(signs=signs(beat=120)),
            "bad",
            "The scheduler (beat) has not run since 23 Nov, 11:58:00.",
        ),
        (
            picture(signs=signs(sweep=180)),
            "bad",
            "The broker has brought the worker nothing since 23 Nov, 11:57:00.",
        ),
        (
            picture(lost=deaf()),
            "warn",
            "We did not listen 23 Nov, 10:53:00 to 11:00:00: receipts may be missing.",
        ),
        (
            picture(silent=[silent()]),
            "warn",
            "northwind_ph_hq is silent since 23 Nov, 10:53:00.",
        ),
        (
            picture(silent=[silent("a"), silent("b")]),
            "warn",
            "2 sub-accounts that usually send are silent.",
        ),
        (
            picture(state=status(quarantined=2)),
            "warn",
            "2 items were not understood.",
        ),
        (
            picture(state=status(quarantined=20), quarantined_lately=12),
            "warn",
            "20 items were not understood, 12 of them in the last hour.",
        ),
        (
            picture(state=status(quarantined=1), quarantined_lately=1),
            "warn",
            "1 item was not understood, in the last hour.",
        ),
        (
            picture(state=status(quarantined=10_001), quarantined_lately=10_001),
            "warn",
            "More than 10,000 items were not understood, more than 10,000 of them in the last hour.",
        ),
        (
            picture(limits=FILLING),
            "warn",
            "The intake will soon take nothing in. 410,000 deliveries wait to be read; no more than"
            " 500,000 may.",
        ),
        (
            picture(slow_by=timedelta(minutes=4)),
            "warn",
            "The clock of this web server is 4 min behind that of the database.",
        ),
        (
            picture(slow_by=timedelta(minutes=-4)),
            "warn",
            "The clock of this web server is 4 min ahead of that of the database.",
        ),
        (
            picture(ahead=Ahead(12, timedelta(minutes=4), "8x8", ours=True)),
            "warn",
            "12 records of the last hour are dated up to 4 min in the future: our clock is probably"
            " slow.",
        ),
        (
            picture(ahead=Ahead(500, timedelta(hours=8), "dispatch", ours=False, more=True)),
            "warn",
            "500+ records of the last hour from dispatch are dated up to 8 h in the future.",
        ),
        (picture(state=status(last_received_at=None)), "info", "Nothing has been sent to us yet."),
        (
            picture(state=status(last_received_at=ago(hours=3))),
            "info",
            "All that was sent is recorded. The last delivery came 3 h ago.",
        ),
    ],
)
def test_one_sentence_says_how_the_intake_is(seen: Picture, tone: str, title: str) -> None:
    found = health(seen)

    assert (found.tone, found.title) == (tone, title)
    assert bool(found.steps) == (found != Health("ok", title))


def test_the_most_urgent_thing_comes_first_and_all_else_that_is_wrong_after_it() -> None:
    found = health(
        picture(
            signs=signs(beat=300, sweep=300),
            limits=FULL,
            state=status(pending=9, lag_seconds=300.0, quarantined=3),
            lost=deaf(),
            silent=[silent()],
            slow_by=timedelta(minutes=2),
        )
    )

    assert [(one.tone, " ".join(one.title.split()[:4])) for one in (found, *found.also)] == [
        ("bad", "The intake takes nothing"),
        ("warn", "The intake is 5"),
        ("bad", "The scheduler (beat) has"),
        ("warn", "We did not listen"),
        ("warn", "northwind_ph_hq is silent since"),
        ("warn", "3 items were not"),
        ("warn", "The clock of this"),
    ]
    assert all(one.steps for one in found.also)


@pytest.mark.parametrize("key", ["deliveries", "bytes", "disk", "database"])
def test_closed_doors_lose_webhooks_and_the_page_says_so(key: str) -> None:
    present, limit = (1, 2) if key == "disk" else (2, 1)

    found = health(picture(limits=Standing((Figure(key, present, limit, over=True),))))

    assert found.steps[0] == (
        "8x8 repeats each webhook for 131 s. What it sends later than that is lost until this is"
        " mended."
    )


@pytest.mark.parametrize(
    "seen",
    [
        picture(state=status(lag_seconds=90.0), signs=signs(worker=300, sweep=300)),
        picture(state=status(lag_seconds=90.0), signs=signs(sweep=300)),
        picture(signs=signs(web=300, worker=300, beat=300, sweep=300)),
        picture(signs=signs(worker=300, beat=300, sweep=300)),
        picture(limits=FULL),
        picture(state=status(quarantined=3, last_received_at=ago(hours=3))),
    ],
    ids=["worker", "broker", "database", "worker and scheduler", "full", "quiet"],
)
def test_what_follows_from_another_trouble_is_not_told_as_a_second_one(seen: Picture) -> None:
    assert health(seen).also == ()


def test_each_kind_of_process_has_a_line_with_what_to_do_when_it_is_not_there() -> None:
    found = signs(worker=120, sweep=5)
    del found[Role.BEAT]

    assert processes(picture(signs=found)) == [
        Check("Web server", "ok", "1 process, last sign 2 s ago"),
        Check(
            "Worker",
            "bad",
            "no sign of life since 23 Nov, 11:58:00",
            "Start it: celery -A support_portal.celery worker -P solo",
        ),
        Check(
            "Scheduler (beat)",
            "none",
            "no sign of life yet",
            "Start it: celery -A support_portal.celery beat",
        ),
        Check("Broker", "none", "not known while the worker or the scheduler does not run"),
    ]
    assert processes(picture(signs={})) == []
    assert processes(picture())[-1] == Check(
        "Broker", "ok", "brings the worker its work, last sign 2 s ago"
    )


def deliveries(response: HttpResponseBase) -> list[list[str]]:
    """Return the cells of the table of deliveries."""
    table = part(page(response), r'aria-label="Deliveries, table">.*?<tbody>(.*?)</tbody>')
    return [
        [words(cell) for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?>(.*?)</tr>", table, re.DOTALL)
    ]


def sign(role: Role, seconds_old: float = 1) -> None:
    seen = timezone.now() - timedelta(seconds=seconds_old)
    SignOfLife.objects.create(role=role, name="one:1", began_at=seen, seen_at=seen)


def headline(client: Client) -> str:
    return said(page(client.get("/intake/")), r'<h2 id="health".*?</h2>')


@pytest.mark.django_db
def test_the_page_without_anything_says_what_comes_first(agent_client: Client) -> None:
    html = page(agent_client.get("/intake/"))

    assert said(html, r'<h2 id="health".*?</h2>') == "Nothing has been sent to us yet."
    assert "None known" in html
    assert "Nothing came in the last 24 hours." in html
    assert 'id="processes"' not in html


def test_the_page_tells_of_a_worker_that_died(agent_client: Client) -> None:
    sign(Role.WEB)
    sign(Role.WORKER, 600)

    html = page(agent_client.get("/intake/"))

    assert headline(agent_client).startswith("The worker has not run since ")
    assert (
        said(html, r'aria-labelledby="processes".*?</section>').count("no sign of life since") == 1
    )


def test_a_loss_stands_on_top_until_somebody_says_what_was_done(
    agent_client: Client, agent: User
) -> None:
    ended = timezone.now() - timedelta(hours=1)
    lost = note_deaf(DeafKind.DOWN, ended - timedelta(minutes=7), ended)
    receive(GOOD, source="api")
    drain()
    before = headline(agent_client)

    response = agent_client.post(f"/intake/deaf/{lost.id}/", {"note": HOSTILE}, follow=True)

    assert before.startswith("We did not listen ")
    assert notes(response)[:1] == ["Kept."]
    assert HOSTILE not in page(response)
    assert HOSTILE in words(page(response).replace("&lt;", "‹").replace("&gt;", "›")).replace(
        "‹", "<"
    ).replace("›", ">")
    assert headline(agent_client) == "All is well: everything that was sent is recorded."
    lost.refresh_from_db()
    assert (lost.note, lost.noted_by) == (HOSTILE, "agent")


def test_a_viewer_reads_what_an_interval_means_but_names_none(
    viewer: User, client_for: ClientFor
) -> None:
    client = client_for(viewer)
    ended = timezone.now()
    lost = note_deaf(
        DeafKind.REFUSED, ended - timedelta(seconds=90), ended, refused=3, doors=["hook"]
    )

    response = client.get(f"/intake/deaf/{lost.id}/")

    assert client.post(f"/intake/deaf/{lost.id}/", {"note": "x"}).status_code == 403
    assert "<textarea" not in part(
        page(response), r'<section class="card" aria-labelledby="note">.*'
    )
    assert "3 calls were answered with an error (Webhook). It was shorter than the 131 s" in page(
        response
    )


def test_a_silence_is_shown_only_to_those_who_look_after_the_sub_account(
    client_for: ClientFor, agent_client: Client
) -> None:
    sign(Role.WEB)
    hidden = silent()
    hidden.save()
    team = Team.objects.create(name="Island desk", sub_accounts=["northwind_id_lastmile"])
    other = client_for(User.objects.create_user("reader", team=team))

    assert "northwind_ph_hq is silent" in headline(agent_client)
    assert "northwind_ph_hq" not in page(other.get("/intake/"))
    assert other.get(f"/intake/deaf/{hidden.id}/").status_code == 404
    assert agent_client.get(f"/intake/deaf/{hidden.id}/").status_code == 200


def test_the_part_that_is_asked_for_again_says_a_new_sentence_and_not_the_same(
    agent_client: Client,
) -> None:
    headers = {"HX-Request": "true"}

    new = page(agent_client.get("/intake/?part=now&said=x", headers=headers))
    same = page(
        agent_client.get(
            "/intake/", {"part": "now", "said": "Nothing has been sent to us yet."}, headers=headers
        )
    )

    assert new.lstrip().startswith('<div id="now" hx-get="/intake/?part=now&amp;said=')
    assert new.count('id="beside" hx-swap-oob="true"') == 1
    assert '<p class="vh" id="said" role="status" hx-swap-oob="true">' in new
    assert 'id="said"' not in same
    assert 'id="deliveries"' not in new


def test_the_day_is_drawn_and_told_as_a_table(agent_client: Client) -> None:
    minute = int(timezone.now().timestamp()) // 60
    ArrivalCount.objects.create(
        measure="minute", source="hook", subject="", slot=minute - 70, items=1234, last=0
    )

    html = page(agent_client.get("/intake/"))

    drawing = part(html, r'<svg class="chart".*?</svg>')
    assert drawing.count('<rect class="b-in"') == 1
    assert "1,234 items in the last 24 hours" in drawing
    table = part(html, r'aria-label="Hour by hour, table">(.*?)</table>')
    assert words(table).count("1,234") + words(table).count("1234") == 1


@pytest.mark.parametrize("many", [1, 30])
def test_the_page_takes_the_same_queries_for_one_and_for_many(
    many: int, agent_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    for number in range(many):
        ended = now - timedelta(days=1, hours=number)
        note_deaf(DeafKind.DOWN, ended - timedelta(minutes=9), ended)
        sign(Role.WEB, number)
        receive(GOOD.replace(b"1cc1eda1", b"%08x" % number), source="api", sender=f"s{number}")
    drain()
    agent_client.get("/intake/")

    with django_assert_max_num_queries(21):  # two are the limits, asked once a second
        agent_client.get("/intake/")


def test_deliveries_are_listed_with_what_became_of_them(agent_client: Client) -> None:
    receive(GOOD, source="api", sender="dispatch")
    receive(b"nonsense", source="hook", sender="8x8")
    drain()
    receive(GOOD, source="file", sender="<b>archive</b>")

    found = [row[2:] for row in deliveries(agent_client.get("/intake/"))]

    assert sorted(found) == [
        ["not understood", "Webhook", "8x8", "8", "0", "0", "0", "1"],
        ["read", "API", "dispatch", str(len(GOOD)), "1", "0", "0", "0"],
        ["waits", "File", "<b>archive</b>", str(len(GOOD)), "0", "0", "0", "0"],
    ]


def test_deliveries_are_paged_newest_first(agent_client: Client) -> None:
    made = sorted(str(receive(b"{}", source="api").id) for _ in range(30))

    first = agent_client.get("/intake/?per_page=25")
    second = agent_client.get(links(first, "Older")[0])

    shown = [row[1].replace(" ", "") for each in (first, second) for row in deliveries(each)]
    assert shown == [f"{one[:8]}…{one[-4:]}" for one in made[::-1]]


def test_every_rule_stands_there_with_what_it_dropped(agent_client: Client) -> None:
    receive(b'{"cancelledCount": 1}', source="api")
    receive(b'[{"cancelledCount": 1}, {"cancelledCount": 2}]', source="file")
    drain()

    card = part(page(agent_client.get("/intake/")), r'aria-labelledby="dropped">.*?</section>')

    rows = [words(row) for row in re.findall(r"<li>.*?</li>", card, re.DOTALL)]
    assert rows[0].startswith(f"{RULES['cancel_result']} the last ")
    assert rows[0].endswith(" 3")
    assert sorted(rows[1:]) == sorted(
        f"{told} none yet" for rule, told in RULES.items() if rule != "cancel_result"
    )


def test_a_rule_of_another_version_is_shown_by_its_name(agent_client: Client) -> None:
    ArrivalCount.objects.create(
        measure="rule", source="", subject="old_rule", slot=0, items=1234, last=0
    )

    card = part(page(agent_client.get("/intake/")), r'aria-labelledby="dropped">.*?</section>')

    assert re.search(r"<div>old_rule<small>.*?1,234</span>", card, re.DOTALL)


@pytest.mark.parametrize(
    ("number", "told"),
    [(0.0, "0"), (0.2, "0.2"), (3.0, "3"), (9.96, "10"), (12.6, "13"), (2000.2, "2,000")],
)
def test_how_many_come_in_a_minute_is_told_as_exactly_as_helps(number: float, told: str) -> None:
    assert pace(number) == told


def test_what_is_counted_no_further_is_not_told_as_exact() -> None:
    assert [bounded(number) for number in (9_999, 10_000, 10_001)] == [
        "9,999", "10,000", "over 10,000",
    ]  # fmt: skip
