"""The WSGI application that every web server of the portal runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "support_portal.settings.base")
site = get_wsgi_application()

from support_portal import celery  # noqa: E402, F401 - rings go to the configured broker
from support_portal.ingest import doors  # noqa: E402 - the settings have to be there first
from support_portal.ingest.listening import heartbeat  # noqa: E402 - needs the applications
from support_portal.ingest.listening.models import Role  # noqa: E402
from support_portal.insights import warming  # noqa: E402

application = doors.in_front_of(site)
heartbeat.start(Role.WEB)
warming.start()
