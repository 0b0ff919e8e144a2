"""The query line over a list: another view of the same filter."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client

from support_portal.browsing.filtering import TOO_MUCH
from support_portal.dashboard.views import listing
from tests.core.test_patience import ENDLESS, ask
from tests.dashboard.reading import chips, errors, ids, notes, page
from tests.dashboard.rows import NOON, error, message, save_errors, save_messages
from tests.events.arrived import an_error, record


@pytest.fixture(autouse=True)
def _no_names_left_over() -> None:
    cache.clear()


def test_a_line_leads_to_the_address_of_its_filter(agent_client: Client) -> None:
    response = agent_client.get(
        "/errors/?q=code:1300,2000..2099+-channel:sms+since:2026-11-20T08:00Z&sort=code"
    )

    assert response.status_code == 302
    assert response.headers["Location"] == (
        "/errors/?from=2026-11-20T08%3A00%3A00Z&code=1300%2C2000..2099&not_channel=sms&sort=code"
    )


def test_an_address_shows_its_line_and_its_fields(agent_client: Client) -> None:
    save_errors(error(1), error(2, code=2000))

    response = agent_client.get(
        "/errors/?from=2026-11-20T08:00:00Z&code=1300&not_channel=viber&text=not+found"
    )

    line = "since:2026-11-20T08:00:00Z code:1300 &quot;not found&quot; -channel:viber"
    assert f'value="{line}"' in page(response)
    assert chips(response) == [
        "From 20 Nov 2026, 08:00", "Code 1300", "Text not found", "Channel not viber",
    ]  # fmt: skip
    assert '<input type="hidden" name="not_channel" value="viber">' in page(response)


def test_relative_times_are_absolute_in_the_address(agent_client: Client) -> None:
    address = agent_client.get("/errors/?q=since:2h").headers["Location"]

    assert address.startswith("/errors/?from=20")
    assert agent_client.get(address).status_code == 200


def test_what_is_wrong_is_marked_in_the_line_and_nothing_is_lost(agent_client: Client) -> None:
    save_errors(error(1))

    response = agent_client.get("/errors/?q=channel:viber+code:13x0+country:PH")

    assert response.status_code == 200
    assert errors(response) == [
        "“13x0” is not a code. Write whole numbers, for example 1300, 1002."
    ]
    assert "channel:viber code:<mark>13x0</mark> country:PH" in page(response)
    assert 'value="channel:viber code:13x0 country:PH"' in page(response)
    assert chips(response) == ["Channel viber", "Country PH"]
    assert ids(response) == []
    assert notes(response) == [
        "A filter was not understood, so nothing is shown. Mend the marked field, or clear the filters."
    ]


HOSTILE = [
    "x" * 10_000,
    "code:" + "9" * 9_000,
    'code:"><script>alert(4)</script>',
    "\x00",
    "since:0001-01-01 until:9999-12-31",
    "nonsense:1",
    '"' * 7_000,
    "-" * 7_000,
    "code:1.." + "9" * 400,
    "group:" + "9" * 30,
    "\u202egnp.exe",
    "text:",
    "%00",
    "sub:" + "🦊" * 200,
    "sub:" + ",".join(f"{'ก' * 90}{n}" for n in range(40)),
]


@pytest.mark.parametrize("line", HOSTILE)
@pytest.mark.parametrize("path", ["/errors/", "/messages/"])
def test_no_line_is_an_error_page(path: str, line: str, agent_client: Client) -> None:
    save_errors(error(1))
    save_messages(message(1))

    response = agent_client.get(path, {"q": line}, follow=True)

    assert response.status_code == 200
    assert "<script>alert" not in page(response)


@pytest.mark.parametrize(
    "query",
    [
        "cursor=forged",
        "cursor=" + "x" * 9_000,
        "from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
        "not_code=x&not_country=1&group=y&not_group=z",
        "text=" + "x" * 9_000,
        "text=%00",
        "text=" + "+".join("abcdefghijk"),
        "columns=nope&view=nope&by=nope&last=nope",
        "&".join(f"sub_account=name{n}" for n in range(60)),
        "&".join(f"text=name{n}" for n in range(60)),
        "from=all&from=all&all_time=1",
    ],
)
@pytest.mark.parametrize("path", ["/errors/", "/messages/"])
def test_no_address_is_an_error_page(path: str, query: str, agent_client: Client) -> None:
    save_errors(error(1))

    response = agent_client.get(f"{path}?{query}", follow=True)

    assert response.status_code == 200


TOO_LONG = HOSTILE[-1]  # for an address, in which each letter is nine characters


def test_a_line_that_fits_in_no_address_is_refused_beside_it(agent_client: Client) -> None:
    response = agent_client.get("/errors/", {"q": TOO_LONG})

    assert errors(response) == [TOO_MUCH]


@pytest.mark.parametrize("path", ["/errors/by-code/", "/messages/by-code/", "/errors/export.csv"])
def test_a_line_that_fits_in_no_address_is_refused_where_it_is_not_typed(
    path: str, agent_client: Client
) -> None:
    response = agent_client.get(path, {"q": TOO_LONG}, follow=True)

    assert TOO_MUCH in page(response)


def test_a_filter_that_fits_in_no_address_is_refused_for_an_export(agent_client: Client) -> None:
    asked = {"kind": "error", "form": "csv", "query": f"text={'x' * 17_000}"}

    response = agent_client.post("/exports/new", asked, follow=True)

    assert TOO_MUCH in page(response)


def test_a_line_says_what_is_shown_by_code(agent_client: Client) -> None:
    save_errors(error(1, code=1300), error(2, code=1200))

    response = agent_client.get("/errors/by-code/?q=code:1300", follow=True)

    assert chips(response)[-1] == "Code 1300"
    refused = agent_client.get("/errors/by-code/?q=code:13x0")
    assert "is not a code" in page(refused)


@pytest.mark.parametrize("query", ["operator=x", "last=3h", "code=x"])
def test_what_is_not_understood_is_not_exported(agent_client: Client, query: str) -> None:
    response = agent_client.get(f"/errors/export.csv?{query}")

    assert response["Location"] == f"/errors/?{query}"


def numbers(response: HttpResponseBase) -> list[int]:
    return [UUID(each).int for each in ids(response)]


def test_words_of_a_wording_and_words_that_vary_are_found(agent_client: Client) -> None:
    record(
        an_error(error_id=UUID(int=1), message="Template 'welcome_ph' was not found"),
        an_error(error_id=UUID(int=2), message="Template 'promo_sg' was not found"),
        an_error(error_id=UUID(int=3), message="Something went wrong"),
    )

    for line, expected in (
        ("template", [1, 2]),
        ("templ found", [1, 2]),
        ("WELCOME_PH", [1]),
        ("template welcome_ph", [1]),
        ("something welcome_ph", []),
        ("-template", [3]),
        ("found -promo_sg", [1]),
        ("welcome", []),
    ):
        response = agent_client.get("/errors/", {"q": f"since:all {line}"}, follow=True)
        assert sorted(numbers(response)) == expected, line


def test_words_in_messages_are_those_of_the_meaning_of_their_code(agent_client: Client) -> None:
    save_messages(
        message(1, error_code=43, error_context="sms_receipt", error_registry="sms_dlr"),
        message(2, error_code=15, error_context="sms_receipt", error_registry="sms_dlr"),
        message(3),
    )

    response = agent_client.get("/messages/?q=since:all+spam", follow=True)

    assert numbers(response) == [1]
    assert "words are looked for in the meaning of their codes" in page(response)


def test_hits_beyond_the_limit_are_said(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support_portal.browsing.searching.MOST_HITS", 2)
    record(
        *(
            an_error(error_id=UUID(int=n), message="Flow 'northwind' failed",
                     occurred_at=NOON - timedelta(minutes=n))
            for n in range(1, 5)
        )
    )  # fmt: skip

    response = agent_client.get("/errors/?q=northwind", follow=True)

    assert numbers(response) == [1, 2]
    assert notes(response) == [
        "Of names and ids in texts, the thousand newest places were looked at, and of "
        "comments the 20,000 newest. "
        "Narrow the time range to find older ones."
    ]


def test_a_list_that_would_read_everything_gets_a_begin(agent_client: Client) -> None:
    record(*(an_error(error_id=UUID(int=n), sub_account="a") for n in range(1, 4)))

    both = agent_client.get("/errors/?code=1300&sub_account=a")
    single = agent_client.get("/errors/?code=1300")
    every = agent_client.get("/errors/?from=all&code=1300&sub_account=a")

    assert both.status_code == 302
    assert both.headers["Location"].startswith("/errors/?from=20")
    assert "code=1300&sub_account=a" in both.headers["Location"]
    assert (single.status_code, every.status_code) == (200, 200)
    assert len(ids(every)) == 3
    assert chips(every)[0] == "From all time"


def test_a_begin_that_was_given_can_be_taken_away(agent_client: Client) -> None:
    response = agent_client.get("/errors/?from=2026-11-20T08:00:00Z&code=1300&sub_account=a")

    assert 'href="/errors/?from=all&amp;code=1300&amp;sub_account=a"' in page(response)


def test_reading_that_takes_too_long_is_given_up_and_said(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_errors(error(1))
    drawn = listing.ListPage.drawn

    def slowly(self: listing.ListPage, rows: object) -> object:
        if not self.gave_up:
            ask(ENDLESS[connection.vendor])
        return drawn(self, rows)

    monkeypatch.setattr(listing.ListPage, "drawn", slowly)
    monkeypatch.setattr(listing, "PATIENCE", 0.2)

    response = agent_client.get("/errors/?code=1300")

    assert response.status_code == 200
    assert ids(response) == []
    assert notes(response) == [
        "This took too long and was stopped. Reading these rows took longer than three seconds. "
        "Narrow the time range, or choose a code or a sub-account: those are found at once."
    ]


def test_an_absurd_range_is_asked_of_the_counts_and_not_of_the_rows(agent_client: Client) -> None:
    record(an_error())

    response = agent_client.get(
        "/errors/?from=2000-01-01T00:00:00Z&to=2100-12-31T00:00:00Z&counts=1"
    )

    assert (response.status_code, notes(response)) == (200, [])
    assert str(an_error().error_id) in page(response)


def test_what_is_not_counted_is_counted_one_by_one_up_to_a_limit(
    agent_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_errors(*(error(n, http_status=404) for n in range(1, 5)))

    few = page(agent_client.get("/errors/counts/?from=all&http=404"))
    monkeypatch.setattr("support_portal.dashboard.around.MOST_COUNTED", 3)
    many = page(agent_client.get("/errors/counts/?from=all&http=404"))
    monkeypatch.setattr("support_portal.dashboard.around.COUNTING", -1)
    monkeypatch.setattr("support_portal.core.patience.STEPS", 1)

    assert "4 errors" in few
    assert "Records are being counted anew." in few
    assert "More than 3 errors" in many
    if connection.vendor == "sqlite":
        assert "Not counted" in page(agent_client.get("/errors/counts/?from=all&http=404"))
