"""The same as ``bare`` in a Django view, with no middleware and the portal's own database settings."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from support_portal.settings.base import DATABASES
from tests.benchmarks.bare import KEPT, TABLE


def keep(request: HttpRequest, anything: str) -> HttpResponse:
    """Keep the body of the request and answer 202."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (body) VALUES (%s)", (request.body,))
    return HttpResponse(KEPT, status=202, headers={"Content-Length": str(len(KEPT))})


DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=False)
settings.configure(DATABASES=DATABASES, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
urlpatterns = [path("<path:anything>", keep)]
application = get_wsgi_application()
