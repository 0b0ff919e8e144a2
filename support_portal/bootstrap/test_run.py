"""``manage.py test``: finds what the tests can use, says what is left out, then runs pytest."""

import os
import socket
import sys
from urllib.parse import urlsplit

from support_portal.bootstrap import browser

SERVICES = {
    "postgresql": ("PORTAL_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "rabbitmq": ("PORTAL_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}
PORTS = {"postgresql": 5432, "amqp": 5672}
# On every core, but for tests that stand in one group (the faults): those follow one another.
WHOLE_SUITE = ["-n", "auto", "--dist", "loadgroup"]


def start(arguments: list[str]) -> None:
    """Become pytest with ``arguments``; without any, run the whole suite on every core."""
    left_out = _prepare_browser() + _find_services()
    required = os.environ.get("PORTAL_TEST_REQUIRE", "").replace(",", " ").split()
    for name, reason in left_out:
        print(f"Left out, tests that need {name}: {reason}", flush=True)
    refused = sorted({name for name, _ in left_out} & set(required))
    if refused:
        raise SystemExit(f"PORTAL_TEST_REQUIRE asks for {', '.join(refused)}: no tests were run.")
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)])


def _prepare_browser() -> list[tuple[str, str]]:
    path = browser.find_or_install()
    if path:
        os.environ["PORTAL_TEST_BROWSER"] = path
        return []
    os.environ.pop("PORTAL_TEST_BROWSER", None)
    return [("browser", "no Chromium is installed and none could be.")]


def _find_services() -> list[tuple[str, str]]:
    """Hand on the addresses of the services that answer, and return those that do not."""
    silent: list[tuple[str, str]] = []
    for name, (variable, usual) in SERVICES.items():
        url = urlsplit(os.environ.get(variable) or usual)
        host, port = url.hostname or "127.0.0.1", url.port or PORTS.get(url.scheme, 0)
        if _answers(host, port):
            os.environ[variable] = url.geturl()
        else:
            os.environ.pop(variable, None)
            silent.append((name, f"nothing answers at {host}:{port} ({variable})."))
    return silent


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False
