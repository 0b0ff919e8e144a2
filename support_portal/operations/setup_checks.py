"""Is this installation fit to promise what the portal promises?  One finding per question."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from kombu import Connection
from kombu.exceptions import OperationalError

from support_portal.accounts.models import ApiToken
from support_portal.core import partitions, sealing, sqlite
from support_portal.events.storage import RECEIPTS, placed_since
from support_portal.inquiries.ways import zendesk
from support_portal.inquiries.ways.handing import NotTaken
from support_portal.operations.demo.people import SENDER

POSTGRESQL_SINCE = 150000
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
SQLITE_FULL = 2
ENOUGH_SPACE = 2**30
SAMPLE = b"what is sealed can be read again"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question about the installation."""

    subject: str
    good: bool
    text: str


class Wrong(Exception):
    """Something that has to be put right; the text says what and how."""


def findings() -> Iterator[Finding]:
    """Yield a finding for each question, cheap ones first."""
    for subject, question in QUESTIONS.items():
        try:
            yield Finding(subject, good=True, text=question())
        except Wrong as wrong:
            yield Finding(subject, good=False, text=str(wrong))


def settings_are_safe() -> str:
    """Answer for Django's deployment checks."""
    problems = checks.run_checks(include_deployment_checks=settings.HTTPS)
    serious = [problem for problem in problems if problem.level >= checks.WARNING]
    if serious:
        raise Wrong("; ".join(f"{problem.msg} ({problem.id})" for problem in serious))
    return (
        "no objections" if settings.HTTPS else "no objections; without HTTPS, for this machine only"
    )


def keys_work() -> str:
    """Answer for the seal keys."""
    try:
        if sealing.unseal(sealing.seal(SAMPLE)) != SAMPLE:
            raise Wrong("what is sealed does not come back the same")
        first = sealing.read_keys(settings.SEAL_KEYS)[0]
    except ImproperlyConfigured as error:
        raise Wrong(str(error)) from None
    return f"new data are sealed with the key {first.id}"


def folder_can_be_written() -> str:
    """Answer for the data directory."""
    folder = Path(settings.DATA_DIR)
    if not os.access(folder, os.W_OK):
        raise Wrong(f"{folder} cannot be written by this user, or is not there")
    free = shutil.disk_usage(folder).free
    if free < ENOUGH_SPACE:
        raise Wrong(f"{free // 2**20} MB are free in {folder}; 1 GB should be")
    return f"{folder}, {free // 2**30} GB free"


def database_is_durable() -> str:
    """Answer for the promise that what was accepted survives a power cut."""
    with _database_errors():
        connection.ensure_connection()
        return _check_sqlite() if connection.vendor == "sqlite" else _check_postgresql()


def migrations_are_applied() -> str:
    """Answer for the tables."""
    with _database_errors():
        executor = MigrationExecutor(connection)
        ahead = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if ahead:
        raise Wrong(f"{len(ahead)} migrations are waiting: manage.py migrate")
    return "all applied"


def receipts_have_partitions() -> str:
    """Answer for the weeks to come, whose receipts want a place of their own."""
    with _database_errors():
        if connection.vendor != "postgresql":
            return "one table, as SQLite has it"
        weeks = partitions.weeks(RECEIPTS)
        now = timezone.now()
        behind = partitions.strays(RECEIPTS, placed_since(now), now)
    if not weeks or weeks[-1].ends < now + partitions.WEEK:
        raise Wrong("next week has no partition for receipts; the worker or beat does not run")
    told = f"{len(weeks)} weeks, until {weeks[-1].ends:%Y-%m-%d}"
    return f"{told}; receipts of {len(behind)} more move within minutes" if behind else told


def broker_answers() -> str:
    """Answer for the broker."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    url = settings.CELERY_BROKER_URL
    with Connection(url, connect_timeout=3, transport_options=options) as broker:
        refusals: tuple[type[BaseException], ...] = (OperationalError, *broker.connection_errors)
        try:
            broker.ensure_connection(max_retries=1)
        except refusals as error:
            raise Wrong(f"{broker.as_uri()} does not answer: {error}") from None
        return str(broker.as_uri())


def mail_is_taken() -> str:
    """Answer for the mail server."""
    if not settings.MAIL_ON:
        return "not set up; notices are shown in the portal only"
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection():
            return f"{server} answers; links begin with {settings.ADDRESS}"
    except OSError as error:
        raise Wrong(f"{server} does not take mail: {error}") from None


def zendesk_knows_us() -> str:
    """Answer for the Zendesk that takes inquiries."""
    site = settings.ZENDESK
    if not site.origin:
        return "not set up; inquiries go by mail or by hand"
    try:
        who = zendesk.who_we_are()
    except NotTaken as error:
        raise Wrong(f"{site.host} does not take requests: {error}") from None
    return f"{site.host} answers; {f'{who} signs in' if who else 'nobody signs in there'}"


def demo_stays_at_home() -> str:
    """Answer for the demo accounts, whose password is on a screen."""
    with _database_errors():
        present = ApiToken.objects.filter(name=SENDER).alive().exists()
    if present and settings.HTTPS:
        raise Wrong("the demo accounts and keys are in this database; a server wants a fresh one")
    return "present, for this machine only" if present else "not loaded"


QUESTIONS: dict[str, Callable[[], str]] = {
    "Settings": settings_are_safe,
    "Seal keys": keys_work,
    "Data directory": folder_can_be_written,
    "Database": database_is_durable,
    "Migrations": migrations_are_applied,
    "Receipts": receipts_have_partitions,
    "Broker": broker_answers,
    "Mail": mail_is_taken,
    "Zendesk": zendesk_knows_us,
    "Demo": demo_stays_at_home,
}


def _check_sqlite() -> str:
    version = import_module("sqlite3").sqlite_version_info  # the one that settings chose
    journal, synchronous = _value("PRAGMA journal_mode"), _value("PRAGMA synchronous")
    if journal == "wal" and sqlite.has_wal_reset_race(version):
        raise Wrong(f"SQLite {version} can lose commits in WAL mode; install the wheel pysqlite3")
    if synchronous != SQLITE_FULL:
        raise Wrong(f"PRAGMA synchronous is {synchronous}; expected 2 (FULL)")
    return f"SQLite {'.'.join(map(str, version))}, journal {journal}, commits reach the disk"


def _check_postgresql() -> str:
    version = int(str(_value("SHOW server_version_num")))
    if version < POSTGRESQL_SINCE:
        raise Wrong(f"PostgreSQL {version // 10000} is too old; 15 or newer is needed")
    for name, expected in DURABLE.items():
        if (value := _value(f"SHOW {name}")) != expected:
            raise Wrong(f"PostgreSQL has {name} = {value}; accepted deliveries could be lost")
    return f"PostgreSQL {version // 10000}, commits reach the disk"


def _value(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        raise Wrong(f"the database does not work: {str(error).splitlines()[0]}") from None
