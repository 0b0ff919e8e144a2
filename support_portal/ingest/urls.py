"""Addresses that machines post to."""

from django.urls import path

from support_portal.ingest import views
from support_portal.ingest.listening.refusals import noticed
from support_portal.ingest.models import Source

events = noticed(Source.API)(views.events)
hook = noticed(Source.HOOK)(views.hook)

urlpatterns = [
    path("api/v1/events", events, name="post-events"),
    path("hooks/8x8/<str:key>/", hook, name="hook"),
    path("hooks/8x8/<str:key>", hook),  # a redirect would lose what was posted
]
