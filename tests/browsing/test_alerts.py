"""Alerts: told once when a view shows more than so much, by bell and by webhook."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from support_portal.accounts.models import Role, Team, User
from support_portal.browsing import views as saving
from support_portal.browsing.alerts import calling, looking
from support_portal.browsing.models import Alert, AlertCall, Scope
from support_portal.core import webhooks
from support_portal.core.calls import ATTEMPTS, KEPT, CallState
from support_portal.insights.models import Kind
from support_portal.insights.rebuilding import days, rebuild_day
from support_portal.notices.models import Notice
from tests.conftest import ClientFor
from tests.dashboard.reading import errors, notes, page
from tests.dashboard.rows import error, message, save_errors, save_messages

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def alert(person: User, **values: Any) -> Alert:
    view = saving.save(
        person,
        name=values.pop("name", "Ours"),
        kind=values.pop("kind", Kind.ERROR),
        query=values.pop("query", "code=1300&last=7d"),
        scope=values.pop("scope", Scope.MINE),
        pinned=True,
    )
    given: dict[str, Any] = {"threshold": 2, "window": 15, "pause": 60}
    return Alert.objects.create(view=view, owner=person, **given | values)


def count() -> None:
    for day in days():
        rebuild_day(day)


def look(now: datetime = NOW) -> list[str]:
    """Look, and return all that was ever told."""
    looking.look(now, 60)
    return [notice.title for notice in Notice.objects.order_by("id")]


def test_an_alert_tells_when_a_view_shows_more_than_so_much(agent: User) -> None:
    alert(agent)
    save_errors(
        error(1), error(2), error(3, code=7), error(4, occurred_at=NOW - timedelta(hours=2))
    )
    count()
    assert look() == []

    save_errors(error(5))
    count()

    assert look(NOW + timedelta(minutes=1)) == ["“Ours”: 3 errors in 15 min"]
    notice = Notice.objects.get()
    assert (notice.text, notice.link) == (
        "More than 2. It keeps still for 1 h now.",
        "/errors/?view=ours",
    )


def test_an_alert_keeps_still_after_it_told(agent: User) -> None:
    alert(agent, window=1440)
    save_errors(*(error(number) for number in range(1, 5)))
    count()

    told = [len(look(NOW + timedelta(minutes=minutes))) for minutes in (0, 1, 59, 60, 61, 121)]

    assert told == [1, 1, 1, 2, 2, 3]


def test_an_alert_is_looked_at_once_a_minute(agent: User) -> None:
    made = alert(agent)

    for seconds in (0, 10, 49):
        look(NOW + timedelta(seconds=seconds))

    made.refresh_from_db()
    assert (made.checked_at, made.value) == (NOW, 0)


def test_alerts_that_were_never_looked_at_come_first_and_those_left_over_are_told_of(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "AT_ONCE", 2)
    old = alert(agent, checked_at=NOW - timedelta(hours=1))
    new = alert(agent, name="New")
    newer = alert(agent, name="Newer")

    assert looking.look(NOW, 60)
    for each in (old, new, newer):
        each.refresh_from_db()
    assert [each.checked_at == NOW for each in (old, new, newer)] == [False, True, True]

    assert not looking.look(NOW, 60)


def test_an_alert_that_fails_does_not_keep_the_others_from_their_turn(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = alert(agent), alert(agent, name="Other")
    see = looking.see

    def failing(each: Alert, now: datetime) -> Any:
        if each.pk == broken.pk:
            raise LookupError(each.pk)
        return see(each, now)

    monkeypatch.setattr(looking, "see", failing)

    with pytest.raises(LookupError):
        look()
    look()

    other.refresh_from_db()
    assert other.checked_at == NOW


def test_a_share_is_one_of_the_same_places(agent: User) -> None:
    made = alert(
        agent,
        measure="share",
        threshold=20,
        kind=Kind.MESSAGE,
        query="state=undelivered&channel=sms",
    )
    save_messages(
        *(
            message(number, channel="sms", state="undelivered" if number < 7 else "delivered")
            for number in range(1, 25)
        ),
        *(message(number, channel="viber") for number in range(30, 90)),
    )
    count()

    assert look() == ["“Ours”: 25.0 % of the messages (6 of 24) in 15 min"]
    made.refresh_from_db()
    assert made.value == 25


def test_a_share_of_few_says_nothing(agent: User) -> None:
    alert(agent, measure="share", threshold=20)
    save_errors(*(error(number) for number in range(1, 6)))
    count()

    assert look() == []


def test_of_two_who_look_one_tells(agent: User) -> None:
    made = alert(agent, webhook="https://hooks.example.com/")
    seen = looking.Seen(9, 9)

    assert [looking.fire(made, seen, NOW), looking.fire(made, seen, NOW)] == [True, False]

    assert (Notice.objects.count(), AlertCall.objects.count()) == (1, 1)


def test_whoever_dies_while_telling_told_nothing(
    agent: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = alert(agent, webhook="https://hooks.example.com/")

    def die(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(AlertCall.objects, "create", die)
        with pytest.raises(KeyboardInterrupt):
            looking.fire(made, looking.Seen(9, 9), NOW)
    assert not Notice.objects.exists()

    made.refresh_from_db()
    assert looking.fire(made, looking.Seen(9, 9), NOW)


def test_an_alert_sees_what_its_owner_may_see() -> None:
    own = Team.objects.create(name="Asia", sub_accounts=["a"])
    person = User.objects.create_user("ana", team=own)
    alert(person, query="")
    save_errors(*(error(number, sub_account="ab"[number % 2]) for number in range(1, 6)))
    count()

    assert look() == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"muted": True}, False),
        ({"owner__is_active": False}, False),
        ({"view__removed_at": NOW}, False),
        ({}, True),
    ],
)
def test_who_is_not_told(agent: User, change: dict[str, Any], told: bool) -> None:
    made = alert(agent)
    save_errors(*(error(number) for number in range(1, 5)))
    count()
    for path, value in change.items():
        *way, name = path.split("__")
        changed = getattr(made, way[0]) if way else made
        setattr(changed, name, value)
        changed.save()

    assert bool(look()) is told


def test_a_view_that_is_not_counted_or_not_theirs_says_so(agent: User, lead: User) -> None:
    uncounted = alert(agent, query="has=comments")
    view = saving.save(lead, name="L", kind=Kind.ERROR, query="", scope=Scope.MINE, pinned=True)
    lost = Alert.objects.create(view=view, owner=agent, threshold=1, window=5, pause=15)

    look()

    uncounted.refresh_from_db()
    lost.refresh_from_db()
    assert uncounted.problem == "Records are not counted by Has."
    assert lost.problem == "You have this view no more."


# -- calling --------------------------------------------------------------------------------------
@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list: what it holds is answered to calls, an exception is raised."""
    given: list[Any] = []

    def post(address: str, body: bytes, secret: str) -> int:
        answer = given.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)

    monkeypatch.setattr(webhooks, "post", post)
    return given


