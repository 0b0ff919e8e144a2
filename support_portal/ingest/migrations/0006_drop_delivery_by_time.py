from django.db import migrations


class Migration(migrations.Migration):
    """Ids tell the time to the millisecond, so lists by time read the primary key."""

    dependencies = [("ingest", "0005_quarantine")]
    operations = [migrations.RemoveIndex(model_name="delivery", name="delivery_by_time")]
