#!/usr/bin/env python3
"""Django's command line; where Django is missing it first builds .venv and goes on in there."""

import sys

if sys.version_info < (3, 11):  # before an import that an older Python could not even parse
    sys.exit("Support Portal needs Python 3.11 or newer; this is %d.%d.%d." % sys.version_info[:3])

import os
from importlib import import_module

from support_portal.bootstrap import environment, local_settings, test_run


def main(argv: list[str]) -> None:
    """Prepare what Django needs, then hand ``argv`` over to it."""
    environment.enter(argv)
    if argv[1:2] == ["test"]:
        test_run.start(argv[2:])
    local_settings.load(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_portal.settings.base")
    import_module("support_portal.celery")  # what a command sends rings the configured broker
    try:
        import_module("django.core.management").execute_from_command_line(argv)
    except import_module("django.core.exceptions").ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong: {error}")


if __name__ == "__main__":
    main(sys.argv)
