"""The pages of senders: who may look, who may change, and secrets that are shown once."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client

from support_portal.accounts.admission import admit_hook, admit_token
from support_portal.accounts.models import ApiToken, HookKey, SenderChange, SenderMinute
from support_portal.accounts.services import issue_hook_key, issue_token, revoke, rotate
from support_portal.ingest.limits import gate
from support_portal.ingest.services import receive
from tests.dashboard.reading import empty, errors, links, notes, page, rows, words

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 23, 12, tzinfo=UTC)
LIST = "/intake/senders/"
NEW_TOKEN, NEW_HOOK = "/intake/senders/token/new/", "/intake/senders/hook/new/"
TOKEN = {"name": "sms-dispatch", "scopes": ["events:write"]}
HOOK = {"name": "8x8 production", "authorization": "none"}
HOSTILE = ["<script>alert(1)</script>", "\u202egnirts", "{{ 7*7 }}", "' OR 1=1 --", "x" * 100]


@pytest.fixture
def admin(administrator, client_for):
    return client_for(administrator)


def once(client, address):
    """Return the word of a form as it is drawn."""
    return re.search(r'name="once" value="(\w+)"', page(client.get(address)))[1]


def shown(response):
    """Return what the page of a secret gives to copy, the secret or address first."""
    return [unescape(text) for text in re.findall(r'data-copy="([^"]+)"', page(response))]


@pytest.mark.parametrize(
    ("who", "looks", "manages"),
    [
        ("viewer", False, False),
        ("agent", False, False),
        ("lead", True, False),
        ("administrator", True, True),
    ],
)
def test_leads_look_and_administrators_manage(request, client_for, who, looks, manages):
    client = client_for(request.getfixturevalue(who))
    token, _ = issue_token(name="sender", scopes=["events:write"])
    own = f"{LIST}token/{token.pk}/"

    looked = [client.get(address).status_code for address in (LIST, own)]
    opened = [client.get(address).status_code for address in (NEW_TOKEN, NEW_HOOK)]
    posted = [
        client.post(address, data).status_code
        for address, data in (
            (NEW_TOKEN, {}),
            (NEW_HOOK, {}),
            (own, {}),
            (f"{own}rotate", {}),
            (f"{own}end-old", {}),
            (f"{own}revoke", {}),
        )
    ]

    assert looked == [200 if looks else 403] * 2
    assert opened == [200 if manages else 403] * 2
    assert posted == ([422, 422, 422, 422, 302, 302] if manages else [403] * 6)
    assert (ApiToken.objects.count(), HookKey.objects.count()) == (1, 0)


def test_strangers_are_sent_to_the_sign_in():
    for address in (LIST, NEW_TOKEN, NEW_HOOK):
        assert Client().get(address)["Location"].startswith("/accounts/login/")


def test_a_lead_sees_no_button_that_does_nothing(lead, client_for):
    token, _ = issue_token(name="sender", scopes=["events:write"])
    client = client_for(lead)

    forms = re.findall(
        r'<form[^>]*action="(/intake[^"]*)"', page(client.get(f"{LIST}token/{token.pk}/"))
    )

    assert forms == []
    assert links(client.get(LIST), "New") == []


def test_a_token_is_shown_once_with_a_line_to_copy_and_never_again(admin):
    form = {**TOKEN, "once": once(admin, NEW_TOKEN)}

    made = admin.post(NEW_TOKEN, form)
    again = admin.post(NEW_TOKEN, form, follow=True)

    secret, line = shown(made)
    assert admit_token(secret).name == "sms-dispatch"
    assert line.startswith("curl http://testserver/api/v1/events -H 'Authorization: Bearer ")
    assert secret in line
    assert "no-store" in made["Cache-Control"]
    assert notes(again)[0].startswith("That form was sent before")
    assert ApiToken.objects.count() == 1
    for address in (LIST, f"{LIST}token/{ApiToken.objects.get().pk}/"):
        assert secret not in page(admin.get(address))
    assert secret not in repr(dict(admin.session))


def test_a_webhook_key_is_shown_as_an_address_with_its_authorization(admin):
    made = admin.post(NEW_HOOK, {**HOOK, "authorization": "new"})

    address, agreed = shown(made)
    key = address.removeprefix("http://testserver/hooks/8x8/").removesuffix("/")
    assert admit_hook(key, agreed).name == "8x8 production"
    assert admit_hook(key, "") is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": " \u200b "}, "Write a name that has a letter or a digit in it."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "x" * 101}, "Ensure this value has at most 100 characters (it has 101)."),
        ({"scopes": []}, "Choose at least one."),
        ({"sub_accounts": "northwind_ph_hq, nörth"}, "“nörth” is not the name of a sub-account"),
        ({"expires_at": "2020-01-01T00:00"}, "That time is over. To end a sender at once"),
        ({"expires_at": "soon"}, "“soon” is not a time."),
        ({"requests": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"size": "9" * 30}, "Ensure this value is less than or equal to"),
        ({"requests": "many"}, "Enter a whole number."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(admin, change, said):
    response = admin.post(NEW_TOKEN, {**TOKEN, **change})

    assert response.status_code == 422
    assert len(errors(response)) == 1
    assert errors(response)[0].startswith(said)
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"authorization": "own"}, "Write the value, or choose something else above."),
        ({"authorization": "own", "own": "Bäsic"}, "A header holds plain ASCII characters only."),
        ({"authorization": "own", "own": "a\r\nb"}, "A header holds plain ASCII characters only."),
    ],
)
def test_a_value_that_is_no_header_is_refused(admin, change, said):
    response = admin.post(NEW_HOOK, {**HOOK, **change})

    assert (response.status_code, errors(response)) == (422, [said])
    assert HookKey.objects.count() == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_text(admin, name):
    made = admin.post(NEW_TOKEN, {**TOKEN, "name": name})

    token = ApiToken.objects.get()
    pages = [made, admin.get(LIST), admin.get(f"{LIST}token/{token.pk}/")]
    assert token.name == name
    assert [name in words(page(one)) for one in pages] == [True] * 3
    assert ["<script>alert" in page(one) for one in pages] == [False] * 3


@pytest.mark.parametrize(
    "address",
    [
        "token/999/",
        f"token/{2**70}/",
        "nonsense/1/",
        "nonsense/new/",
        "hook/1/",
        "token/999/rotate",
    ],
)
def test_what_is_not_there_is_404(admin, address):
    issue_token(name="sender", scopes=["events:write"])

    answer = admin.post(LIST + address) if address.endswith("rotate") else admin.get(LIST + address)

    assert answer.status_code == 404


def test_changes_are_saved_and_told_with_who_and_what(admin):
    token, secret = issue_token(name="sender", scopes=["events:write"])
    own = f"{LIST}token/{token.pk}/"

    response = admin.post(
        own,
        {"name": "sender 2", "scopes": ["records:read"], "sub_accounts": "b a b", "requests": "60"},
        follow=True,
    )

    admitted = admit_token(secret)
    assert notes(response)[0] == "The changes are saved."
    assert (admitted.name, admitted.sub_accounts, admitted.quota.requests) == (
        "sender 2",
        ("a", "b"),
        60,
    )
    change = SenderChange.objects.order_by("id").last()
    assert (change.who, change.what) == ("administrator", "changed")
    assert "scopes: events:write → records:read" in words(page(response))


def test_an_expired_sender_keeps_its_end_when_its_name_is_changed(admin):
    token, _ = issue_token(name="sender", scopes=["events:write"], expires_at=NOON)

    admin.post(f"{LIST}token/{token.pk}/", {**TOKEN, "expires_at": "2026-07-23T12:00:00"})

    token.refresh_from_db()
    assert (token.name, token.expires_at) == ("sms-dispatch", NOON)


def test_a_rotation_shows_the_new_secret_once_and_tells_when_the_old_one_can_go(admin):
    token, old = issue_token(name="sender", scopes=["events:write"])
    own = f"{LIST}token/{token.pk}/"
    form = {"overlap": "86400", "once": once(admin, own)}

    made = admin.post(f"{own}rotate", form)
    again = admin.post(f"{own}rotate", form, follow=True)
    ApiToken.objects.update(old_used_at=NOON)
    after = words(page(admin.get(own)))

    new = shown(made)[0]
    assert [admit_token(secret).name for secret in (old, new)] == ["sender", "sender"]
    assert notes(again)[0].startswith("That form was sent before")
    assert "Old last used 23 Jul 2026, 12:00:00.00" in after
    assert "The old secret still opens." in after

    admin.post(f"{own}end-old")

    assert admit_token(old) is None
    assert "The old secret still opens." not in words(page(admin.get(own)))


def test_revoking_asks_to_be_sure_and_is_for_good(admin):
    token, secret = issue_token(name="sender", scopes=["events:write"])
    own = f"{LIST}token/{token.pk}/"

    unsure = admin.post(f"{own}revoke", follow=True)
    alive = admit_token(secret)
    sure = admin.post(f"{own}revoke", {"sure": "yes"}, follow=True)
    after = [
        notes(admin.post(address, form, follow=True))[0]
        for address, form in (
            (own, TOKEN),
            (f"{own}rotate", {"overlap": "0"}),
            (f"{own}revoke", {"sure": "yes"}),
        )
    ]

    assert notes(unsure)[0].startswith("Tick that you are sure")
    assert alive is not None
    assert notes(sure)[0].startswith("Revoked.")
    assert admit_token(secret) is None
    assert after == ["This sender is revoked: there is nothing to change."] * 3


def test_only_a_post_changes_anything(admin):
    token, _ = issue_token(name="sender", scopes=["events:write"])

    for deed in ("rotate", "end-old", "revoke"):
        assert admin.get(f"{LIST}token/{token.pk}/{deed}").status_code == 405


def test_the_list_tells_state_pace_and_end(lead, client_for):
    with time_machine.travel(NOON, tick=False):
        minute = int(NOON.timestamp()) // 60
        busy, _ = issue_token(name="busy", scopes=["events:write"], sub_accounts=["northwind"])
        ends = NOON + timedelta(days=14)
        issue_token(name="ending", scopes=["records:read"], expires_at=ends)
        issue_token(name="ended", scopes=["records:read"], expires_at=NOON)
        gone, _ = issue_token(name="a gone one", scopes=["records:read"])
        revoke(gone, by="eve")
        rotate(busy, overlap=timedelta(days=1), by="eve")
        for back, requests in ((0, 1000), (59, 500), (60, 7)):
            SenderMinute.objects.create(
                kind="token",
                sender_id=busy.pk,
                minute=minute - back,
                requests=requests,
                bytes=0,
                refused=back,
            )

        found = rows(client_for(lead).get(LIST))

    assert [(row[0], row[1], row[3], row[4], row[6], row[7]) for row in found] == [
        (
            "busy",
            "alive old secret lives",
            "events:write",
            "northwind",
            "1,500 + 59 refused",
            "never",
        ),
        ("ended", "expired", "records:read", "all", "0", "23 Jul 2026"),
        ("ending", "expires soon", "records:read", "all", "0", "6 Aug 2026"),
        ("a gone one", "revoked", "records:read", "all", "0", "never"),
    ]


@pytest.mark.parametrize("number", [1, 50])
def test_the_list_costs_the_same_queries_for_any_number(admin, django_assert_num_queries, number):
    for one in range(number):
        issue_token(name=f"sender {one}", scopes=["events:write"])
        issue_hook_key(name=f"8x8 {one}")

    with django_assert_num_queries(11):
        admin.get(LIST)


def test_an_empty_list_says_what_a_sender_is_for(lead, client_for):
    assert empty(client_for(lead).get(LIST)) == ["No API token yet", "No webhook key yet"]


def test_every_page_says_that_nothing_is_taken_in_and_the_intake_page_what_to_do(
    agent_client, settings
):
    settings.INBOX_DELIVERY_LIMIT = 1
    for _ in range(2):
        receive(b"{}", source="api")

    codes, intake = agent_client.get("/codes/"), agent_client.get("/intake/")

    assert notes(codes)[0] == (
        "The intake takes nothing in. 2 deliveries wait to be read; no more than 1 may."
    )
    assert links(codes, "What to do") == ["/intake/#room"]
    assert "Intake takes nothing in" in words(page(codes))
    assert "deliveries that wait, at most 1: over the limit 2" in words(page(intake))
    assert "Look whether the worker process runs" in words(page(intake))


def test_the_intake_page_shows_the_figures_against_the_limits(agent_client, settings):
    settings.INBOX_DELIVERY_LIMIT, settings.INBOX_BYTE_LIMIT = 1000, 2**20
    gate.forget()

    told = words(page(agent_client.get("/intake/")))

    assert "deliveries that wait, at most 1,000 0" in told
    assert "of bodies that wait, at most 1.0 MB 0 bytes" in told
