"""The portal's own settings with the Django admin beside it, for ``peers``."""

from support_portal.settings.base import *  # noqa: F403
from support_portal.settings.base import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "tests.benchmarks.peers_urls"
SILENCED_SYSTEM_CHECKS = ["admin.E410"]
