"""Groups of errors that are alike; errors of before are grouped when they are counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_usual_delays"),
    ]

    operations = [
        migrations.CreateModel(
            name="ErrorGroup",
            fields=[
                ("group_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("code", models.IntegerField()),
                ("endpoint", models.CharField(blank=True, default="", max_length=200)),
                ("wording", models.CharField(blank=True, default="", max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name="errorevent",
            name="group_id",
            field=models.BigIntegerField(default=0),
        ),
    ]
