"""What leads decide for all inquiries: templates of letters, and hours and targets."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from support_portal.inquiries.models.inquiry import Kind


class LetterTemplate(models.Model):
    """One version of the words of a kind, as a lead wrote them; rows are only added, the newest counts.

    Versions count from 1 for each kind: of two who change the same one comes second and is told.
    """

    kind = models.CharField(max_length=20, choices=Kind)
    number = models.IntegerField()
    subject = models.TextField(default="", blank=True)
    question = models.TextField(default="", blank=True)
    unlisted = models.TextField(default="", blank=True)
    expectation = models.TextField(default="", blank=True)
    built_in = models.BooleanField(default=False)  # the built-in words count again; texts are empty
    reason = models.CharField(max_length=300, default="", blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="letter_template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} version {self.number}"


class DeskRules(models.Model):
    """When the desk works and how long 8x8 may take, as a lead set it; the newest row counts.

    The key counts from 1, so of two who change the same one comes second and is told.  Values are
    texts as ``inquiries.desk`` reads them; ``reset`` says that the settings count again.
    """

    number = models.IntegerField(primary_key=True)
    said = models.JSONField(default=dict)
    reset = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "desk rules"

    def __str__(self) -> str:
        return f"desk rules {self.number}"