def call(person: User) -> AlertCall:
    made = alert(person, webhook="https://hooks.example.com/", bell=False)
    looking.fire(made, looking.Seen(9, 20), NOW)
    return AlertCall.objects.get()


def test_a_call_says_what_was_seen(agent: User, answers: list[Any]) -> None:
    made = call(agent)
    answers.append(204)

    calling.call_all(NOW, 60)

    made.refresh_from_db()
    assert (made.state, made.answer, made.attempts) == (CallState.DONE, "204", 1)
    assert made.body["text"] == "“Ours”: 9 errors in 15 min"
    assert (made.body["value"], made.body["threshold"], made.body["test"]) == (9, 2, False)
    assert made.body["url"].endswith("/errors/?view=ours")


def test_a_call_is_tried_again_with_pauses_and_given_up(agent: User, answers: list[Any]) -> None:
    made = call(agent)
    answers += [webhooks.Unanswered("It answered 500.")] * ATTEMPTS
    now, waits = NOW, []

    for _ in range(ATTEMPTS):
        calling.call_all(now, 60)
        made.refresh_from_db()
        waits.append((made.due_at - now).total_seconds() / 60)
        now = made.due_at

    assert waits == [1, 2, 4, 8, 16]
    assert (made.state, made.answer) == (CallState.FAILED, "It answered 500.")
    assert answers == []


def test_of_two_who_call_one_does(agent: User, monkeypatch: pytest.MonkeyPatch) -> None:
    call(agent)
    made: list[str] = []

    def post(address: str, body: bytes, secret: str) -> int:
        made.append(address)
        calling.call_all(NOW, 60)  # another worker, while this one waits for the answer
        return 204

    monkeypatch.setattr(webhooks, "post", post)

    calling.call_all(NOW, 60)

    assert len(made) == 1


def test_a_call_that_is_refused_is_not_tried_again(agent: User, answers: list[Any]) -> None:
    made = call(agent)
    answers.append(webhooks.Refused("not public"))

    calling.call_all(NOW, 60)

    made.refresh_from_db()
    assert (made.state, made.attempts) == (CallState.FAILED, 1)


