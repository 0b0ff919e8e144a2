"""`check_setup` asks about everything, and says how to put right what is wrong."""

import io
import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from support_portal.accounts.services import issue_token
from support_portal.core.env import Zendesk
from support_portal.events.storage import RECEIPTS, keep_partitions
from support_portal.operations import setup_checks
from support_portal.operations.demo.people import SENDER
from support_portal.operations.setup_checks import Finding, Wrong
from tests.inquiries.zendesk_server import Says, running
from tests.notices.mailbox import listening
from tests.processes import free_port
from tests.stack import REPOSITORY


def check_setup(tmp_path, **variables):
    return subprocess.run(
        [sys.executable, "manage.py", "check_setup"],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "PORTAL_DATA_DIR": str(tmp_path),
            "PORTAL_SECRET_KEY": "only for this test, and long enough to be accepted here",
            "PORTAL_SEAL_KEYS": "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "PORTAL_HTTPS": "no",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db
def test_a_good_installation_gets_a_line_for_each_question():
    found = list(setup_checks.findings())

    assert [(finding.subject, finding.good) for finding in found] == [
        ("Settings", True),
        ("Seal keys", True),
        ("Data directory", True),
        ("Database", True),
        ("Migrations", True),
        ("Receipts", True),
        ("Broker", True),
        ("Mail", True),
        ("Zendesk", True),
        ("Demo", True),
    ]
    assert found[1] == Finding("Seal keys", good=True, text="new data are sealed with the key test")


def test_what_is_wrong_is_said_and_counted(tmp_path):
    done = check_setup(tmp_path, PORTAL_BROKER_URL="amqp://guest:secret@127.0.0.1:1//")
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]

    assert done.returncode == 1
    assert wrong[0].endswith("migrations are waiting: manage.py migrate")
    assert wrong[1].startswith("WRONG  Broker: amqp://guest:**@127.0.0.1:1// does not answer")
    assert done.stderr.splitlines()[-1].startswith("CommandError: ")
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.django_db
def test_the_demo_has_no_place_on_a_server(settings):
    issue_token(name=SENDER, scopes=["events:write"])
    assert setup_checks.demo_stays_at_home() == "present, for this machine only"

    settings.HTTPS = True
    with pytest.raises(Wrong, match="a server wants a fresh one"):
        setup_checks.demo_stays_at_home()


@pytest.fixture
def careless(transactional_db):
    """Switch the database to losing commits, and return how that is told."""
    told = {"sqlite": "PRAGMA synchronous is 0", "postgresql": "synchronous_commit = off"}
    switch = {"sqlite": "PRAGMA synchronous = {}", "postgresql": "SET synchronous_commit = {}"}
    careful = {"sqlite": "FULL", "postgresql": "on"}
    with connection.cursor() as cursor:
        cursor.execute(switch[connection.vendor].format("OFF"))
        yield told[connection.vendor]
        cursor.execute(switch[connection.vendor].format(careful[connection.vendor]))


def test_a_database_that_does_not_sync_is_found(careless):
    with pytest.raises(Wrong, match=careless):
        setup_checks.database_is_durable()


def test_a_data_directory_that_is_not_there_is_found(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "nowhere"

    with pytest.raises(Wrong, match="is not there"):
        setup_checks.folder_can_be_written()


@pytest.mark.django_db
def test_the_command_prints_a_line_for_each_finding():
    out = io.StringIO()

    call_command("check_setup", stdout=out)

    assert len(out.getvalue().splitlines()) == len(setup_checks.QUESTIONS)
    assert "WRONG" not in out.getvalue()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no partitions")
def test_weeks_to_come_without_a_partition_are_found(monkeypatch):
    assert setup_checks.receipts_have_partitions().startswith("5 weeks, until ")
    last = setup_checks.partitions.weeks(RECEIPTS)[-1]
    monkeypatch.setattr(timezone, "now", lambda: last.ends)

    with pytest.raises(Wrong, match="next week has no partition"):
        setup_checks.receipts_have_partitions()
    keep_partitions(last.ends)
    assert setup_checks.receipts_have_partitions().startswith("1")


def test_a_mail_server_that_does_not_answer_is_found(settings):
    settings.MAIL_ON = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = free_port()

    with pytest.raises(setup_checks.Wrong, match="does not take mail"):
        setup_checks.mail_is_taken()


def test_a_mail_server_that_answers_is_named(settings):
    settings.MAIL_ON = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.ADDRESS = "https://portal.example.com"
    with listening() as mailbox:
        settings.EMAIL_PORT = mailbox.port

        answer = setup_checks.mail_is_taken()

    assert answer == (
        f"localhost:{mailbox.port} answers; links begin with https://portal.example.com"
    )


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (None, "support@northwind.example signs in"),
        (Says(200, {"user": {"id": None, "email": None}}), "nobody signs in there"),
        (Says(200, {"user": {"email": 7}}), "nobody signs in there"),
    ],
)
def test_a_zendesk_that_answers_is_named(settings, fault, answer):
    with running() as server:
        server.faults["users"] = [fault] if fault else []
        settings.ZENDESK = server.signed_in

        assert setup_checks.zendesk_knows_us() == f"{settings.ZENDESK.host} answers; {answer}"


def test_a_zendesk_that_knows_nothing_of_us_is_found(settings):
    with running() as server:
        settings.ZENDESK = Zendesk(server.origin, "support@northwind.example", "an old token")

        with pytest.raises(Wrong, match=r"does not take requests: .*401 Couldn't authenticate you"):
            setup_checks.zendesk_knows_us()
    with pytest.raises(Wrong, match="cannot be talked to"):
        setup_checks.zendesk_knows_us()
