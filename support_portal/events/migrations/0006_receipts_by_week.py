"""Say of each message between which times its receipts lie, and part the receipts by week.

The rows are written once more, so large tables need their own size in free space and a while.
"""

from django.db import migrations, models
from django.db.models import F, Max, OuterRef, Subquery

from support_portal.core.migrating import PartByTime
from support_portal.core.partitions import Parted


def tell_last(apps, schema_editor):
    messages = apps.get_model("events", "Message")
    receipts = apps.get_model("events", "DeliveryReceipt")
    if schema_editor.connection.vendor == "postgresql":
        # One pass over the receipts, where the other form would look for those of each message.
        schema_editor.execute(
            "UPDATE events_message SET last_at = told.last_at FROM"
            " (SELECT umid, max(occurred_at) AS last_at FROM events_deliveryreceipt GROUP BY umid) told"
            " WHERE told.umid = events_message.umid"
        )
    else:
        of_one = receipts.objects.filter(umid=OuterRef("umid")).values("umid")
        last = of_one.annotate(last=Max("occurred_at")).values("last")
        messages.objects.update(last_at=Subquery(last))
    messages.objects.filter(last_at=None).update(last_at=F("state_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0005_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="last_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(tell_last, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="message",
            name="last_at",
            field=models.DateTimeField(),
        ),
        PartByTime(Parted("events_deliveryreceipt", "occurred_at", "events.record")),
    ]
