"""Finds a Chromium for the browser tests, and installs one where there is none."""

import os
import shutil
import subprocess
import sys

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OF_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as start\n"
    "with start() as playwright: print(playwright.chromium.executable_path)"
)
APT_STEPS = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"),
)


def find() -> str:
    """Return the path of a browser that starts, or an empty string."""
    named = os.environ.get("PORTAL_TEST_BROWSER", "")
    for name in (named, *INSTALLED):
        path = shutil.which(name) if name else None
        if path and _starts(path):
            return path
    path = _output([sys.executable, "-c", OF_PLAYWRIGHT])
    return path if path and _starts(path) else ""


def find_or_install() -> str:
    """Return the path of a browser, installing one if need be; an empty string if that fails."""
    return find() or _from_playwright() or _from_debian()


def _from_playwright() -> str:
    print("No Chromium found; installing the one of Playwright.", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return find() if _succeeds(command) else ""


def _from_debian() -> str:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return ""
    print("Installing Debian's package chromium.", flush=True)
    return find() if all(_succeeds(list(step)) for step in APT_STEPS) else ""


def _succeeds(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0


def _starts(path: str) -> bool:
    """Tell whether the browser is whole: a package without its libraries fails already here."""
    return bool(_output([path, "--version"]))


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
