"""Counts of errors and messages by minute, hour and day.

A count belongs to a *combination* of traits (this code, that sub-account …) and a *bucket* of time.
There are few combinations, so counts are narrow rows: where ten million facts lie, they are some
hundred thousand.
"""

from django.db import models

ANY = "*"  # of a combination that stands for what is beyond the limits (insights.combinations)


class Kind(models.TextChoices):
    """What is counted."""

    ERROR = "error"
    MESSAGE = "message"


class Grain(models.IntegerChoices):
    """How wide a bucket is, in minutes."""

    MINUTE = 1
    HOUR = 60
    DAY = 1440  # of UTC


class Combination(models.Model):
    """Traits that are counted together; its key is a digest of them."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.IntegerField(null=True)
    registry = models.CharField(max_length=40, default="", blank=True)  # of a message's code
    group_id = models.BigIntegerField(default=0)  # of errors
    state = models.CharField(max_length=40, default="", blank=True)  # of messages
    sub_account = models.CharField(max_length=100, default="", blank=True)
    channel = models.CharField(max_length=40, default="", blank=True)
    country = models.CharField(max_length=2, default="", blank=True)
    operator = models.CharField(max_length=100, default="", blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.sub_account} {self.channel} {self.country}"


class Volume(models.Model):
    """How many records of a combination are in a bucket of time."""

    pk = models.CompositePrimaryKey("grain", "bucket", "combination_id")
    grain = models.IntegerField(choices=Grain)
    bucket = models.IntegerField()  # where it begins, in minutes since 1970
    combination = models.ForeignKey(
        Combination, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.grain} {self.bucket} {self.combination_id} {self.count}"


class Rebuilding(models.Model):
    """How far counting everything again has come; there is one row."""

    id = models.IntegerField(primary_key=True, default=1)
    version = models.IntegerField()  # of the rules of counting
    day = models.IntegerField(null=True)  # the next to count, in minutes since 1970; null: finished

    def __str__(self) -> str:
        return f"{self.version} {self.day}"
