"""Find the oldest happenings, which go by age, and errors by their group."""

from django.db import migrations, models

from support_portal.core.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds the indexes beside those who write

    dependencies = [
        ("events", "0006_receipts_by_week"),
    ]

    operations = [
        AddIndexInUse(
            model_name="errorevent",
            index=models.Index(
                fields=["group_id", "occurred_at", "error_id"], name="error_by_group"
            ),
        ),
        AddIndexInUse(
            model_name="happening",
            index=models.Index(fields=["occurred_at"], name="happening_by_time"),
        ),
    ]
