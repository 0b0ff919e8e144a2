"""Settings for one's own machine: made once by ``manage.py up``, read by every later command.

They live in the data directory, readable by their owner only.  A server has no such file: there
the environment says everything.
"""

import argparse
import base64
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from support_portal.bootstrap import explain
from support_portal.bootstrap.environment import ROOT

FILE_NAME = "local.env"


def load(argv: list[str]) -> None:
    """Complete the environment of the command ``argv`` by the local settings, if there are any."""
    _set_defaults(_read(ROOT / ".env"))
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--data-dir")
    if argv[1:2] == ["up"]:
        chosen = parser.parse_known_args(argv[2:])[0].data_dir
        if chosen:
            os.environ["PORTAL_DATA_DIR"] = str(Path(chosen).expanduser().resolve())
    try:
        if argv[1:2] == ["up"]:
            complete(data_dir() / FILE_NAME)
        _set_defaults(_read(data_dir() / FILE_NAME))
    except OSError as error:
        raise SystemExit(explain.system_failure(error)) from None


def data_dir() -> Path:
    """Return the folder that everything written at run time goes to."""
    return Path(os.environ.get("PORTAL_DATA_DIR") or ROOT / ".data").expanduser().resolve()


def complete(file: Path) -> None:
    """Write the settings that a first start needs and ``file`` does not have yet."""
    known = _read(file)
    fresh = {name: value for name, value in _made_up().items() if name not in known}
    if fresh:
        keep(file, fresh)


def keep(file: Path, values: dict[str, str]) -> None:
    """Add ``values`` to ``file``, whole or not at all, for its owner's eyes only."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"{name}={value}\n" for name, value in {**_read(file), **values}.items()]
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())  # a seal key that is lost takes what it sealed with it
    draft.replace(file)


def _made_up() -> dict[str, str]:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(48),
        "PORTAL_SEAL_KEYS": f"{datetime.now(UTC):%Y-%m-%d}:{key}",
        "PORTAL_HTTPS": "no",
    }


def _read(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def _set_defaults(values: dict[str, str]) -> None:
    for name, value in values.items():
        os.environ.setdefault(name, value)
