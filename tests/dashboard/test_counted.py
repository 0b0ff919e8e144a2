"""What stands around the rows of a list agrees with the rows."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from support_portal.browsing.filtering import Filter
from support_portal.comments import selectors
from support_portal.comments.services import add_comment
from support_portal.dashboard import histogram, partings
from support_portal.dashboard.counted import counts
from support_portal.events.models import EVERYTHING
from support_portal.ingest.listening.models import DeafInterval, DeafKind
from support_portal.insights import combinations, rebuilding
from support_portal.insights.models import Kind
from tests.dashboard.reading import ids, links, page, words
from tests.events.arrived import a_receipt, an_error, at, record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 20, 12, 30, tzinfo=UTC)
RANGE = "from=2026-07-20T07:00:00Z&to=2026-07-20T12:00:00Z"


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch, team):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    cache.clear()
    team.all_sub_accounts, team.sub_accounts = False, ["a", "b"]
    team.save()


@pytest.fixture(autouse=True)
def _facts(_at_noon):
    combinations.known.forget()
    told = [
        (code, place, channel, number * 600)
        for code in (1300, 1002, 2000, 987_654)
        for place in ("a", "b", "")
        for channel in ("sms", "viber")
        for number in range(code % 7 + 1)
    ]
    errors = [
        an_error(
            error_id=UUID(int=place + 1),
            code=code,
            sub_account=sub_account,
            channel=channel,
            occurred_at=at(seconds),
        )
        for place, (code, sub_account, channel, seconds) in enumerate(told)
    ]
    receipts = [
        a_receipt(
            state, umid=UUID(int=place + 1), seconds=place * 100, sub_account="a", error_code=code,
            context="sms_receipt",
        )
        for place, (state, code) in enumerate(
            [("delivered", None), ("undelivered", 15), ("undelivered", 61), ("failed", 99_999)] * 6
        )
    ]  # fmt: skip
    record(*errors, *receipts)


@pytest.fixture
def _known_by_ids(_facts):
    record(
        an_error(
            error_id=UUID(int=70_000),
            code=7001,
            message="SubAccount 'x1-22' not found",
            sub_account="a",
            occurred_at=at(900),
        )
    )
    for kind in Kind:
        for number in (1, 2, 20, 70_000):
            add_comment(kind=kind.value, key=str(UUID(int=number)), body="seen")


QUERIES = [
    RANGE,
    "",
    "last=24h",
    f"{RANGE}&code=1300,2000",
    f"{RANGE}&not_code=1300",
    f"{RANGE}&whose=our_request&sub_account=a",
    f"{RANGE}&table=none",
    "from=2026-07-20T08:13:31Z&to=2026-07-20T09:07:03.5Z",
    f"{RANGE}&channel=sms&whose=unknown",
    f"{RANGE}&has=comments",
    f"{RANGE}&has=comments&sub_account=a",
    f"{RANGE}&not_has=comments",
    f"{RANGE}&text=x1-22",
    f"{RANGE}&not_text=x1-22",
    "from=2026-07-20T08:13:31Z&to=2026-07-20T09:07:03.5Z&not_has=comments&text=found",
]


def of(kind, query, by="", now=NOW):
    shown = Filter.read(kind, QueryDict(query), now)
    return shown, counts(shown, EVERYTHING, now, by=by, address=lambda other: other.to_query())


@pytest.mark.usefixtures("_known_by_ids")
@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("by", ["whose", "code", "state"])
@pytest.mark.parametrize("kind", Kind)
def test_number_drawing_and_facets_are_those_of_the_rows(kind, by, query):
    shown, found = of(kind, query, by)
    rows = list(shown.rows(EVERYTHING))

    assert found.total == len(rows)
    assert found.exact
    assert sum(layer.total for layer in found.drawn.layers) == len(rows)
    assert sum(sum(row.parts) for row in found.drawn.rows) == len(rows)
    for facet in found.facets:
        for value in [*facet.few, *facet.more]:
            if value.href:
                changed = Filter.read(kind, QueryDict(value.href), NOW)
                only = changed.only.get(facet.name, ())
                if value.chosen or len(only) > 1:
                    continue
                assert changed.rows(EVERYTHING).count() == value.count, (facet.name, value.word)


def test_a_facet_ignores_its_own_choice_and_no_other():
    _, found = of(Kind.ERROR, f"{RANGE}&code=1300&sub_account=a")
    code, _, sub_account, *_ = found.facets

    assert {(value.word, value.chosen) for value in code.few} == {
        ("1300", True), ("1002", False), ("2000", False), ("987654", False),
    }  # fmt: skip
    assert {value.word for value in sub_account.few} == {"a", "b", ""}
    assert len({value.count for value in sub_account.few}) == 1


def test_a_chosen_value_without_records_can_be_taken_away():
    _, found = of(Kind.ERROR, f"{RANGE}&country=GB&sub_account=a")
    country = next(facet for facet in found.facets if facet.name == "country")

    assert [(value.word, value.chosen) for value in country.few] == [("", False), ("GB", True)]
    assert country.few[1].count == 0
    assert "country" not in country.few[1].href


def test_an_http_status_is_counted_once_all_records_are(agent_client):
    told = [404, 404, 500, None]
    record(
        *(
            an_error(
                error_id=UUID(int=60_000 + place),
                sub_account="a",
                http_status=status,
                occurred_at=at(60),
            )
            for place, status in enumerate(told)
        )
    )
    query = f"{RANGE}&sub_account=a&code=1300&channel=&http=4xx"

    before = page(agent_client.get(f"/errors/counts/?{query}"))
    _, all_before = of(Kind.ERROR, RANGE)
    rebuilding.caught_up()
    _, found = of(Kind.ERROR, f"{RANGE}&http=4xx")
    facet = found.facets[-1]

    assert "counted one by one. Records are being counted anew." in words(before)
    assert [each.name for each in all_before.facets].count("http") == 0
    assert (found.total, found.exact, facet.label) == (2, True, "HTTP status")
    values = {value.word: (value.count, value.href) for value in facet.few}
    assert (values["404"][0], values["500"][0]) == (2, 1)
    assert values[""] == (found.facets[0].few and 109, "")


def test_many_codes_are_drawn_as_six_and_the_rest():
    record(
        *(
            an_error(error_id=UUID(int=5_000 + code), code=code, occurred_at=at(60))
            for code in range(3_000, 3_020)
        )
    )
    _, found = of(Kind.ERROR, RANGE, "code")

    assert len(found.drawn.layers) == 7
    assert found.drawn.layers[-1].label == "other codes"
    assert sum(layer.total for layer in found.drawn.layers) == found.total


def test_time_in_which_we_were_deaf_is_drawn():
    DeafInterval.objects.create(kind=DeafKind.DOWN, began_at=at(0), ended_at=at(600))

    _, found = of(Kind.ERROR, RANGE)

    assert [silence.title for silence in found.drawn.silences] == [
        "We did not listen 20 Jul, 08:00 to 08:10"
    ]


def test_what_was_folded_is_told_as_at_least(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(combinations, "MOST", 1)
    combinations.known.forget()
    with django_capture_on_commit_callbacks(execute=True):
        record(an_error(error_id=UUID(int=9_000), sub_account="beyond"))

    _, found = of(Kind.ERROR, RANGE)

    assert not found.exact
    assert found.title.startswith("At least ")
    assert of(Kind.ERROR, f"{RANGE}&not_country=SG")[1].title.startswith("About ")


@pytest.mark.usefixtures("_known_by_ids")
def test_of_what_is_known_by_ids_a_bound_is_told_where_there_are_more(monkeypatch):
    monkeypatch.setattr(selectors, "MOST_COMMENTS", 2)

    titles = [of(Kind.ERROR, f"{RANGE}&{side}=comments")[1].title for side in ("has", "not_has")]

    assert titles == ["At least 2 errors", "At most 107 errors"]


def test_the_page_asks_for_its_counts_after_its_rows(agent_client):
    response = agent_client.get(f"/errors/?{RANGE}")
    address = re.search(r'hx-get="(/errors/counts/[^"]*)" hx-trigger="load"', page(response))[1]
    counted = agent_client.get(address.replace("&amp;", "&"))

    html = page(counted)
    assert counted.status_code == 200
    assert html.startswith('<div id="histogram"')
    assert words(re.search(r"<h2.*?</h2>", html)[0]) == "108 errors in 5 h"
    assert 'id="facets" hx-swap-oob="true"' in html
    assert "All 108 of this filter" in words(html)
    assert links(counted, "24 h") == ["/errors/?last=24h"]


def test_without_a_script_the_counts_are_one_link_away(agent_client):
    first = agent_client.get(f"/errors/?{RANGE}")
    response = agent_client.get(links(first, "Count them")[0])

    assert "108 errors" in words(page(response))
    assert "/errors/counts/" not in page(response)
    chosen = links(response, "API 1300")
    assert any("code=1300" in href for href in chosen)


def test_what_is_not_counted_is_said_and_counted_one_by_one_after_the_rows(agent_client):
    response = agent_client.get(f"/errors/?{RANGE}&http=404")
    counted = agent_client.get(f"/errors/counts/?{RANGE}&http=404")

    assert "Not counted Records are being counted anew." in words(page(response))
    assert 'hx-get="/errors/counts/?' in re.search(r'<div id="histogram".*?>', page(response))[0]
    assert "counted one by one. Records are being counted anew." in words(page(counted))
    assert "hx-get" not in re.search(r'<div id="histogram".*?>', page(counted))[0]


def test_a_reader_of_some_sub_accounts_counts_what_the_list_shows(agent_client):
    record(an_error(error_id=UUID(int=8_000), sub_account="others", occurred_at=at(60)))

    first = agent_client.get(f"/errors/?{RANGE}&per_page=100")
    rows = ids(first) + ids(agent_client.get(links(first, "Older")[0]))
    counted = agent_client.get(f"/errors/counts/?{RANGE}")

    assert f"{len(rows)} errors" in words(page(counted))
    assert "others" not in page(counted)


@pytest.mark.parametrize("query", ["from=x", "code=" + "9" * 400, "by=nonsense", "from=2000-01-01T00:00:00Z&to=2100-12-31T00:00:00Z", "from=2026-07-20T12:00:00Z&to=2026-07-20T12:00:00Z", "from=2090-01-01T00:00:00Z", "from=2090-01-01T00:00:00Z&not_has=comments", "from=2026-07-20T12:00:00Z&to=2026-07-20T12:00:00Z&has=comments"])  # fmt: skip
@pytest.mark.usefixtures("_known_by_ids")
def test_bad_and_absurd_ranges_are_answered(agent_client, query):
    assert agent_client.get(f"/errors/counts/?{query}").status_code == 200
    assert agent_client.get(f"/errors/?{query}&counts=1", follow=True).status_code == 200


@pytest.mark.parametrize("number", [1, 300])
def test_counting_takes_the_same_queries_for_any_number(
    agent_client, number, django_assert_max_num_queries
):
    record(
        *(
            an_error(error_id=UUID(int=20_000 + each), code=each, occurred_at=at(each))
            for each in range(number)
        )
    )
    agent_client.get(f"/errors/counts/?{RANGE}")

    # session, person, team, counts, bars, deaf, and what the team says of codes (bars and facet)
    with django_assert_max_num_queries(8):
        agent_client.get(f"/errors/counts/?{RANGE}")


def test_codes_are_a_table_with_what_there_was_before(agent_client):
    record(
        *(
            an_error(error_id=UUID(int=30_000 + each), code=1300, occurred_at=at(-3600 * 4 - each))
            for each in range(12)
        )
    )

    response = agent_client.get(f"/errors/by-code/?{RANGE}")

    html = page(response)
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.DOTALL)[1]
    rows = [
        [words(cell) for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]
    counted = Counter({row[0]: int(row[3]) for row in rows})
    shown = Filter.read(Kind.ERROR, QueryDict(RANGE), NOW)
    codes = Counter(f"API {each.code}" for each in shown.rows(EVERYTHING))
    assert counted == codes
    assert [int(row[3]) for row in rows] == sorted(codes.values(), reverse=True)
    assert {row[0]: row[5:7] for row in rows}["API 1300"] == ["12", f"+{round((codes['API 1300'] / 12 - 1) * 100)} %"]  # fmt: skip
    assert {row[0]: row[6] for row in rows}["API 1002"] == "new"
    assert 'aria-sort="descending"' in html


def test_failures_are_of_the_last_day_unless_said_otherwise(agent_client):
    response = agent_client.get("/messages/by-code/", follow=True)

    assert response.redirect_chain[-1][0] == (
        "/messages/by-code/?from=2026-07-19T12%3A30%3A00Z&to=2026-07-20T12%3A30%3A00Z"
    )
    assert "3 codes, by number, descending" in words(page(response))


def test_counts_that_come_later_say_nothing_below_an_empty_list(agent_client):
    html = page(agent_client.get(f"/errors/?{RANGE}&code=7"))
    later = page(agent_client.get(f"/errors/counts/?{RANGE}&code=7"))

    assert '<span id="all-rows" hx-swap-oob="true">All 0 of this filter</span>' in later
    assert '<div hidden><span id="all-rows"></span></div>' in html


def test_one_failure_is_one_error(agent_client):
    record(an_error(error_id=UUID(int=40_000), code=2000, sub_account="b", occurred_at=at(-86_400)))

    response = agent_client.get(
        "/errors/by-code/?from=2026-07-19T07:59:00Z&to=2026-07-19T08:01:00Z"
    )

    assert "1 error in 2 min" in words(page(response))


def test_nothing_failed_is_said(agent_client):
    response = agent_client.get("/errors/by-code/?last=1h", follow=True)

    assert "Nothing failed" in words(page(response))


@pytest.mark.parametrize("query", ["code=x", f"{RANGE}&http=4xx", f"{RANGE}&sort=nonsense", f"{RANGE}&sort=-change", "last=90d"])  # fmt: skip
def test_failures_answer_whatever_is_asked(agent_client, query):
    assert agent_client.get(f"/errors/by-code/?{query}", follow=True).status_code == 200


def test_one_minute_is_not_more_than_the_range_it_is_in():
    _, found = of(Kind.ERROR, "from=2026-07-20T08:00:00Z&to=2026-07-20T08:01:00Z")

    assert found.total == sum(layer.total for layer in found.drawn.layers)
    assert found.drawn.end - found.drawn.begin <= timedelta(minutes=61)


def test_a_message_code_of_no_table_is_said_to_be_of_none():
    assert partings.reading(Kind.MESSAGE, "", 999).label == "No table"


def test_without_filters_there_are_none_to_take_away(agent_client: Client) -> None:
    assert links(agent_client.get("/errors/by-code/?last=24h", follow=True), "Take") == []
    filtered = agent_client.get("/errors/by-code/?last=24h&code=9", follow=True)
    assert len(links(filtered, "Take")) == 1


def test_the_usual_is_drawn_beside_two_days_at_most():
    weeks = [NOW - timedelta(weeks=ago, minutes=40) for ago in range(1, 7)]
    record(
        *(
            an_error(error_id=uuid4(), sub_account="a", channel="sms", occurred_at=week)
            for week in weeks
            for _ in range(12)
        )
    )

    _, day = of(Kind.ERROR, "last=24h")
    _, week = of(Kind.ERROR, "last=7d")

    points = [float(point.split(",")[1]) for point in day.drawn.usual.split()]
    assert points[0] == histogram.HEIGHT
    assert min(points) < histogram.HEIGHT
    assert week.drawn.usual == ""


def test_what_is_usual_later_is_drawn_and_not_missed():
    """In each of the weeks before 240 came in the hour of now, and as many in the next."""
    now = NOW - timedelta(minutes=10)
    times = [
        NOW - timedelta(weeks=ago) + timedelta(minutes=m) for ago in (1, 2, 3) for m in (0, 40)
    ]
    record(
        *(
            an_error(error_id=uuid4(), sub_account="c", occurred_at=time)
            for time in times
            for _ in range(240)
        )
    )

    query = "sub_account=c&from=2026-07-20T04:00:00Z&to=2026-07-21T04:00:00Z"
    drawn = of(Kind.ERROR, query, now=now)[1].drawn

    # By quarters of an hour, and a third of the one of now is over.
    assert {f"{row.begin:%H:%M}": row.usual for row in drawn.rows} == {"12:15": 20, "12:00": 60}
    assert drawn.words.endswith("usually there are about 80")
    points = [float(point.split(",")[1]) for point in drawn.usual.split()]
    assert len([point for point in points if point == 0]) == 7


@pytest.mark.parametrize(
    ("kind", "codes", "whose"),
    [(Kind.ERROR, (1300, 2000), "our_request"), (Kind.MESSAGE, (61, 15), "platform")],
)
def test_the_usual_is_that_of_what_the_filter_chooses(kind, codes, whose):
    times = [NOW - timedelta(weeks=ago, minutes=40) for ago in range(1, 7)]
    for code, number in zip(codes, (40, 80), strict=True):
        record(*(_of_code(kind, code, time) for time in times for _ in range(number)))

    def highest(query):
        return of(kind, f"last=24h&sub_account=c{query}")[1].drawn.highest

    assert highest("") == 30  # of an hour's 120, in a quarter of it
    for chosen in (f"code={codes[0]}", f"whose={whose}", f"not_code={codes[1]}"):
        assert highest(f"&{chosen}") == 10


def _of_code(kind, code, time):
    told = {"sub_account": "c", "channel": "sms", "occurred_at": time}
    if kind is Kind.ERROR:
        return an_error(error_id=uuid4(), code=code, **told)
    more = {"umid": uuid4(), "error_code": code, "context": "sms_receipt"}
    return a_receipt("undelivered", **told, **more)
