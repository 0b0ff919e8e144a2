from django.db import migrations, models

from support_portal.core.migrating import AddIndexInUse


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("inquiries", "0005_start")]

    operations = [
        AddIndexInUse(
            model_name="evidence",
            index=models.Index(fields=["record_id"], name="evidence_by_record"),
        ),
    ]
