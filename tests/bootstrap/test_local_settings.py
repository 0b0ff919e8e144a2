"""What `up` makes up is kept for its owner's eyes, and gives way to what somebody set."""

import os
import stat

import pytest

from support_portal.bootstrap import local_settings
from support_portal.core import sealing

MADE_UP = ["PORTAL_SECRET_KEY", "PORTAL_SEAL_KEYS", "PORTAL_HTTPS"]


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """Return a data directory and an environment that says nothing but where it is."""
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        monkeypatch.delenv(name)
    for name in [*MADE_UP, "PORTAL_MINE"]:  # what the code sets is taken back after the test
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_first_start_makes_up_secrets_that_only_their_owner_can_read(bare):
    local_settings.load(["manage.py", "up"])

    file = bare / "local.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(bare.stat().st_mode) == 0o700
    assert [line.partition("=")[0] for line in file.read_text().splitlines()] == MADE_UP
    assert len(os.environ["PORTAL_SECRET_KEY"]) == 64
    assert len(sealing.read_keys(os.environ["PORTAL_SEAL_KEYS"])) == 1
    assert os.environ["PORTAL_HTTPS"] == "no"


def test_a_second_start_keeps_them(bare):
    local_settings.complete(bare / "local.env")
    first = (bare / "local.env").read_text()

    local_settings.complete(bare / "local.env")

    assert (bare / "local.env").read_text() == first


def test_other_commands_read_them_but_make_up_nothing(bare):
    local_settings.load(["manage.py", "migrate"])
    assert not bare.exists()

    local_settings.keep(bare / "local.env", {"PORTAL_MINE": "kept"})
    local_settings.load(["manage.py", "migrate"])

    assert os.environ["PORTAL_MINE"] == "kept"


def test_what_the_environment_says_wins(bare, monkeypatch):
    local_settings.keep(bare / "local.env", {"PORTAL_MINE": "kept"})
    monkeypatch.setenv("PORTAL_MINE", "set")

    local_settings.load(["manage.py", "up"])

    assert os.environ["PORTAL_MINE"] == "set"


def test_up_takes_the_data_directory_from_its_arguments(bare, tmp_path):
    local_settings.load(
        ["manage.py", "up", "--port", "8001", "--data-dir", str(tmp_path / "other")]
    )

    assert local_settings.data_dir() == tmp_path / "other"
    assert (tmp_path / "other" / "local.env").is_file()
    assert not bare.exists()


def test_a_value_that_is_set_anew_replaces_the_old_one(bare):
    local_settings.keep(bare / "local.env", {"A": "1", "B": "2"})
    local_settings.keep(bare / "local.env", {"A": "3=4"})

    assert (bare / "local.env").read_text() == "A=3=4\nB=2\n"


def test_a_data_directory_that_cannot_be_made_is_told_in_a_sentence(bare, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PORTAL_DATA_DIR", str(tmp_path / "file" / "data"))

    with pytest.raises(SystemExit, match="Not a directory"):
        local_settings.load(["manage.py", "up"])
