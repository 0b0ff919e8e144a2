"""Find the oldest happenings, which go by age."""

from django.db import migrations, models

from support_portal.core.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds the index beside those who write

    dependencies = [
        ("events", "0006_receipts_by_week"),
    ]

    operations = [
        AddIndexInUse(
            model_name="happening",
            index=models.Index(fields=["occurred_at"], name="happening_by_time"),
        ),
    ]
