"""What `up` decides before it starts anything."""

import os
import socket

import pytest

from support_portal.operations import local_run
from support_portal.operations.local_run import Address, CannotStart, DemoSecrets

HERE = Address("127.0.0.1", 8000)


@pytest.fixture
def taken():
    """Return an address at which somebody listens, as granian does: willing to share."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield Address("127.0.0.1", server.getsockname()[1])


def test_a_taken_port_is_refused_with_a_free_one_in_place(taken):
    with pytest.raises(CannotStart) as refusal:
        local_run.refuse_taken_port(taken)

    free = int(str(refusal.value).rpartition(" ")[2])
    assert str(refusal.value) == (
        f"Port {taken.port} on 127.0.0.1 is taken by another program. "
        f"Another one is free: python3 manage.py up --port {free}"
    )
    assert local_run.is_free(Address("127.0.0.1", free))


def test_an_address_of_another_machine_is_told_apart_from_a_taken_port():
    with pytest.raises(CannotStart, match=r"^192\.0\.2\.1 is no address of this machine\.$"):
        local_run.refuse_taken_port(Address("192.0.2.1", 8000))


def test_a_data_directory_is_held_once(tmp_path):
    lock = local_run.hold(tmp_path, HERE)

    with pytest.raises(CannotStart, match="runs already with the data in"):
        local_run.hold(tmp_path, Address("127.0.0.1", 8001))

    os.close(lock)
    os.close(local_run.hold(tmp_path, HERE))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("portal.test", "http://portal.test:8000/"),
        ("::1", "http://[::1]:8000/"),
    ],
)
def test_the_printed_address_can_be_opened(host, url):
    assert Address(host, 8000).url == url


def test_the_demo_is_fed_until_it_is_complete(tmp_path):
    def names(*, feed):
        return [job.name for job in local_run.plan(HERE, tmp_path, "", feed=feed).jobs]

    assert names(feed=False) == ["web", "worker", "beat"]
    assert names(feed=True) == ["web", "worker", "beat", "demo"]

    (tmp_path / "demo-complete").touch()
    assert names(feed=True) == ["web", "worker", "beat"]


def test_no_secret_stands_in_a_command_line(tmp_path):
    secrets = ["his password", "its token", "the key"]
    greeting = local_run.greeting(HERE, tmp_path, DemoSecrets(*secrets))

    commands = [
        " ".join(job.command) for job in local_run.plan(HERE, tmp_path, greeting, feed=True).jobs
    ]

    assert [secret for secret in secrets for command in commands if secret in command] == []


def test_the_greeting_tells_how_to_sign_in_send_and_stop(tmp_path):
    demo = DemoSecrets(password="a password", token="a-token", hook_key="a-key")

    assert local_run.greeting(HERE, tmp_path, demo).splitlines() == [
        "",
        "Support Portal is ready: http://127.0.0.1:8000/",
        "  Sign in    agent, lead, viewer or admin with the password a password",
        "  Send       POST http://127.0.0.1:8000/api/v1/events  Authorization: Bearer a-token",
        "  Webhook    http://127.0.0.1:8000/hooks/8x8/a-key/",
        f"  Ctrl-C stops everything; the data stay in {tmp_path}.",
        "",
    ]


def test_what_opens_the_demo_is_made_up_once_and_gives_way_to_what_is_set(tmp_path, monkeypatch):
    for name in ("PORTAL_DEMO_PASSWORD", "PORTAL_DEMO_TOKEN", "PORTAL_DEMO_HOOK_KEY"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "local.env"

    made_up = local_run.demo_secrets(file)
    for line in file.read_text().splitlines():
        monkeypatch.setenv(*line.split("=", 1))

    assert local_run.demo_secrets(file) == made_up
    assert len({made_up.password, made_up.token, made_up.hook_key}) == 3

    monkeypatch.setenv("PORTAL_DEMO_PASSWORD", "chosen")
    assert local_run.demo_secrets(file).password == "chosen"
    assert "PORTAL_DEMO_PASSWORD=chosen\n" in file.read_text()


def test_rings_of_an_earlier_run_are_forgotten(tmp_path):
    (tmp_path / "q-portal").mkdir()
    (tmp_path / "q-portal" / "1.msg").touch()

    local_run.forget_rings(tmp_path)
    local_run.forget_rings(tmp_path)

    assert not tmp_path.exists()
