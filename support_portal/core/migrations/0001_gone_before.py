"""Remember what was removed by age."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="GoneBefore",
            fields=[
                (
                    "kind",
                    models.CharField(max_length=40, primary_key=True, serialize=False),
                ),
                ("moment", models.DateTimeField()),
            ],
        ),
    ]