def test_calls_are_forgotten_after_a_month(agent: User, answers: list[Any]) -> None:
    call(agent)
    answers.append(200)
    calling.call_all(NOW, 60)

    calling.prune(NOW + KEPT + timedelta(minutes=1))

    assert not AlertCall.objects.exists()


# -- pages ----------------------------------------------------------------------------------------
FORM = {"measure": "count", "threshold": "10", "window": "15", "pause": "60", "bell": "on"}


@pytest.fixture
def _view(agent: User) -> None:
    saving.save(
        agent, name="Ours", kind=Kind.ERROR, query="code=1300", scope=Scope.MINE, pinned=True
    )


@pytest.mark.usefixtures("_view")
def test_an_alert_is_set_tried_muted_and_removed(agent_client: Client) -> None:
    agent_client.post("/views/ours/alerts", FORM)
    made = Alert.objects.get()
    address = f"/views/alerts/{made.id}"

    assert "below" not in page(agent_client.get("/views/ours/alerts"))  # nobody has looked yet
    agent_client.post(f"{address}/test")
    assert Notice.objects.get().title == "Test of an alert. “Ours”: 0 errors in 15 min"
    made.refresh_from_db()
    assert made.fired_at is None
    agent_client.post(f"{address}/mute", {"muted": "yes"})
    html = page(agent_client.get("/views/ours/alerts"))
    assert "muted" in html
    assert "More than 10 in 15 min" in html
    agent_client.post(f"{address}/remove")
    assert not Alert.objects.exists()


@pytest.mark.usefixtures("_view")
@pytest.mark.parametrize(
    "values",
    [
        {"threshold": "x"},
        {"threshold": "-1"},
        {"threshold": "nan"},
        {"threshold": "1e400"},
        {"measure": "share", "threshold": "100"},
        {"window": "7"},
        {"pause": ""},
        {"bell": ""},
        {"webhook": "https://evil.example/"},
    ],
)
def test_bad_input_sets_no_alert(
    values: dict[str, str], agent_client: Client, settings: Any
) -> None:
    settings.WEBHOOK_HOSTS = ["hooks.example.com"]

    response = agent_client.post("/views/ours/alerts", {**FORM, **values})

    assert response.status_code == 422
    assert errors(response)
    assert not Alert.objects.exists()


@pytest.mark.usefixtures("_view")
def test_without_hosts_no_address_is_asked_for(agent_client: Client, settings: Any) -> None:
    settings.WEBHOOK_HOSTS = []

    assert "Call an address" not in page(agent_client.get("/views/ours/alerts"))
    agent_client.post("/views/ours/alerts", {**FORM, "webhook": "https://hooks.example.com/"})

    assert Alert.objects.get().webhook == ""


@pytest.mark.usefixtures("_view")
def test_the_alerts_of_others_are_theirs(
    agent: User, lead: User, client_for: ClientFor, agent_client: Client
) -> None:
    agent_client.post("/views/ours/alerts", FORM)
    made = Alert.objects.get()
    other = client_for(lead)

    assert other.get("/views/ours/alerts").status_code == 404
    for what in ("test", "mute", "remove"):
        assert other.post(f"/views/alerts/{made.id}/{what}").status_code == 404


@pytest.mark.usefixtures("_view")
def test_alerts_that_cannot_be_reached_do_not_count(
    agent_client: Client, agent: User, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support_portal.dashboard.views.alerts.MOST", 1)
    theirs = saving.save(lead, name="L", kind=Kind.ERROR, query="", scope=Scope.MINE, pinned=True)
    Alert.objects.create(view=theirs, owner=agent, threshold=1, window=5, pause=15)

    agent_client.post("/views/ours/alerts", FORM)

    assert Alert.objects.filter(view__slug="ours").exists()


@pytest.mark.usefixtures("_view")
def test_nobody_sets_too_many(agent_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support_portal.dashboard.views.alerts.MOST", 1)
    agent_client.post("/views/ours/alerts", FORM)

    response = agent_client.post("/views/ours/alerts", FORM)

    assert response.status_code == 422
    assert "Nothing was set." in notes(response)[-1]


def test_whoever_may_share_nothing_any_more_calls_nothing(agent: User, answers: list[Any]) -> None:
    waiting = call(agent)
    agent.role = Role.VIEWER
    agent.save()
    looking.fire(Alert.objects.get(), looking.Seen(9, 20), NOW, test=True)

    calling.call_all(NOW, 60)

    assert AlertCall.objects.get() == waiting
    waiting.refresh_from_db()
    assert waiting.state == CallState.FAILED
    assert waiting.answer == "Its owner may call nothing any more."
