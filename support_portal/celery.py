"""The Celery application: wires the tasks to the settings, and is imported by nobody."""

import os

from celery import Celery
from celery.signals import task_prerun

from support_portal.core import local_broker
from support_portal.core.connections import drop_broken
from support_portal.core.pulse import Pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_portal.settings.base")
local_broker.register()

app = Celery("support_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(Pulse)
# Celery would close every connection after every task, or never look at them (CELERY_DB_REUSE_MAX).
task_prerun.connect(drop_broken)
