"""The environment is built from the lock, kept while the lock stays, and mended when half built."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile

import pytest

from support_portal.bootstrap import environment, installer
from support_portal.bootstrap.environment import Venv
from tests.stack import REPOSITORY


def wheel(folder, name, version):
    """Write the smallest package there can be, and return the line that locks it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        rows = [f"{file},sha256={_digest(text)},{len(text)}\n" for file, text in files.items()]
        archive.writestr(f"{info}/RECORD", "".join([*rows, f"{info}/RECORD,,\n"]))
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _digest(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def index(tmp_path, monkeypatch):
    """Return a folder that pip takes packages from, and from nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def lock(tmp_path, index):
    """Return a lock with one package, which plays the part of Django."""
    path = tmp_path / "base.txt"
    path.write_text(wheel(index, "django", "1"))
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """Return an environment without packages, made once as that takes seconds."""
    path = tmp_path_factory.mktemp("empty") / ".venv"
    installer.create(path)
    return path


@pytest.fixture
def own(tmp_path, empty):
    """Return an environment that somebody else made."""
    path = tmp_path / ".venv"
    shutil.copytree(empty, path, symlinks=True)
    return Venv(path)


def version_in(venv):
    command = [venv.python, "-c", "import django; print(django.__version__)"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_an_environment_is_built_once_and_follows_its_lock(tmp_path, index, lock, capsys):
    venv = Venv(tmp_path / ".venv")

    assert venv.ready(lock) == venv.python
    assert version_in(venv) == "1"
    assert venv.has(lock)
    capsys.readouterr()

    venv.ready(lock)
    assert capsys.readouterr().out == ""  # nothing was done

    lock.write_text(wheel(index, "django", "2"))
    assert not venv.has(lock)
    venv.ready(lock)
    assert version_in(venv) == "2"


def test_the_test_lock_stands_for_the_base_too(tmp_path, index, lock, own):
    tests = tmp_path / "test.txt"
    tests.write_text(lock.read_text() + wheel(index, "pytest", "1"))

    own.ready(tests)

    assert own.has(tests)
    assert own.has(lock)


def test_a_half_built_environment_is_built_again(lock, own):
    left_over = own.path / "left-over"
    left_over.touch()
    own.note.write_text(json.dumps({"building": "base.txt"}))

    own.ready(lock)

    assert not left_over.exists()
    assert version_in(own) == "1"


def test_somebodys_own_environment_is_completed_not_replaced(lock, own):
    theirs = own.path / "theirs"
    theirs.touch()

    own.ready(lock)

    assert theirs.exists()
    assert version_in(own) == "1"


def test_a_folder_that_is_no_environment_gives_way_to_one(tmp_path, lock):
    venv = Venv(tmp_path / ".venv")
    venv.path.mkdir()

    venv.ready(lock)

    assert version_in(venv) == "1"


def test_a_package_with_another_hash_is_not_installed(index, lock, own):
    (index / "django-1-py3-none-any.whl").write_bytes(b"something else")

    with pytest.raises(SystemExit, match="is not the one that requirements/ names"):
        own.ready(lock)

    assert not own.has(lock)


def test_a_package_that_the_index_lacks_is_named(lock, own):
    lock.write_text(lock.read_text() + "absent==1 --hash=sha256:" + "0" * 64 + "\n")

    with pytest.raises(SystemExit, match="The package index has no absent==1"):
        own.ready(lock)


def test_a_second_start_waits_for_the_first(tmp_path):
    path = tmp_path / "lock"
    program = (
        "from pathlib import Path; from support_portal.bootstrap.environment import one_at_a_time\n"
        f"with one_at_a_time(Path({str(path)!r})): print('in', flush=True)"
    )

    with environment.one_at_a_time(path):
        command = [sys.executable, "-c", program]
        second = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        first_line = second.stdout.readline()
    rest = second.communicate()[0]

    assert [first_line, rest] == [
        "Another start is preparing .venv; waiting for it.\n",
        "in\n",
    ]


def test_what_an_own_environment_lacks_is_named(tmp_path):
    (tmp_path / "base.in").write_text("# what for\nDjango>=5\nabsent-one[extra]>=1\n")
    (tmp_path / "test.in").write_text(
        '-r base.in\npytest\nabsent-two\nabsent-three; sys_platform == "win32"\n'
    )

    assert environment.missing(tmp_path / "test.in") == ["absent-one", "absent-two"]
    assert environment.missing(tmp_path / "not-there.in") == []


@pytest.mark.parametrize("name", ["base", "production", "test", "dev"])
def test_a_lock_names_every_package_with_its_hashes_and_no_place(name):
    lock = (environment.REQUIREMENTS / f"{name}.txt").read_text()
    pins = installer.PIN.findall(lock)
    unlocked = [part for part in lock.replace("\\\n", "").splitlines() if "--hash=" not in part]

    assert len(pins) > 30
    assert unlocked == []
    assert [word for word in ("://", "--index", "--find-links", "file:") if word in lock] == []


def test_progress_counts_what_is_fetched_then_what_is_installed(tmp_path):
    counter = installer.Counter(total=3, venv=tmp_path)
    packages = tmp_path / "lib" / "python3.11" / "site-packages"

    seen = [
        counter.see("Ignoring tzdata: markers do not match\n"),
        counter.see("Collecting django==5.2\n"),
        counter.see(None),
        counter.see("Collecting celery==5.7\n"),
    ]
    (packages / "django-5.2.dist-info").mkdir(parents=True)
    seen.append(counter.see(None))

    assert seen == [
        "Fetching packages: 0 of 2",
        "Fetching packages: 1 of 2",
        "Fetching packages: 1 of 2",
        "Installing packages: 0 of 2",
        "Installing packages: 1 of 2",
    ]
