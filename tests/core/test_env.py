"""A wrong setting stops the start with a sentence that names it."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from support_portal.core import env


@pytest.mark.parametrize(
    ("word", "answer"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_a_flag_reads_the_usual_words(monkeypatch, word, answer):
    monkeypatch.setenv("PORTAL_X", word)

    assert env.flag("PORTAL_X", default=not answer) is answer


def test_a_flag_refuses_a_word_it_does_not_know(monkeypatch):
    monkeypatch.setenv("PORTAL_X", "perhaps")

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.flag("PORTAL_X", default=True)

    assert str(refusal.value) == (
        "PORTAL_X='perhaps': expected one of 1, true, yes, on, 0, false, no, off"
    )


@pytest.mark.parametrize("value", ["ten", "1.5", "3", "21"])
def test_an_integer_refuses_what_is_no_number_too_small_or_too_large(monkeypatch, value):
    monkeypatch.setenv("PORTAL_X", value)

    with pytest.raises(ImproperlyConfigured, match="PORTAL_X="):
        env.integer("PORTAL_X", default=10, minimum=5, maximum=20)


def test_a_missing_text_says_where_to_read_about_it(monkeypatch):
    monkeypatch.delenv("PORTAL_X", raising=False)

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.text("PORTAL_X")

    assert str(refusal.value) == "PORTAL_X is not set; .env.example says what it is for"


def test_a_short_secret_is_refused_without_being_shown(monkeypatch):
    monkeypatch.setenv("PORTAL_X", "hush")

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.secret("PORTAL_X")

    assert str(refusal.value) == "PORTAL_X is 4 characters long; expected 32 or more"


def test_a_database_url_becomes_what_django_takes(monkeypatch):
    monkeypatch.setenv("PORTAL_X", "postgresql://ana:p%40ss@db.example:5433/portal?sslmode=require")

    assert env.database("PORTAL_X", default="") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "portal",
        "USER": "ana",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": 5433,
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "postgresql://h:port/y", "postgresql://[h/y", "portal.sqlite3"]
)
def test_a_database_url_of_another_kind_is_refused(monkeypatch, url):
    monkeypatch.setenv("PORTAL_X", url)

    with pytest.raises(ImproperlyConfigured, match=r"^PORTAL_X"):
        env.database("PORTAL_X", default="")


def test_a_broker_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setenv("PORTAL_X", "kafka://somewhere")

    with pytest.raises(ImproperlyConfigured) as refusal:
        env.broker("PORTAL_X", default="local://localhost//")

    assert str(refusal.value) == (
        "PORTAL_X starts with 'kafka'; expected one of local, memory, amqp, amqps, redis, rediss"
    )


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", env.MailServer()),
        (
            "smtp://mail.example.com/?from=portal@example.com",
            env.MailServer("mail.example.com", 25, sender="portal@example.com"),
        ),
        (
            "smtp://ana:p%40ss@mail.example.com/?tls=yes&from=portal@example.com",
            env.MailServer(
                "mail.example.com", 587, "ana", "p@ss", starttls=True, sender="portal@example.com"
            ),
        ),
        (
            "smtps://mail.example.com:2465/?from=Portal%20<portal@example.com>",
            env.MailServer(
                "mail.example.com", 2465, tls=True, sender="Portal <portal@example.com>"
            ),
        ),
    ],
)
def test_a_mail_url_names_a_server(monkeypatch, url, server):
    monkeypatch.setenv("PORTAL_X", url)

    assert env.mail_server("PORTAL_X") == server


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://mail.example.com/?from=portal@example.com", "is not understood"),
        ("smtps://mail.example.com/?tls=yes&from=portal@example.com", "is not understood"),
        ("smtp:///?from=portal@example.com", "is not understood"),
        ("mail.example.com", "is not understood"),
        ("smtp://ana:hush@h/?tls=perhaps&from=portal@example.com", "is not understood"),
        ("smtp://ana:hush@h:port/?from=portal@example.com", "host and port"),
        ("smtp://ana:hush/@h/?from=portal@example.com", "host and port"),
        ("smtp://ana:hush@[h/?from=portal@example.com", "host and port"),
        ("smtp://ana:hush@h/", "says from=''; expected a mail address"),
        ("smtp://ana:hush@h/?from=portal", "expected a mail address"),
        ("smtp://ana:hush@h/?from=portal@example.com%0d%0aBcc:x@example.com", "a mail address"),
        ("smtp://ana:hush@h/?form=portal@example.com&from=a@example.com", "has form; expected"),
    ],
)
def test_a_wrong_mail_url_stops_the_start_without_showing_its_password(monkeypatch, url, words):
    monkeypatch.setenv("PORTAL_X", url)

    with pytest.raises(ImproperlyConfigured, match=r"^PORTAL_X") as refusal:
        env.mail_server("PORTAL_X")

    assert words in str(refusal.value)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    ("written", "hosts", "address"),
    [
        ("", ["portal.example.com", "other.example.com"], "https://portal.example.com"),
        ("", ["*", ".example.com"], "https://example.com"),
        ("", ["*"], "https://localhost"),
        ("http://127.0.0.1:8000/", ["portal.example.com"], "http://127.0.0.1:8000"),
    ],
)
def test_links_begin_with_the_address_or_the_first_host(monkeypatch, written, hosts, address):
    monkeypatch.setenv("PORTAL_X", written)

    assert env.origin("PORTAL_X", hosts=hosts, https=True) == address


@pytest.mark.parametrize(
    "written",
    ["portal.example.com", "ftp://x", "https://x/y", "https://x?y", "https://a@x", "https://x:y"],
)
def test_an_address_that_is_none_is_refused(monkeypatch, written):
    monkeypatch.setenv("PORTAL_X", written)

    with pytest.raises(ImproperlyConfigured, match=r"^PORTAL_X"):
        env.origin("PORTAL_X", hosts=[], https=True)


def test_a_file_adds_what_the_environment_does_not_set(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTAL_A", "from outside")
    monkeypatch.delenv("PORTAL_B", raising=False)
    file = tmp_path / ".env"
    file.write_text("# words\nPORTAL_A=from the file\nPORTAL_B='quoted'\n\nno equals sign\n")

    env.load_file(file)

    assert [env.text("PORTAL_A"), env.text("PORTAL_B")] == ["from outside", "quoted"]


def test_hosts_are_names_or_origins(monkeypatch):
    written = "hooks.example.com, http://10.0.0.5:8065,https://[2001:db8::1]"
    monkeypatch.setenv("PORTAL_WORD", written)

    assert env.hosts("PORTAL_WORD") == [each.strip() for each in written.split(",")]


@pytest.mark.parametrize(
    "written", ["https://hooks.example.com/services/T1", "*.example.com", "ftp://a", "a b", "u@a"]
)
def test_what_is_more_than_a_host_is_refused(monkeypatch, written):
    monkeypatch.setenv("PORTAL_WORD", written)

    with pytest.raises(ImproperlyConfigured, match="expected a host"):
        env.hosts("PORTAL_WORD")


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("", env.Zendesk()),
        ("https://8x8.zendesk.com/", env.Zendesk("https://8x8.zendesk.com")),
        (
            "https://support@northwind.example:t0%2Fken@8X8.zendesk.com",
            env.Zendesk("https://8x8.zendesk.com", "support@northwind.example", "t0/ken"),
        ),
        (
            "http://a%40b.example:t@127.0.0.1:8000",
            env.Zendesk("http://127.0.0.1:8000", "a@b.example", "t"),
        ),
    ],
)
def test_a_zendesk_url_names_a_zendesk_and_who_signs_in(monkeypatch, url, site):
    monkeypatch.setenv("PORTAL_X", url)

    assert env.zendesk("PORTAL_X") == site
    assert site.host == site.origin.partition("//")[2]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("8x8.zendesk.com", "is not understood"),
        ("https://a@b.example:hush@8x8.zendesk.com/api/v2", "is not understood"),
        ("https://a@b.example:hush@8x8.zendesk.com?x=1", "is not understood"),
        ("https://a@b.example:hush@", "is not understood"),
        ("http://a@b.example:hush@8x8.zendesk.com", "in the clear"),
        ("http://a@b.example:hush@localhost", "in the clear"),
        ("ftp://a@b.example:hush@8x8.zendesk.com", "in the clear"),
        ("https://a@b.example@8x8.zendesk.com", "or neither"),
        ("https://ana:hush@8x8.zendesk.com", "or neither"),
        ("https://a@b.example%0d%0aX:hush@8x8.zendesk.com", "or neither"),
        ("https://a@b.example:hush@8x8.zendesk.com:port", "host and port"),
        ("https://a@b.example:hush@[8x8.zendesk.com", "host and port"),
    ],
)
def test_a_wrong_zendesk_url_stops_the_start_without_showing_its_token(monkeypatch, url, words):
    monkeypatch.setenv("PORTAL_X", url)

    with pytest.raises(ImproperlyConfigured, match=r"^PORTAL_X") as refusal:
        env.zendesk("PORTAL_X")

    assert words in str(refusal.value)
    assert "hush" not in str(refusal.value)


def test_fields_have_numbers_and_words_of_a_list(monkeypatch):
    monkeypatch.setenv("PORTAL_X", "360001=account, 360002 = reference,")

    found = env.numbered("PORTAL_X", among=("account", "reference"))

    assert found == {360_001: "account", 360_002: "reference"}


@pytest.mark.parametrize("written", ["account", "x=account", "1=else", "²=account", "-1=account"])
def test_a_field_that_is_none_is_refused(monkeypatch, written):
    monkeypatch.setenv("PORTAL_X", written)

    with pytest.raises(ImproperlyConfigured, match="expected number=word"):
        env.numbered("PORTAL_X", among=("account",))


def test_a_field_is_one_thing(monkeypatch):
    monkeypatch.setenv("PORTAL_X", "1=account,01=reference")

    with pytest.raises(ImproperlyConfigured, match="PORTAL_X has the number 1 twice"):
        env.numbered("PORTAL_X", among=("account", "reference"))
