from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Max, Sum

from support_portal.core.ids import made_at


def count_what_was_dropped(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Begin with what is known of the deliveries that are still kept."""
    dropped = apps.get_model("ingest", "IgnoredCount").objects
    rules = dropped.order_by().values("rule").annotate(items=Sum("total"), newest=Max("id"))
    for each in rules:
        last = made_at(dropped.get(id=each["newest"]).delivery_id)
        apps.get_model("ingest", "ArrivalCount").objects.create(
            measure="rule",
            source="",
            subject=each["rule"],
            slot=0,
            items=each["items"],
            last=int(last.timestamp()),
        )


def forget_what_was_dropped(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave nothing behind that would be counted a second time when this is run again."""
    apps.get_model("ingest", "ArrivalCount").objects.filter(measure="rule").delete()


class Migration(migrations.Migration):
    """What is dropped is counted by its rule, whatever delivery it came with."""

    dependencies = [("ingest", "0006_drop_delivery_by_time")]
    operations = [
        migrations.AlterField(
            model_name="arrivalcount",
            name="measure",
            field=models.CharField(
                choices=[
                    ("minute", "Minute"),
                    ("hour", "Hour"),
                    ("sender", "Sender"),
                    ("rule", "Rule"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunPython(count_what_was_dropped, forget_what_was_dropped),
    ]
