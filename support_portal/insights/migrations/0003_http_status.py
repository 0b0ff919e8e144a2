"""Errors are counted by their HTTP status as well; ``insights.catch_up`` counts them anew, day by day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("insights", "0002_incidents"),
    ]

    operations = [
        migrations.AddField(
            model_name="combination",
            name="http_status",
            field=models.IntegerField(null=True),
        ),
    ]
