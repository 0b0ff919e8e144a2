"""What has to be remembered of any room's work."""

from datetime import datetime

from django.db import models


class GoneBeforeManager(models.Manager["GoneBefore"]):
    """Remembering how far back there is something."""

    def note(self, kind: str, moment: datetime) -> None:
        """Remember that what is older than ``moment`` goes; a later moment stays."""
        row, new = self.get_or_create(kind=kind, defaults={"moment": moment})
        if not new and row.moment < moment:
            self.filter(kind=kind, moment__lt=moment).update(moment=moment)


class GoneBefore(models.Model):
    """The moment before which records of a kind were removed by age (``core.pruning``)."""

    kind = models.CharField(max_length=40, primary_key=True)
    moment = models.DateTimeField()

    objects = GoneBeforeManager()

    def __str__(self) -> str:
        return f"{self.kind} before {self.moment:%Y-%m-%d}"
