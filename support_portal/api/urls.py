"""Addresses for machines that read."""

from django.urls import path

from support_portal.api import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
