"""Who follows an inquiry; whoever began one does."""

import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def authors_follow(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let those who began the inquiries that there are follow them."""
    inquiries = apps.get_model("inquiries", "Inquiry").objects.values_list("pk", "created_by_id")
    follower = apps.get_model("inquiries", "Follower")
    follower.objects.bulk_create(
        follower(inquiry_id=number, person_id=person) for number, person in inquiries
    )


class Migration(migrations.Migration):
    dependencies = [
        ("inquiries", "0008_clocks_so_far"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Follower",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "inquiry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followed",
                        to="inquiries.inquiry",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="follower",
            constraint=models.UniqueConstraint(
                fields=("inquiry", "person"), name="inquiry_followed_once"
            ),
        ),
        migrations.RunPython(authors_follow, migrations.RunPython.noop, elidable=True),
    ]
